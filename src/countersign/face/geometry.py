"""Similarity transforms between points, and pictures resampled through them."""

from __future__ import annotations

import math
from typing import cast

import cv2
import numpy as np

from countersign.core.arrays import Float32Array, Float64Array, UInt8Array


def similarity(source: Float32Array | Float64Array, target: Float32Array | Float64Array) -> Float64Array:
    """The rotation, scale and shift that takes `source` nearest to `target`, in the least squares sense.

    Args:
        source: `[n, 2]` columns and rows, at least two different points.
        target: `[n, 2]`, where they should come to lie.

    Returns:
        `float64[2, 3]` matrix, to be multiplied by (column, row, 1). It never mirrors (Umeyama, 1991, with reflections
        left out).
    """
    source_centre, target_centre = source.mean(axis=0), target.mean(axis=0)
    s, t = source - source_centre, target - target_centre
    spread = float((s * s).sum())
    along = float((s * t).sum()) / spread
    across = float((s[:, 0] * t[:, 1] - s[:, 1] * t[:, 0]).sum()) / spread
    turn = np.array([[along, -across], [across, along]], dtype=np.float64)
    return np.column_stack([turn, target_centre - turn @ source_centre])


def about(centre: tuple[float, float], *, angle_deg: float, scale: float, to: tuple[float, float]) -> Float64Array:
    """The matrix that turns by `angle_deg` (counter-clockwise as seen) and scales about `centre`, which lands at `to`."""
    cosine, sine = scale * math.cos(math.radians(angle_deg)), scale * math.sin(math.radians(angle_deg))
    x, y = centre
    across, down = to[0] - (cosine * x + sine * y), to[1] - (cosine * y - sine * x)
    return np.array([[cosine, sine, across], [-sine, cosine, down]], dtype=np.float64)


def inverse(matrix: Float64Array) -> Float64Array:
    """The `float64[2, 3]` matrix that undoes `matrix`."""
    (a, b, c), (d, e, f) = matrix.tolist()
    area = a * e - b * d  # written out: NumPy's general inverse takes longer than the rest of a small picture's warp
    if area == 0:
        raise np.linalg.LinAlgError("the matrix squashes the plane")
    back = [[e / area, -b / area, (b * f - c * e) / area], [-d / area, a / area, (c * d - a * f) / area]]
    return np.array(back, dtype=np.float64)


def scale_of(matrix: Float64Array) -> float:
    """How many target pixels one source pixel becomes."""
    return math.hypot(float(matrix[0, 0]), float(matrix[1, 0]))


def move(points: Float32Array | Float64Array, matrix: Float64Array) -> Float32Array:
    """`float32[n, 2]`: the points through the matrix."""
    return (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def warp(image: UInt8Array, matrix: Float64Array, size: tuple[int, int]) -> UInt8Array:
    """The picture through the matrix; black where there was none.

    Args:
        image: `uint8[height, width, 3]`.
        matrix: from the picture's pixels to the result's.
        size: width and height of the result.

    Returns:
        `uint8[size[1], size[0], 3]`. Where it shrinks by two or more it is averaged first, so that it does not alias.
    """
    step = int(1.0 / max(scale_of(matrix), 1e-6))
    if step < 2:
        return cast("UInt8Array", cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR))
    left, top, right, bottom = _seen(matrix, size, image.shape, step)
    if right - left < step or bottom - top < step:
        return np.zeros((size[1], size[0], 3), dtype=np.uint8)
    part = image[top:bottom, left:right]
    width, height = part.shape[1] // step, part.shape[0] // step
    small = cv2.resize(part[: height * step, : width * step], (width, height), interpolation=cv2.INTER_AREA)
    # The centre of small pixel (0, 0) is that of the first `step` pixels, not their corner.
    shift = (step - 1) / 2
    grown = np.array([[step, 0, left + shift], [0, step, top + shift], [0, 0, 1]], dtype=np.float64)
    return cast("UInt8Array", cv2.warpAffine(small, matrix @ grown, size, flags=cv2.INTER_LINEAR))


def _seen(
    matrix: Float64Array, size: tuple[int, int], shape: tuple[int, ...], margin: int
) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the part of the picture that the result shows, with a margin, inside the picture."""
    width, height = size
    corners = move(np.array([[0, 0], [width, 0], [0, height], [width, height]], dtype=np.float64), inverse(matrix))
    left, top = np.floor(corners.min(axis=0)).astype(int) - 2 * margin
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 2 * margin
    return max(int(left), 0), max(int(top), 0), min(int(right), shape[1]), min(int(bottom), shape[0])
