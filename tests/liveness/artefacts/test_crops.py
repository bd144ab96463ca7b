"""Faces are cut out as the attack detectors were trained to see them."""

from __future__ import annotations

import numpy as np
import pytest

from countersign.core.arrays import UInt8Array
from countersign.face.detect import DetectedFace
from countersign.liveness.artefacts.crops import square, surroundings


def face(left: float, top: float, right: float, bottom: float) -> DetectedFace:
    points = np.zeros((5, 2), np.float32)
    return DetectedFace(left=left, top=top, right=right, bottom=bottom, points=points, score=1.0)


def ramp(height: int, width: int) -> UInt8Array:
    """Red tells the column, green the row."""
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = np.arange(width)
    image[..., 1] = np.arange(height)[:, np.newaxis]
    return image


def test_surroundings_are_about_the_face_where_there_is_room() -> None:
    cut = surroundings(ramp(200, 200), face(90, 80, 110, 120), scale=2.0, side=40)
    assert cut.shape == (40, 40, 3)
    assert (cut[0, 0, 0], cut[0, 0, 1]) == (pytest.approx(80, abs=1), pytest.approx(60, abs=1))
    assert (cut[-1, -1, 0], cut[-1, -1, 1]) == (pytest.approx(120, abs=1), pytest.approx(140, abs=1))


def test_surroundings_are_pushed_back_into_the_picture() -> None:
    cut = surroundings(ramp(200, 200), face(0, 160, 20, 200), scale=2.0, side=40)
    assert (cut[0, 0, 0], cut[0, -1, 0]) == (0, pytest.approx(40, abs=1))
    assert cut[-1, 0, 1] == pytest.approx(199, abs=1)


def test_surroundings_are_what_there_is_where_the_face_fills_the_picture() -> None:
    cut = surroundings(ramp(100, 100), face(10, 10, 90, 90), scale=4.0, side=50)
    assert cut[0, 0, 0] <= 1
    assert cut[-1, -1, 0] >= 97


def test_the_square_is_mirrored_beyond_the_picture() -> None:
    image = ramp(100, 100)
    cut = square(image, face(0, 40, 20, 60), scale=2.0, side=40)
    assert cut.shape == (40, 40, 3)
    assert cut[20, 0, 0] == pytest.approx(10, abs=1)
    assert cut[20, 10, 0] == pytest.approx(0, abs=1)
    assert cut[20, -1, 0] == pytest.approx(29, abs=1)


@pytest.mark.parametrize("box", [(-30, -40, 20, 10), (80, 90, 140, 160), (-50, -50, 150, 150), (5, 5, 6, 6)])
def test_any_box_that_touches_the_picture_can_be_cut_out(box: tuple[int, int, int, int]) -> None:
    image = ramp(100, 100)
    assert surroundings(image, face(*box), scale=2.7, side=80).shape == (80, 80, 3)
    assert square(image, face(*box), scale=1.5, side=128).shape == (128, 128, 3)
