"""What a mouth looks like over time, by the half of Light-ASD that looks (Liao et al., CVPR 2023; pack `plus`)."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from countersign.core.arrays import Float32Array, Float64Array
from countersign.face.geometry import warp
from countersign.face.track import FaceTrack, Sighting
from countersign.liveness.lips.agreement import Pictures
from countersign.models.runtime import Model

SIDE = 112
FPS = 25.0
"""As the model was trained."""
MOST = 75
"""Pictures: each takes some 5 ms."""
WIDTH, LOWER = 0.7, 0.2
"""Side of the crop, and how far its middle is below the face's, in sides of the face: the upstream's crop of a crop."""
STEADY_S = 0.4
"""The crop follows the head, not every tremor of the landmarks."""


def appearance(model: Model, track: FaceTrack, *, from_s: float, to_s: float) -> Pictures:
    """What the mouth looks like between two times, and around them as far as `MOST` pictures go.

    Returns:
        `measures` are `float64[n, 128]`; none where the face was not seen.
    """
    times = track.times_s
    middle, most = (from_s + to_s) / 2, MOST / FPS
    inside = np.flatnonzero(np.abs(times - middle) <= most / 2)
    if len(inside) < 2:
        return Pictures(times_s=np.zeros(0), measures=np.zeros((0, 128)))
    grid = np.arange(times[inside[0]], times[inside[-1]] + 1e-6, 1 / FPS)[:MOST]
    nearest = inside[np.abs(times[inside][None] - grid[:, None]).argmin(axis=1)]
    shown = {int(index): at for at, index in enumerate(np.unique(nearest))}
    crops = _crops([track.sightings[index] for index in shown])
    (seen,) = model(crops[[shown[int(index)] for index in nearest]][None])
    return Pictures(times_s=grid, measures=seen[0].astype(np.float64))


def _crops(sightings: Sequence[Sighting]) -> Float32Array:
    """`float32[n, 112, 112]`, grey, in [0, 255]."""
    boxes = _boxes(sightings)
    crops = []
    for sighting, (column, row, side) in zip(sightings, boxes, strict=True):
        scale = SIDE / (WIDTH * side)
        matrix = np.array(
            [[scale, 0, SIDE / 2 - scale * column], [0, scale, SIDE / 2 - scale * (row + LOWER * side)]], np.float64
        )
        crops.append(cv2.cvtColor(warp(sighting.frame.image, matrix, (SIDE, SIDE)), cv2.COLOR_RGB2GRAY))
    return np.stack(crops).astype(np.float32)


def _boxes(sightings: Sequence[Sighting]) -> Float64Array:
    """`float64[n, 3]`: column and row of the face's middle and its side, steadied."""
    boxes = []
    for sighting in sightings:
        low, high = sighting.surface.points[:, :2].min(axis=0), sighting.surface.points[:, :2].max(axis=0)
        boxes.append([*((low + high) / 2), max(float((high - low).max()), 1.0)])
    values, times = np.array(boxes, np.float64), np.array([sighting.frame.time_s for sighting in sightings])
    weights = np.abs(times[:, None] - times[None]) <= STEADY_S / 2
    return np.asarray((weights / weights.sum(axis=1, keepdims=True)) @ values, np.float64)
