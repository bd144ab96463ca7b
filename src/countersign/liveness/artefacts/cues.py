"""Patterns of screens, and edges of pictures: figures for the operator, no verdicts.

None of these decides anything: mains light bands a live picture as well, a checked shirt has a moire of its own, and a
door frame is as straight as a tablet. `docs/liveness.md` says what they came to on the sample data.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float64Array, UInt8Array
from countersign.face.detect import DetectedFace

_SIDE = 192
"""Pixels of the square that moire is looked for in: the face alone, not its background."""
_LOWEST, _HIGHEST = 0.12, 0.48
"""Cycles a pixel. Below lie the face's own features, above the camera's sampling."""
_AXIS = 3
"""Bins about the axes that are left out: blocks of a video codec lie there."""
_HEIGHT = 240
_BANDS = (2, 24)
"""Bands in the height of a picture."""
_LOOKED_FOR = 2.5
"""Sides of the face, from its centre, within which an edge is looked for."""


def moire_db(image: UInt8Array, face: DetectedFace) -> float:
    """How far the strongest regular pattern on the face stands out of the spectrum about it, decibels, mostly in [8, 30]."""
    size = max(8, round(face.side))
    left, top = round(face.centre[0] - size / 2), round(face.centre[1] - size / 2)
    cut = cv2.cvtColor(image[max(0, top) : top + size, max(0, left) : left + size], cv2.COLOR_RGB2GRAY)
    if min(cut.shape) >= _SIDE:  # never enlarged: that would make a pattern of its own
        cut = cut[(cut.shape[0] - _SIDE) // 2 :, (cut.shape[1] - _SIDE) // 2 :][:_SIDE, :_SIDE]
    pixels = cut.astype(np.float64) - cut.mean()
    window = np.outer(np.hanning(cut.shape[0]), np.hanning(cut.shape[1]))
    power = np.abs(np.fft.fft2(pixels * window)) ** 2 + 1e-6
    rows, columns = np.fft.fftfreq(cut.shape[0])[:, np.newaxis], np.fft.fftfreq(cut.shape[1])[np.newaxis]
    radius = np.hypot(rows, columns)
    off_axes = (np.abs(rows * cut.shape[0]) > _AXIS) & (np.abs(columns * cut.shape[1]) > _AXIS)
    ring = (radius * 2 * min(cut.shape) / 8).astype(np.int64)
    wanted = (radius >= _LOWEST) & (radius <= _HIGHEST) & off_axes
    if not wanted.any():
        return 0.0
    stands_out = np.zeros_like(power)
    for each in np.unique(ring[wanted]):
        here = wanted & (ring == each)
        stands_out[here] = power[here] / np.median(power[here])
    return float(10 * np.log10(max(stands_out.max(), 1.0)))


def banding_db(images: Sequence[UInt8Array]) -> float:
    """How far the strongest pattern of rows that changes between pictures stands out, decibels; 0 for fewer than two.

    A screen that is filmed shows bands that roll, because its rows are lit one after another and the camera's are read one
    after another.
    """
    if len(images) < 2:
        return 0.0
    rows = np.stack([_row_levels(image) for image in images])
    moved = np.diff(rows, axis=0)
    moved -= moved.mean(axis=1, keepdims=True)
    power = np.abs(np.fft.rfft(moved * np.hanning(_HEIGHT), axis=1)) ** 2
    power = power[:, _BANDS[0] : _BANDS[1]].mean(axis=0) + 1e-12
    return float(10 * np.log10(power.max() / np.median(power)))


def straight_sides(image: UInt8Array, face: DetectedFace) -> int:
    """On how many of its four sides a straight edge runs along the face, within 2.5 of its sides: 0 to 4."""
    scale = min(1.0, 320.0 / (2 * _LOOKED_FOR * face.side))
    grey = cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    side, (x, y) = face.side * scale, (value * scale for value in face.centre)
    lines = cv2.HoughLinesP(
        cv2.Canny(grey, 60, 160), 1, np.pi / 180, round(side / 2), minLineLength=side, maxLineGap=side / 12
    )
    if lines is None:
        return 0
    return len({_side_of(line, x, y, side) for line in lines.reshape(-1, 4).astype(np.float64)} - {None})


def _side_of(line: NDArray[np.float64], x: float, y: float, side: float) -> str | None:
    """Along which side of the face at (x, y) a line runs."""
    across, down = (line[0] + line[2]) / 2 - x, (line[1] + line[3]) / 2 - y
    wide, high = abs(line[2] - line[0]), abs(line[3] - line[1])
    away, aside = (abs(across), abs(down)) if high > wide else (abs(down), abs(across))
    if not 0.6 * side <= away <= _LOOKED_FOR * side or aside > side or min(wide, high) > 0.4 * max(wide, high):
        return None
    if high > wide:
        return "left" if across < 0 else "right"
    return "top" if down < 0 else "bottom"


def _row_levels(image: UInt8Array) -> Float64Array:
    """`float64[_HEIGHT]`: the logarithm of each row's mean."""
    small = cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (64, _HEIGHT), interpolation=cv2.INTER_AREA)
    levels: Float64Array = np.log(small.astype(np.float64).mean(axis=1) + 1.0)
    return levels
