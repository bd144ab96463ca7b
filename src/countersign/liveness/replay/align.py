"""How much of two recordings agrees, once one is moved in time to where it agrees most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_WIDTH = 3
"""Neighbouring shifts counted together: cutting a sound moves its frames by half, and a wrong speed drifts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """The best alignment.

    Attributes:
        count: how many tokens agree at it.
        shift: ticks by which the second recording is later than the first.
    """

    count: int
    shift: int


def align(
    tokens: NDArray[np.int64], ticks: NDArray[np.int64], others: NDArray[np.int64], other_ticks: NDArray[np.int64]
) -> Aligned:
    """Align two recordings by their tokens.

    Args:
        tokens: `int64[n]`, of the first recording.
        ticks: `int64[n]`, when each begins.
        others: `int64[m]`, of the second recording, ascending.
        other_ticks: `int64[m]`.
    """
    first, last = np.searchsorted(others, tokens, "left"), np.searchsorted(others, tokens, "right")
    matches = last - first
    total = int(matches.sum())
    if not total:
        return Aligned(count=0, shift=0)
    mine = np.repeat(np.arange(len(tokens)), matches)
    theirs = np.arange(total) - np.repeat(np.cumsum(matches) - matches, matches) + np.repeat(first, matches)
    shifts = other_ticks[theirs] - ticks[mine]
    low = int(shifts.min())
    counts = np.convolve(np.bincount(shifts - low), np.ones(_WIDTH, np.int64))
    best = int(counts.argmax())
    return Aligned(count=int(counts[best]), shift=best + low - _WIDTH // 2)
