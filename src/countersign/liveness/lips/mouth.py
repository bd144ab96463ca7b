"""The shape of a mouth over time, from the landmarks of a face followed through every frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from countersign.core.arrays import Float64Array
from countersign.face.track import FaceTrack

HELD = 0.5
"""Presence from which landmarks count."""
MOST_YAW_DEG = 40.0
"""Beyond, the far half of the mouth is guessed."""

_LIPS = ((13, 14), (82, 87), (312, 317), (81, 178), (311, 402))
"""FaceMesh: points across the gap between the lips."""
_OUTER, _CORNERS, _JAW = (0, 17), (61, 291), (2, 152)
"""Upper to lower edge of the lips; corner to corner; below the nose to the chin."""
_EYES, _NOSE = (33, 263), (168, 2)
"""Outer corners of the eyes, and root to base of the nose: what a face that speaks does not move."""
MEASURES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Mouth:
    """A mouth over time.

    Attributes:
        times_s: `float64[n]`, ascending, seconds on the recording's clock.
        shape: `float64[n, 4]`: gap between the lips, height of the lips, width, height of the jaw; all in parts of the
            mean of eye distance and nose length, so that neither distance nor (nearly) pose shows.
    """

    times_s: Float64Array = field(repr=False)
    shape: Float64Array = field(repr=False)

    @classmethod
    def of(cls, track: FaceTrack) -> Self:
        """From the frames in which the landmarks can be trusted; may be empty."""
        good = (track.presences >= HELD) & (np.abs(track.poses_deg[:, 0]) <= MOST_YAW_DEG)
        points = track.points[good].astype(np.float64)
        unit = (_apart(points, _EYES) + _apart(points, _NOSE)) / 2
        gap = np.mean([_apart(points, pair) for pair in _LIPS], axis=0)
        shape = np.stack([gap, *(_apart(points, pair) for pair in (_OUTER, _CORNERS, _JAW))], axis=1)
        return cls(times_s=track.times_s[good], shape=shape / np.maximum(unit, 1e-6)[:, None])


def _apart(points: Float64Array, pair: tuple[int, int]) -> Float64Array:
    return np.asarray(np.linalg.norm(points[:, pair[0]] - points[:, pair[1]], axis=1), dtype=np.float64)
