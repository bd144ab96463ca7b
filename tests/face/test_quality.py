"""Poor pictures are refused with the reason that the person can act on."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from countersign.core.acquisition import AcquisitionReason
from countersign.core.arrays import UInt8Array
from countersign.core.quality import FaceQuality
from countersign.face.detect import DetectedFace
from countersign.face.quality import inter_eye_px, measure, refusal

FRONT = np.array([(40, 40), (80, 40), (60, 62), (44, 83), (76, 83)], dtype=np.float32)
GOOD = FaceQuality(inter_eye_px=60.0, sharpness=100.0, brightness=0.4, contrast=0.2, detector_score=0.95)


def face(points: np.ndarray) -> DetectedFace:
    return DetectedFace(left=20, top=10, right=100, bottom=110, points=points.astype(np.float32), score=0.9)


def texture() -> UInt8Array:
    return np.random.default_rng(1).integers(60, 200, (120, 120, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"inter_eye_px": 7.0}, AcquisitionReason.FACE_TOO_SMALL),
        ({"brightness": 0.02}, AcquisitionReason.TOO_DARK),
        ({"brightness": 0.98}, AcquisitionReason.TOO_BRIGHT),
        ({"sharpness": 1.0}, AcquisitionReason.BLURRED),
    ],
)
def test_each_fault_has_its_reason(change: dict[str, float], reason: AcquisitionReason) -> None:
    refused = refusal(replace(GOOD, **change))
    assert refused is not None
    assert refused.reason is reason


def test_a_good_picture_is_not_refused() -> None:
    assert refusal(GOOD) is None


def test_turning_the_head_does_not_make_the_face_smaller() -> None:
    profile = FRONT.copy()
    profile[:, 0] = [58, 62, 75, 60, 62]
    assert inter_eye_px(profile) == pytest.approx(inter_eye_px(FRONT), rel=0.1)


def test_blur_lowers_sharpness_and_nothing_else() -> None:
    sharp = texture()
    blurred = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 3.0), dtype=np.uint8)
    one, other = measure(sharp, face(FRONT)), measure(blurred, face(FRONT))
    assert other.sharpness < 0.1 * one.sharpness
    assert other.brightness == pytest.approx(one.brightness, abs=0.01)
    assert other.inter_eye_px == one.inter_eye_px


def test_brightness_is_that_of_the_face_not_of_the_background() -> None:
    image = np.full((240, 240, 3), 255, dtype=np.uint8)
    image[:120, :120] = 51
    assert measure(image, face(FRONT)).brightness == pytest.approx(0.2, abs=0.05)


def test_sharpness_does_not_depend_on_how_large_the_face_is() -> None:
    small = np.asarray(cv2.GaussianBlur(texture(), (0, 0), 2.0), dtype=np.uint8)
    large = np.asarray(cv2.resize(small, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    near, far = measure(large, face(FRONT * 3 + 1)), measure(small, face(FRONT))
    assert near.sharpness == pytest.approx(far.sharpness, rel=0.35)
