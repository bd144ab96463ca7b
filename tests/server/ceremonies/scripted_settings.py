"""The real settings, with the scripted engine: for server processes."""

import os

from countersign.server.project.settings import *  # noqa: F403

ENGINE_ROOM = os.environ.get("SCRIPTED_ENGINE_ROOM", "tests.server.ceremonies.scripted.room")
