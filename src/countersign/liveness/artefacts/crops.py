"""A face and what is around it, cut out as the attack detectors were trained to see it."""

from __future__ import annotations

import cv2
import numpy as np

from countersign.core.arrays import UInt8Array
from countersign.face.detect import DetectedFace


def surroundings(image: UInt8Array, face: DetectedFace, *, scale: float, side: int) -> UInt8Array:
    """`scale` times the face's box, of its shape, pushed back into the picture and stretched to a square.

    As Silent-Face-Anti-Spoofing's `generate_patches.py` (Minivision, 2020) cuts its training pictures: where the picture is
    too small for `scale`, as much as fits.

    Args:
        image: `uint8[height, width, 3]`.
        face: its box has an area.
        scale: at least 1.
        side: of the result, pixels.

    Returns:
        `uint8[side, side, 3]`.
    """
    height, width = image.shape[:2]
    fits = min(scale, (width - 1) / face.width, (height - 1) / face.height)
    (x, y), half_width, half_height = face.centre, face.width * fits / 2, face.height * fits / 2
    left, right = _pushed_back(x - half_width, x + half_width, width)
    top, bottom = _pushed_back(y - half_height, y + half_height, height)
    return np.asarray(cv2.resize(image[top : bottom + 1, left : right + 1], (side, side)), np.uint8)


def square(image: UInt8Array, face: DetectedFace, *, scale: float, side: int) -> UInt8Array:
    """A square about the face, `scale` times the longer side of its box; mirrored where it reaches beyond the picture.

    As face-antispoof-onnx's `preprocess.py` (Facenox, 2025).

    Args:
        image: `uint8[height, width, 3]`.
        face: its box has an area.
        scale: at least 1.
        side: of the result, pixels.

    Returns:
        `uint8[side, side, 3]`.
    """
    size = max(1, round(face.side * scale))
    left, top = round(face.centre[0] - size / 2), round(face.centre[1] - size / 2)
    beyond = max(0, -left, -top, left + size - image.shape[1], top + size - image.shape[0])
    if beyond:
        image = np.asarray(cv2.copyMakeBorder(image, *(beyond,) * 4, cv2.BORDER_REFLECT_101), np.uint8)
    top, left = top + beyond, left + beyond
    cut = image[top : top + size, left : left + size]
    how = cv2.INTER_AREA if size > side else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(cut, (side, side), interpolation=how), np.uint8)


def _pushed_back(low: float, high: float, length: int) -> tuple[int, int]:
    """First and last index of a stretch, moved until it lies within [0, length)."""
    if low < 0:
        low, high = 0.0, high - low
    if high > length - 1:
        low, high = low - (high - length + 1), length - 1.0
    return max(0, int(low)), int(high)
