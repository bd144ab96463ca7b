"""Where the head points over time, cleaned of what a face track cannot know."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float64Array
from countersign.face.track import FaceTrack
from countersign.voice.segments import SpeechActivity

HELD = 0.5
"""Presence from which FaceMesh's angles count; beyond some 50 degrees of yaw there are only a detector's five points."""
SMOOTHING_S = 0.06
"""Standard deviation of the smoothing; a quick turn of the head takes half a second."""
PAUSE_S = 1.0
"""Pauses within the words are shorter than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadPath:
    """The head's angles in the frames in which they can be trusted.

    Attributes:
        times_s: `float64[n]`, ascending.
        angles_deg: `float64[n, 3]`: yaw, pitch, roll, smoothed.
        steps_deg: `float64[n, 3]`: the same as seen, but for single outliers: smoothing would slow a jump down.
    """

    times_s: Float64Array = field(repr=False)
    angles_deg: Float64Array = field(repr=False)
    steps_deg: Float64Array = field(repr=False)

    @classmethod
    def of(cls, track: FaceTrack) -> Self:
        """From a face followed through every frame. May be empty."""
        return cls.measured(track.times_s, track.poses_deg, track.presences)

    @classmethod
    def measured(cls, times_s: Float64Array, poses_deg: Float64Array, presences: Float64Array) -> Self:
        """As `FaceTrack` has them: `float64[n]`, `float64[n, 3]`, `float64[n]`."""
        held = presences >= HELD
        times, steps = times_s[held], without_outliers(poses_deg[held])
        return cls(times_s=times, angles_deg=smoothed(times, steps), steps_deg=steps)

    @property
    def yaw_deg(self) -> Float64Array:
        """`float64[n]`."""
        return self.angles_deg[:, 0]

    def within(self, from_s: float, to_s: float) -> HeadPath:
        """What lies between two times."""
        inside = (self.times_s >= from_s) & (self.times_s <= to_s)
        return HeadPath(
            times_s=self.times_s[inside], angles_deg=self.angles_deg[inside], steps_deg=self.steps_deg[inside]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time, seconds on the recording's clock."""

    start_s: float
    end_s: float


def spoken(activity: SpeechActivity) -> Span | None:
    """When the words were said: the stretch with most speech in it, pauses included; None if nobody spoke."""
    stretches: list[list[Span]] = []
    for segment in activity.segments():
        if not stretches or segment.start_s - stretches[-1][-1].end_s > PAUSE_S:
            stretches.append([])
        stretches[-1].append(Span(start_s=segment.start_s, end_s=segment.end_s))
    if not stretches:
        return None
    longest = max(stretches, key=lambda spans: sum(span.end_s - span.start_s for span in spans))
    return Span(start_s=longest[0].start_s, end_s=longest[-1].end_s)


def without_outliers(values: Float64Array) -> Float64Array:
    """`float64[n, ...]`: each value the median of itself and its two neighbours in time."""
    if len(values) < 3:
        return values
    padded = np.concatenate([values[:1], values, values[-1:]])
    return np.asarray(np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0), dtype=np.float64)


def smoothed(times_s: Float64Array, values: Float64Array, *, deviation_s: float = SMOOTHING_S) -> Float64Array:
    """Local averages in time, whatever the frame rate.

    Args:
        times_s: `float64[n]`, ascending.
        values: `float64[n]` or `float64[n, k]`.
        deviation_s: of the Gaussian window.
    """
    weights = np.exp(-0.5 * ((times_s[:, None] - times_s[None]) / deviation_s) ** 2)
    return np.asarray((weights / weights.sum(axis=1, keepdims=True)) @ values, dtype=np.float64)


def longest_gap(times_s: Float64Array, busy: NDArray[np.bool_]) -> float:
    """Seconds of the longest time without a frame, next to frames that are `busy`; 0 with fewer than two frames."""
    if len(times_s) < 2:
        return 0.0
    steps = np.diff(times_s)
    return float(np.where(busy[1:] | busy[:-1], steps, 0.0).max())
