"""Settings of a server with the real API and, but for the words read at enrolment, the real engine."""

from countersign.server.project.settings import *  # noqa: F403

PASSWORD_HASHERS = ["tests.server.cheap_hashes.CheapArgon2Hasher"]
ENGINE_ROOM = "tests.browser.real_room.room"
