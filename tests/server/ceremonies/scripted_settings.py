"""The real settings, with the scripted engine: for server processes."""

from countersign.server.project.settings import *  # noqa: F403

ENGINE_ROOM = "tests.server.ceremonies.scripted.room"
