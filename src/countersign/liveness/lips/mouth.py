"""The shape of a mouth over time, from the landmarks of a face followed through every frame, and its contrast."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import cv2
import numpy as np

from countersign.core.arrays import Float64Array
from countersign.face.geometry import warp
from countersign.face.track import FaceTrack, Sighting

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
_INNER, _EDGES, _NOSTRILS, _CHIN = (78, 308), (0, 17), 2, 152
"""Inner corners; upper and lower edge of the lips; the middle between the last two is about the middle of the mouth."""
MEASURES = 5

_WIDTH, _HEIGHT, _EYES_APART = 64, 48, 53.0
"""Of the picture of a mouth, and of the eyes' distance in it, in pixels."""
_BLACK = 10.0
"""Grey level by which darkness is kept from making contrasts out of the sensor's noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mouth:
    """A mouth over time.

    Attributes:
        times_s: `float64[n]`, ascending, seconds on the recording's clock.
        shape: `float64[n, 5]`: gap between the lips, height of the lips, width, height of the jaw, all in parts of the
            mean of eye distance and nose length, so that neither distance nor (nearly) pose shows; and the contrast of
            lips, teeth and what is dark between them, in parts of the grey level around.
        poses_deg: `float64[n, 3]`: yaw, pitch, roll of the head.
    """

    times_s: Float64Array = field(repr=False)
    shape: Float64Array = field(repr=False)
    poses_deg: Float64Array = field(repr=False)

    @classmethod
    def of(cls, track: FaceTrack) -> Self:
        """From the frames in which the landmarks can be trusted; may be empty."""
        good = (track.presences >= HELD) & (np.abs(track.poses_deg[:, 0]) <= MOST_YAW_DEG)
        points = track.points[good].astype(np.float64)
        unit = (_apart(points, _EYES) + _apart(points, _NOSE)) / 2
        gap = np.mean([_apart(points, pair) for pair in _LIPS], axis=0)
        shape = np.stack([gap, *(_apart(points, pair) for pair in (_OUTER, _CORNERS, _JAW))], axis=1)
        looks = [_contrast(sighting) for sighting, trusted in zip(track.sightings, good, strict=True) if trusted]
        return cls(
            times_s=track.times_s[good],
            shape=np.column_stack([shape / np.maximum(unit, 1e-6)[:, None], looks]),
            poses_deg=track.poses_deg[good],
        )


def _apart(points: Float64Array, pair: tuple[int, int]) -> Float64Array:
    return np.asarray(np.linalg.norm(points[:, pair[0]] - points[:, pair[1]], axis=1), dtype=np.float64)


def _contrast(sighting: Sighting) -> float:
    """Deviation of the grey levels in the middle of the mouth, in parts of the median around it."""
    points = sighting.surface.points[:, :2].astype(np.float64)
    across = points[_EYES[1]] - points[_EYES[0]]
    apart = max(float(np.linalg.norm(across)), 1e-6)
    along, aside = across * _EYES_APART / apart**2
    turn = np.array([[along, aside], [-aside, along]])
    shift = np.array([_WIDTH, _HEIGHT]) / 2 - turn @ (points[_NOSTRILS] + points[_CHIN]) / 2
    picture = warp(sighting.frame.image, np.column_stack([turn, shift]), (_WIDTH, _HEIGHT))
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float64)
    (left, right), (top, bottom) = (points[list(pair)] @ turn.T + shift for pair in (_INNER, _EDGES))
    middle, half = (left[0] + right[0]) / 2, abs(right[0] - left[0]) / 4
    rows = slice(max(int(top[1]), 0), max(int(bottom[1]), 0) + 1)
    mouth = grey[rows, max(int(middle - half), 0) : max(int(middle + half), 0) + 1]
    return float(mouth.std() / (np.median(grey) + _BLACK)) if mouth.size else 0.0
