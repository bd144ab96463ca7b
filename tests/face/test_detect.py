"""Boxes: what overlaps is one face."""

from __future__ import annotations

import numpy as np
import pytest

from countersign.face.detect import DetectedFace, suppress
from countersign.face.geometry import about

POINTS = np.array([(4, 4), (8, 4), (6, 6), (4, 8), (8, 8)], dtype=np.float32)


def test_of_two_boxes_that_overlap_the_better_one_stays() -> None:
    boxes = np.array([(0, 0, 10, 10), (1, 1, 11, 11), (30, 30, 40, 40)], dtype=np.float32)
    assert suppress(boxes, np.array([0.7, 0.9, 0.8], dtype=np.float32), overlap=0.5) == [1, 2]


def test_no_box_is_no_box() -> None:
    assert suppress(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), overlap=0.5) == []


def test_a_face_moves_with_its_picture() -> None:
    face = DetectedFace(left=2, top=2, right=10, bottom=12, points=POINTS.copy(), score=0.9)
    moved = face.moved(about((0.0, 0.0), angle_deg=0.0, scale=2.0, to=(100.0, 50.0)))
    assert (moved.left, moved.top, moved.right, moved.bottom) == pytest.approx((104, 54, 120, 74))
    assert moved.points == pytest.approx(POINTS * 2 + [100, 50])
    assert (moved.width, moved.height, moved.side, *moved.centre) == pytest.approx((16, 20, 20, 112, 64))


def test_the_points_of_a_face_cannot_be_changed() -> None:
    face = DetectedFace(left=2, top=2, right=10, bottom=12, points=POINTS.copy(), score=0.9)
    with pytest.raises(ValueError, match="read-only"):
        face.points[0, 0] = 1
