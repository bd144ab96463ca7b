"""Fine regular patterns over face and background alike: the beat of a screen's grid of pixels with the camera's.

Where a screen is filmed, its rows and columns of lit points and the camera's own beat against each other (moire; Patel, Han
and Jain, 2016, "Secure face unlock"). Cloth, brick and blinds have patterns as well, but not the same one as the skin
beside them. So spectra are made of a square on the face and of squares beside it, each is taken relative to its own
surroundings in the spectrum, and the strongest line counts that stands out of both the face and two of its neighbours.

The same in the mean of all pictures, where what moves is blurred and what is fixed to screen and camera is not, is for the
operator: on the trials of ``scripts/fit_screen.py`` it added nothing to single pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from scipy.fft import rfft2

from countersign.core.arrays import Float32Array, UInt8Array

REVISION = "patterns-of-squares/2"
"""Changes with anything that changes a figure: calibrations belong to one revision."""
SIDE = 128
"""Pixels of a square. Pictures with a shorter side are not measured."""
LOWEST, HIGHEST = 0.09, 0.49
"""Cycles a pixel. Below lie the face's own features, above the camera's sampling."""
BEST = 3
"""Pictures of those looked at that count: a codec wipes a pattern out of some, and a screen in the hand slants in others."""
_AXIS = 2
"""Bins from the axes, from which on a line counts by itself: rows, columns and blocks of cameras and codecs lie on the axes."""
LEAST_UPRIGHT = 0.2
"""Cycles a pixel on the axes, from which on a line of rows and one of columns count together: a screen that stands upright."""
_BLOCK = 16
"""Bins between the harmonics of blocks of eight pixels, left out as well."""
_AROUND = 11
"""Bins of the surroundings that a line must stand out of: the mean of their decibels, which one line hardly lifts."""
_COARSE = 9
"""Pixels over which the picture is smooth enough to be taken away beforehand."""
_NOTHING_DB = np.float32(-20.0)
_MOST_DB = 20.0
"""Counted of any one square, so that none outvotes the others."""
_NEIGHBOURS = 3
_OVERLAP = 0.35
"""Share of a neighbour that may lie on the face's square."""

_Lines: TypeAlias = tuple[Float32Array, Float32Array, Float32Array]
"""Of one square: aslant, across, down; `float32[n]` each, by frequency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """How far the strongest line stands out of its surroundings, decibels; noise alone has 9 to 11.

    Attributes:
        single: in single pictures, face and background together, the mean of the `BEST`.
        fixed: in the mean of all pictures, face and background together.
        on_face: in single pictures, on the face alone, the mean of all.
    """

    single: float
    fixed: float
    on_face: float


def patterns(images: Sequence[UInt8Array], centres: Sequence[tuple[float, float]], side: float) -> Patterns | None:
    """Measure pictures of one recording; None where they are too small for a face and two neighbours.

    Args:
        images: `uint8[height, width, 3]`, RGB, of one size, at least one, evenly in time.
        centres: column and row of the face in each, pixels.
        side: of the face, pixels.
    """
    height, width = images[0].shape[:2]
    if min(height, width) < SIDE:
        return None
    middle = np.median(np.array(centres), axis=0)
    usual = squares(width, height, (float(middle[0]), float(middle[1])), side)
    if len(usual) < 3:
        return None
    means = (np.stack([_grey(image, place) for image in images]).mean(axis=0) for place in usual)
    fixed = _strongest([_standing_out(np.asarray(square, np.float32)) for square in means])
    each = []
    for image, centre in zip(images, centres, strict=True):
        places = squares(width, height, centre, side)
        lines = [_standing_out(_grey(image, place)) for place in places]
        each.append((_strongest(lines), float(lines[0][0].max())))
    both, on_face = np.array(each).T
    return Patterns(single=float(np.sort(both)[-BEST:].mean()), fixed=fixed, on_face=float(on_face.mean()))


def squares(width: int, height: int, centre: tuple[float, float], side: float) -> list[tuple[int, int]]:
    """Left and top of the face's square, then of those beside and above it that the picture has room for."""
    left = int(np.clip(centre[0] - SIDE / 2, 0, width - SIDE))
    top = int(np.clip(centre[1] - SIDE / 2, 0, height - SIDE))
    far = max(SIDE, round((side + SIDE) / 2))
    before, after = max(0, left - far), min(width - SIDE, left + far)
    over, under = max(0, top - far), min(height - SIDE, top + far)
    around = ((before, top), (after, top), (before, over), (after, over), (left, over), (left, under))
    room = [(left, top)]
    for place in around:
        if all(_overlap(place, other) <= _OVERLAP for other in room) and len(room) <= _NEIGHBOURS:
            room.append(place)
    return room


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Share of a square that lies on another."""
    across, down = (max(0, SIDE - abs(a - b)) for a, b in zip(one, other, strict=True))
    return across * down / SIDE**2


def _grey(image: UInt8Array, place: tuple[int, int]) -> Float32Array:
    left, top = place
    cut = cv2.cvtColor(image[top : top + SIDE, left : left + SIDE], cv2.COLOR_RGB2GRAY)
    return np.asarray(cut, np.float32)


def _standing_out(square: Float32Array) -> _Lines:
    """Decibels of each frequency, or one beside it, above the mean about it."""
    fine = square - cv2.blur(square, (_COARSE, _COARSE))
    power = np.abs(rfft2(fine * _WINDOW)) ** 2
    decibels = np.fft.fftshift(10 * np.log10(power + 1.0), axes=0)
    above = decibels - cv2.blur(decibels, (_AROUND, _AROUND))
    # What does not count must not spread to what does.
    slanted = cv2.dilate(np.where(_WANTED, above, _NOTHING_DB), np.ones((3, 3), np.uint8))
    middle = SIDE // 2
    columns = above[middle - 1 : middle + 2, _UPRIGHT].max(axis=0)
    rows = np.maximum(above[middle + _UPRIGHT, :2], above[middle - _UPRIGHT, :2]).max(axis=1)
    return slanted[_WANTED], columns, rows


def _strongest(lines: Sequence[_Lines]) -> float:
    """Of `lines` of the face and its neighbours: a line aslant, or one of rows together with one of columns."""
    slanted, columns, rows = (_shared(each) for each in zip(*lines, strict=True))
    return max(slanted, min(columns, rows))


def _shared(squares: Sequence[Float32Array]) -> float:
    """What the face and the two neighbours that have most share, at the best frequency."""
    face, *neighbours = (np.minimum(each, _MOST_DB) for each in squares)
    two = sum(neighbours[1:], neighbours[0])
    if len(neighbours) > 2:
        two = two - np.minimum.reduce(neighbours)
    return float(np.minimum(face, two / 2).max())


def _wanted() -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """`bool[SIDE, SIDE / 2 + 1]`: the frequencies that are looked at."""
    rows, columns = np.abs(np.arange(SIDE) - SIDE // 2)[:, np.newaxis], np.arange(SIDE // 2 + 1)[np.newaxis]
    radius = np.hypot(rows, columns) / SIDE
    harmonic = [np.abs((bins + _BLOCK // 2) % _BLOCK - _BLOCK // 2) <= 1 for bins in (rows, columns)]
    off_axes = (rows >= _AXIS) & (columns >= _AXIS)
    return (radius >= LOWEST) & (radius <= HIGHEST) & off_axes & ~(harmonic[0] & harmonic[1])


_WANTED = _wanted()
_BINS = np.arange(round(LEAST_UPRIGHT * SIDE), round(HIGHEST * SIDE))
_UPRIGHT = _BINS[np.abs((_BINS + _BLOCK // 2) % _BLOCK - _BLOCK // 2) > 1]
_WINDOW: Float32Array = np.outer(np.hanning(SIDE), np.hanning(SIDE)).astype(np.float32)
