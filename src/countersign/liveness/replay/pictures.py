"""Pictures as a sequence of codes: how the aligned face changes from moment to moment.

After Oostveen, Kalker and Haitsma ("Feature extraction and a database strategy for video fingerprinting", 2002): signs of
differences over place and time. What stays the same within a second is taken away first, and with it whose face it is, in what
light; what is left is how this face moved in this recording, and nobody moves like that twice. Aligning by landmarks undoes where
and how large the face was shown; the cosine transform's low end is what encoders and rescaling leave alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn

from countersign.core.arrays import Float32Array, Float64Array
from countersign.face.geometry import similarity, warp
from countersign.face.track import FaceTrack, Sighting
from countersign.liveness.replay.keyed import TokenKey

CODES_PER_S = 12.5
CODE_BITS = 63
WITHIN = 10
"""Pictures in a code: 0.8 s."""
RUN = 24
"""Codes compared at a time, at least: 1.9 s, so 2.6 s of pictures. In less, two smooth movements of one head are alike."""
RUN_SHARE = 0.75
"""And at least this share of the recording in question: one turn of the head, which is about half of a login, is much like the
next one of the same person."""

_SIDE = 48
_EYES_NOSE_MOUTH = _SIDE * np.array([(0.33, 0.38), (0.67, 0.38), (0.5, 0.58), (0.36, 0.78), (0.64, 0.78)])
_WAVES = 6
_WIDTH_S = 0.05
"""Of the bell that pictures are averaged with."""
_FARTHEST_S = 0.12
"""From a moment to the nearest picture; beyond, nothing is known of it."""
_STILL = 2.0
"""Root mean square of the change, in the transform's unit, below which a code would be noise."""
_LOOSE_BITS = 3
"""Of each part of a code those that were nearest to being the other way are tried both ways when searching."""
PARTS = 3
PART_BITS = CODE_BITS // PARTS


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureCodes:
    """Codes of one recording, `CODES_PER_S` a second, the first at its first sighting.

    Attributes:
        codes: `uint64[n]`, `CODE_BITS` of each are used.
        moving: `bool[n]`: whether the face was seen throughout and moved, so that the code means something.
        loose: `int64[n, PARTS, 3]`: in each part the bits nearest to being the other way, nearest first.
    """

    codes: NDArray[np.uint64]
    moving: NDArray[np.bool_]
    loose: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceWaves:
    """What a face looks like over time, roughly.

    Attributes:
        waves: `float64[n, 35]`, the low end of the cosine transform of each aligned face, without its mean.
        times_s: `float64[n]`, ascending.
    """

    waves: Float64Array
    times_s: Float64Array

    @classmethod
    def of(cls, track: FaceTrack) -> Self:
        """Those of a face that was followed."""
        faces = np.stack([_aligned(sighting) for sighting in track.sightings])
        waves = dctn(faces, axes=(1, 2), norm="ortho")[:, :_WAVES, :_WAVES]
        return cls(waves=np.asarray(waves.reshape(len(faces), -1)[:, 1:], np.float64), times_s=track.times_s)


def picture_codes(face: FaceWaves, key: TokenKey, *, late: float = 0.0) -> PictureCodes:
    """The codes of a face's movement.

    Args:
        face: at least one picture of it.
        key: gives the directions that are looked along, so that another key gives unrelated codes.
        late: how much later to begin, in steps from one code to the next.
    """
    times_s = face.times_s
    moments = np.arange(times_s[0] + late / CODES_PER_S, times_s[-1] + 1e-6, 1.0 / CODES_PER_S)
    apart = np.abs(moments[:, None] - times_s[None, :])
    if len(moments) < WITHIN:
        empty = np.zeros((0, PARTS, _LOOSE_BITS), np.int64)
        return PictureCodes(codes=np.zeros(0, np.uint64), moving=np.zeros(0, np.bool_), loose=empty)
    bell = np.exp(-0.5 * np.square(apart / _WIDTH_S)) + 1e-30
    series = (bell / bell.sum(axis=1, keepdims=True)) @ face.waves
    windows = np.lib.stride_tricks.sliding_window_view(series, WITHIN, axis=0)
    change = (windows - windows.mean(axis=2, keepdims=True)).reshape(len(windows), -1)
    seen = np.lib.stride_tricks.sliding_window_view(apart.min(axis=1) < _FARTHEST_S, WITHIN).all(axis=1)
    along = change @ key.signs(CODE_BITS, change.shape[1]).T
    bits = (along > 0).astype(np.uint64)
    loose = np.argsort(np.abs(along).reshape(len(along), PARTS, PART_BITS), axis=2)[:, :, :_LOOSE_BITS]
    return PictureCodes(
        codes=(bits << np.arange(CODE_BITS, dtype=np.uint64)).sum(axis=1, dtype=np.uint64),
        moving=seen & (np.sqrt(np.mean(np.square(change), axis=1)) > _STILL),
        loose=loose.astype(np.int64),
    )


def parts(found: PictureCodes, *, both_ways: bool) -> NDArray[np.int64]:
    """Landmarks to find a recording by: `int64[m]`, each a part of a code and which part it is.

    Args:
        found: the codes.
        both_ways: also with the loose bits turned, in all combinations: for searching.
    """
    codes = found.codes[found.moving].astype(np.int64)
    place = PART_BITS * np.arange(PARTS)
    whole = (codes[:, None] >> place) & ((1 << PART_BITS) - 1)
    variants = [whole]
    if both_ways:
        for bit in range(_LOOSE_BITS):
            turn = 1 << found.loose[found.moving][:, :, bit]
            variants += [variant ^ turn for variant in variants]
    return np.unique(np.concatenate([(each << 2 | np.arange(PARTS)).ravel() for each in variants]))


def least_difference(one: PictureCodes, codes: NDArray[np.uint64], moving: NDArray[np.bool_]) -> float | None:
    """Share of bits that differ where two recordings agree best for long enough; None where none can be compared.

    Args:
        one: codes of the recording in question.
        codes: of the other, as `PictureCodes.codes`.
        moving: of the other, as `PictureCodes.moving`.
    """
    run = max(RUN, min(round(RUN_SHARE * len(one.codes)), len(codes)))
    rows, columns = len(one.codes) - run + 1, len(codes) - run + 1
    if rows < 1 or columns < 1:
        return None
    both = (one.moving[:, None] & moving[None, :]).astype(np.int32)
    differ = np.bitwise_count(one.codes[:, None] ^ codes[None, :]).astype(np.int32) * both
    total, counted = np.zeros((rows, columns), np.int32), np.zeros((rows, columns), np.int32)
    for step in range(run):
        total += differ[step : step + rows, step : step + columns]
        counted += both[step : step + rows, step : step + columns]
    enough = counted >= 0.6 * run
    if not enough.any():
        return None
    return float(np.min(total[enough] / (CODE_BITS * counted[enough])))


def _aligned(sighting: Sighting) -> Float32Array:
    chip = warp(sighting.frame.image, similarity(sighting.surface.five, _EYES_NOSE_MOUTH), (_SIDE, _SIDE))
    return np.asarray(cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY), np.float32)
