"""Argon2id, with parameters for a login server and a bound on how many hashes are computed at once."""

from __future__ import annotations

import os
import threading
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher

_AT_ONCE = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id with 64 MiB, two passes, one lane: above OWASP's minimum (19 MiB, two passes, one lane).

    Django's own parameters take 100 MiB and eight lanes for each guess, and put no bound on how many are computed at
    once: a flood of guesses would take all memory. Here the wait is for a place, so a flood only queues.
    """

    time_cost = 2
    memory_cost = 64 * 1024
    parallelism = 1

    def encode(self, *args: Any, **kwargs: Any) -> str:
        """Hash a new password."""
        with _AT_ONCE:
            return super().encode(*args, **kwargs)

    def verify(self, password: str, encoded: str) -> bool:
        """Compare with a hash, by the hash's own parameters."""
        with _AT_ONCE:
            return super().verify(password, encoded)
