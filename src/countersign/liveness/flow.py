"""Image features followed over the turn: what the pixels themselves say about depth.

FaceMesh knows what faces look like, and makes up some depth where a picture has none. Corners of the skin's own pattern know
nothing of faces (Shi and Tomasi, "Good features to track", 1994; Lucas and Kanade, 1981, in pyramids: Bouguet, 2000); they
get lost sooner, though. They are followed in crops held still by the landmarks, from where the head faces the camera
between its two furthest turns, to either side. ``docs/liveness.md`` says how the two compare.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import LinearNDInterpolator

from countersign.core.arrays import Float32Array, Float64Array, UInt8Array
from countersign.face.geometry import similarity, warp
from countersign.face.track import Sighting
from countersign.liveness.head_path import HELD, without_outliers

SIDE: Final = 160
"""Pixels of a crop, forehead to nose: more cost time, and web cameras have no more to give."""
MARGIN: Final = 1.5
"""Size of a crop, in sizes of the points that hold it still."""
FEATURES: Final = 100
FEWEST: Final = 30
"""Corners, in a frame and to begin with."""
MOST_FRAMES: Final = 40
WINDOW: Final = (15, 15)
ROUNDS: Final = 3
ASTRAY: Final = 0.7
"""Pixels by which a corner that is followed there and back may miss where it came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTracks:
    """Corners over time.

    Attributes:
        places: `float32[n, 2]`, where each was in the reference crop, pixels of the crop.
        depths: `float32[n]`, of the face there, in the same pixels.
        seen: `float32[f, n, 2]`, where each was found; not a number where it was lost.
        frames: `int64[f]`, indices of the sightings.
    """

    places: Float32Array = field(repr=False)
    depths: Float32Array = field(repr=False)
    seen: Float32Array = field(repr=False)
    frames: NDArray[np.int64] = field(repr=False)


def follow_corners(sightings: tuple[Sighting, ...], rigid: tuple[int, ...]) -> FlowTracks | None:
    """Follow corners from one furthest turn to the other; None where there are too few of them.

    Args:
        sightings: of a dense track.
        rigid: FaceMesh's points that hold the crops still, and among which corners are looked for.
    """
    frames, reference = _between_extremes(sightings)
    if len(frames) < 3:
        return None
    points = {index: sightings[index].surface.points[list(rigid)] for index in frames}
    target, scale = _target(points[reference])
    crops = {index: _crop(sightings[index].frame.image, points[index], target) for index in frames}
    corners = _corners(crops[reference], target)
    if corners is None:
        return None
    depth = LinearNDInterpolator(target, points[reference][:, 2] * scale)(corners[:, 0])
    corners = corners[np.isfinite(depth)]
    if len(corners) < FEWEST:
        return None
    seen = np.full((len(frames), len(corners), 2), np.nan, dtype=np.float32)
    start = frames.index(reference)
    seen[start] = corners[:, 0]
    for way in (range(start + 1, len(frames)), range(start - 1, -1, -1)):
        _follow([crops[frames[start]], *(crops[frames[index]] for index in way)], corners, seen, way)
    return FlowTracks(
        places=corners[:, 0], depths=depth[np.isfinite(depth)].astype(np.float32), seen=seen, frames=np.array(frames)
    )


def _between_extremes(sightings: tuple[Sighting, ...]) -> tuple[list[int], int]:
    """Indices from the one furthest turn to the other, not too many, and the one among them that faces the camera."""
    held = np.flatnonzero([sighting.surface.presence >= HELD for sighting in sightings])
    if len(held) < 3:
        return [], 0
    yaw = without_outliers(np.array([sightings[index].pose.yaw for index in held]))
    low, high = sorted((int(np.argmin(yaw)), int(np.argmax(yaw))))
    facing = low + int(np.argmin(np.abs(yaw[low : high + 1] - np.median(yaw))))
    step = max(1, -(-(high - low + 1) // MOST_FRAMES))
    kept = sorted({*range(facing, low - 1, -step), *range(facing, high + 1, step)})
    return [int(held[index]) for index in kept], int(held[facing])


def _target(points: Float32Array) -> tuple[Float64Array, float]:
    """Where the points of the reference come to lie in the crop, and pixels of the crop for one of the picture."""
    flat = points[:, :2].astype(np.float64)
    middle = (flat.min(axis=0) + flat.max(axis=0)) / 2
    scale = SIDE / (MARGIN * float(np.ptp(flat, axis=0).max()))
    return (flat - middle) * scale + SIDE / 2, scale


def _crop(image: UInt8Array, points: Float32Array, target: Float64Array) -> UInt8Array:
    crop = warp(image, similarity(points[:, :2].astype(np.float64), target), (SIDE, SIDE))
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _corners(crop: UInt8Array, target: Float64Array) -> Float32Array | None:
    mask = np.zeros_like(crop)
    cv2.fillConvexPoly(mask, np.rint(cv2.convexHull(target.astype(np.float32))).astype(np.int32), 255)
    corners = cv2.goodFeaturesToTrack(crop, FEATURES, 0.005, 4.0, mask=mask)
    return None if corners is None or len(corners) < FEWEST else np.asarray(corners, dtype=np.float32)


def _follow(crops: list[UInt8Array], corners: Float32Array, seen: Float32Array, way: range) -> None:
    """Fill `seen` along one way; a corner that is lost stays lost."""
    here, alive = corners, np.ones(len(corners), dtype=np.bool_)
    for before, after, index in zip(crops, crops[1:], way, strict=False):
        there, found, _ = cv2.calcOpticalFlowPyrLK(before, after, here, here.copy(), winSize=WINDOW, maxLevel=2)
        back, again, _ = cv2.calcOpticalFlowPyrLK(after, before, there, here.copy(), winSize=WINDOW, maxLevel=2)
        missed = np.linalg.norm((back - here)[:, 0], axis=1)
        alive &= (found[:, 0] > 0) & (again[:, 0] > 0) & (missed < ASTRAY)
        seen[index, alive] = there[alive, 0]
        here = np.asarray(there, dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowParallax:
    """What the corners say, held against what the landmarks say in the same frames.

    Attributes:
        parallax: range of the corners' movement with depth, as `Solidity.parallax`, as far as it goes along with that of
            the landmarks; negative where it goes against it.
        noise: standard error of one frame's.
        agreement: of the landmarks' parallax, how much the corners have; 1 where both say the same.
        corners: in the median frame.
        frames: measured.
    """

    parallax: float
    noise: float
    agreement: float
    corners: int
    frames: int


def flow_parallax(tracks: FlowTracks, rigid_points: Float32Array) -> FlowParallax | None:
    """Measure.

    Args:
        tracks: the corners.
        rigid_points: `float32[f, k, 3]`, the landmarks that hold the crops still, in the frames of `tracks`.

    Returns:
        None where so many corners were lost that less than half of the landmarks' parallax is covered.
    """
    unit = SIDE / 4
    seen, places, depths = tracks.seen / unit, tracks.places / unit, tracks.depths / unit
    corners = [_along_depth(frame, places, depths) for frame in seen]
    reference = int(np.argmax(np.isfinite(seen[:, :, 0]).sum(axis=1) - np.nansum(np.abs(seen - places), axis=(1, 2))))
    face = rigid_points[reference]
    scale = float(np.ptp(face[:, :2], axis=0).max()) / 2
    flat = (face[:, :2] - face[:, :2].mean(axis=0)) / scale
    marks = [_along_depth(frame[:, :2] / scale, flat, face[:, 2] / scale) for frame in rigid_points]
    both = [(c, m) for c, m in zip(corners, marks, strict=True) if c is not None and m is not None]
    whole = np.ptp([m.movement for m in marks if m is not None])
    if len(both) < 3 or np.ptp([m.movement for _, m in both]) < 0.5 * whole:
        return None
    of_corners, of_marks = np.array([c.movement for c, _ in both]), np.array([m.movement for _, m in both])
    agreement = float(of_corners @ of_marks / max(float(of_marks @ of_marks), 1e-9))
    return FlowParallax(
        parallax=agreement * float(np.ptp(of_marks)),
        noise=float(np.median([c.error for c, _ in both])),
        agreement=agreement,
        corners=int(np.median(np.isfinite(seen[:, :, 0]).sum(axis=1))),
        frames=len(both),
    )


@dataclass(frozen=True, slots=True)
class _Movement:
    movement: float
    error: float


def _along_depth(seen: Float32Array, places: Float32Array, depths: Float32Array) -> _Movement | None:
    """How far points have moved with their depth across the face, beyond what a sheet allows, and its standard error.

    Robustly: a corner on a highlight goes its own way (iteratively reweighted least squares with Cauchy's weights).
    """
    there = np.isfinite(seen[:, 0])
    if int(there.sum()) < FEWEST - 5:
        return None
    x, y = places[there].astype(np.float64).T
    sheet = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    full = np.column_stack([sheet, depths[there]])
    target = seen[there].astype(np.float64)
    fitted, missed = _fitted(full, target, np.ones(len(target)))
    for _ in range(ROUNDS):
        typical = float(np.median(missed)) + 1e-6
        fitted, missed = _fitted(full, target, 1.0 / (1.0 + (missed / (2.0 * typical)) ** 2))
    down = fitted[2]
    height = float(np.linalg.norm(down))
    own = depths[there] - sheet @ np.linalg.lstsq(sheet, depths[there], rcond=None)[0]
    level = np.array([down[1], -down[0]]) / height
    # The median length of a two-dimensional error is 1.18 standard deviations.
    error = float(np.median(missed)) / 1.18 / float(np.linalg.norm(own)) / height
    return _Movement(movement=float(fitted[6] @ level) / height, error=error)


def _fitted(full: Float64Array, target: Float64Array, weights: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Weighted least squares: coefficients, and the lengths of what is left."""
    weighted = full * weights[:, None]
    found = np.linalg.solve(full.T @ weighted + 1e-9 * np.eye(full.shape[1]), weighted.T @ target)
    return np.asarray(found, dtype=np.float64), np.hypot(*(target - full @ found).T)
