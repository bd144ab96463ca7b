"""Sound and pictures cut up and put together anew."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from countersign.core.arrays import Float32Array, UInt8Array
from countersign.core.samples import SAMPLE_RATE_HZ
from countersign.face.geometry import similarity
from countersign.face.landmarks import Landmarks

PARTS = 5
_STEP = SAMPLE_RATE_HZ // 50
_FADE = SAMPLE_RATE_HZ // 100


def parts_of(sound: Float32Array, *, count: int = PARTS) -> list[Float32Array]:
    """What is spoken, cut about evenly at its quietest moments: about words. Empty where nothing is said."""
    steps = len(sound) // _STEP
    if steps < 4 * count:
        return []
    level = np.sqrt(np.mean(sound[: steps * _STEP].reshape(steps, _STEP) ** 2, axis=1))
    loud = np.flatnonzero(level > 0.1 * float(np.quantile(level, 0.95)))
    if len(loud) < 4 * count:
        return []
    first, last = int(loud[0]), int(loud[-1]) + 1
    width = (last - first) / count
    edges = [first]
    for cut in range(1, count):
        middle = first + cut * width
        low, high = int(middle - 0.4 * width), int(middle + 0.4 * width) + 1
        edges.append(low + int(np.argmin(level[low:high])))
    edges.append(last)
    return [_faded(sound[a * _STEP : b * _STEP]) for a, b in pairwise(edges) if b > a]


def shuffled(sound: Float32Array, random: np.random.Generator) -> Float32Array | None:
    """The parts in another order; None where there are none."""
    parts = parts_of(sound)
    if len(parts) < 3:
        return None
    order = random.permutation(len(parts))
    while np.array_equal(order, np.arange(len(parts))):
        order = random.permutation(len(parts))
    return np.concatenate([np.zeros(SAMPLE_RATE_HZ // 5, np.float32), *(parts[index] for index in order)])


def spliced(sounds: Sequence[Float32Array], count: int, random: np.random.Generator) -> Float32Array | None:
    """`count` samples of parts of different sounds in turn; None where there are fewer than two sounds."""
    cut = [parts for parts in (parts_of(sound) for sound in sounds) if parts]
    if len(cut) < 2:
        return None
    chosen, length = [np.zeros(SAMPLE_RATE_HZ // 5, np.float32)], 0
    for index in range(4 * PARTS):
        parts = cut[index % len(cut)]
        chosen.append(parts[int(random.integers(len(parts)))])
        length += len(chosen[-1])
        if length >= count:
            break
    return np.concatenate(chosen)


def pasted_face(pictures: Sequence[UInt8Array], surfaces: Sequence[Landmarks | None]) -> list[UInt8Array]:
    """Every picture with the face of the first one that shows a face, placed and turned as the face there is.

    Args:
        pictures: each `uint8[height, width, 3]`.
        surfaces: of the face in each, None where it was not seen; at least one.
    """
    source = next(index for index, surface in enumerate(surfaces) if surface is not None)
    still, known = pictures[source], surfaces[source]
    assert known is not None  # noqa: S101 - just chosen so
    hull = cv2.convexHull(known.points[:, :2].astype(np.float32)).astype(np.int32)
    mask = cv2.fillConvexPoly(np.zeros(still.shape[:2], np.float32), hull, 1.0)
    mask = cv2.GaussianBlur(mask, (0, 0), 3.0)
    done = []
    for picture, surface in zip(pictures, surfaces, strict=True):
        if surface is None:
            done.append(picture)
            continue
        matrix = similarity(known.five, surface.five.astype(np.float64))
        size = (picture.shape[1], picture.shape[0])
        face, cover = cv2.warpAffine(still, matrix, size), cv2.warpAffine(mask, matrix, size)[..., None]
        done.append(np.asarray(np.rint(cover * face + (1 - cover) * picture), np.uint8))
    return done


def _faded(part: Float32Array) -> Float32Array:
    ramp = np.minimum(1.0, np.minimum(np.arange(len(part)), np.arange(len(part))[::-1]) / _FADE)
    return (part * ramp).astype(np.float32)
