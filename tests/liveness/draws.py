"""Draws that are the same in every run: what a test finds does not depend on chance."""

from __future__ import annotations

from random import Random


class SameDraws:
    """A random source as `challenge.RandomSource`, and nothing to keep a secret with."""

    def __init__(self, seed: int = 0) -> None:
        self._random = Random(seed)  # noqa: S311 - for tests

    def randbelow(self, exclusive_upper_bound: int, /) -> int:
        """As drawn before from the same seed."""
        return self._random.randrange(exclusive_upper_bound)

    def token_bytes(self, nbytes: int, /) -> bytes:
        """The same."""
        return self._random.randbytes(nbytes)
