"""Which pictures of a video are kept: about so many a second, evenly in time, whatever the frame rate does."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from countersign.core.arrays import Float64Array

_ROUNDING_S = 1e-6


class FrameChooser:
    """Says of each picture, in order of time, whether to keep it: the first at or after each of evenly spaced times.

    Args:
        targets_s: seconds, ascending.
    """

    def __init__(self, targets_s: Sequence[float] | Float64Array) -> None:
        self._targets = [float(target) for target in targets_s]
        self._next = 0

    def wants(self, time_s: float) -> bool:
        """Whether to keep the picture shown at that time. To be asked once for each picture, in order."""
        if self._next >= len(self._targets) or time_s < self._targets[self._next] - _ROUNDING_S:
            return False
        while self._next < len(self._targets) and time_s >= self._targets[self._next] - _ROUNDING_S:
            self._next += 1
        return True


def target_times(times_s: Float64Array, *, end_s: float, per_second: float, at_most: int) -> Float64Array:
    """Times to choose pictures at.

    Args:
        times_s: `float64[n]`, when each picture is shown, ascending, at least one.
        end_s: when the last picture's showing ends.
        per_second: how many to keep.
        at_most: and never more than these.

    Returns:
        `float64[m]`, ascending; all of `times_s` where there are no more than wanted.
    """
    length_s = max(end_s - float(times_s[0]), 0.0)
    wanted = max(1, min(at_most, math.ceil(length_s * per_second - _ROUNDING_S)))
    if len(times_s) <= wanted:
        return times_s
    return float(times_s[0]) + length_s / wanted * np.arange(wanted, dtype=np.float64)
