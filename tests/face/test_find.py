"""Both detectors find real faces, at any size and in tight crops, agree where they are, and see none in noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countersign.core.arrays import UInt8Array
from countersign.face.detect import DetectedFace, FaceDetector
from countersign.face.find import find_faces, look_again
from countersign.face.mtcnn import Mtcnn
from countersign.face.quality import inter_eye_px
from countersign.face.yunet import YuNet
from tests.face.pictures import placed, portraits, profiles, scaled, sitters, turned


@pytest.fixture(params=["mtcnn", "yunet"])
def detector(request: pytest.FixtureRequest) -> FaceDetector:
    found: FaceDetector = request.getfixturevalue(request.param)
    return found


def middle(detector: FaceDetector, image: UInt8Array) -> DetectedFace:
    """The face nearest to the middle of the picture."""
    size = np.array(image.shape[1::-1])
    faces = find_faces(detector, image, thorough=True)
    return min(faces, key=lambda face: float(np.abs(np.array(face.centre) / size - 0.5).max()))


def test_mtcnn_and_yunet_agree_on_where_a_face_is(mtcnn: Mtcnn, yunet: YuNet, samples: Path) -> None:
    for image in [*portraits(samples, count=6), *sitters(samples, count=6)]:
        one, other = middle(mtcnn, image), middle(yunet, image)
        apart = np.linalg.norm(one.points - other.points, axis=1)
        assert apart.mean() < 0.2 * inter_eye_px(other.points)
        assert one.points[0, 0] < one.points[1, 0]
        assert one.points[:2, 1].max() < one.points[3:, 1].min()


def test_a_face_is_found_at_every_size_of_the_picture(detector: FaceDetector, samples: Path) -> None:
    (image,) = portraits(samples, count=1)
    eyes = inter_eye_px(middle(detector, image).points)
    for factor in (0.4, 2.5, 6.0):
        found = middle(detector, scaled(image, factor))
        assert inter_eye_px(found.points) == pytest.approx(factor * eyes, rel=0.12)


def test_a_profile_that_fills_the_picture_is_found(detector: FaceDetector, samples: Path) -> None:
    assert all(find_faces(detector, image, thorough=True) for image in profiles(samples, count=8))


def test_a_small_face_far_off_the_middle_is_found(detector: FaceDetector, samples: Path) -> None:
    (image,) = portraits(samples, count=1)
    picture = placed(scaled(image, 0.5), column=520, row=380)
    column, row = find_faces(detector, picture, thorough=False)[0].centre
    assert (column, row) == pytest.approx((520, 380), abs=20)


def test_there_is_no_face_in_noise_nor_in_clouds_nor_in_nothing(detector: FaceDetector) -> None:
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (240, 320, 3), dtype=np.uint8)
    for _ in range(10):
        clouds = scaled(random.integers(0, 256, (12, 16, 3), dtype=np.uint8), 20)
        assert find_faces(detector, clouds, thorough=True) == ()
    for image in (noise, np.zeros((240, 320, 3), np.uint8), np.full((90, 700, 3), 255, np.uint8)):
        assert find_faces(detector, image, thorough=True) == ()


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (500, 3), (13, 17)])
def test_a_picture_of_odd_shape_is_no_accident(detector: FaceDetector, shape: tuple[int, int]) -> None:
    assert find_faces(detector, np.full((*shape, 3), 90, np.uint8), thorough=True) == ()


def test_a_second_look_finds_the_same_points_from_another_angle(detector: FaceDetector, samples: Path) -> None:
    for image in sitters(samples, count=3):
        face = middle(detector, image)
        for angle in (-15.0, 0.0, 15.0):
            again = look_again(detector, image, face, side=detector.look_sides[-1], angle_deg=angle)
            assert again is not None
            assert np.linalg.norm(again.points - face.points, axis=1).mean() < 0.25 * inter_eye_px(face.points)


def test_a_second_look_at_nothing_finds_nothing(detector: FaceDetector, samples: Path) -> None:
    (image,) = portraits(samples, count=1)
    face = middle(detector, image)
    assert look_again(detector, np.zeros_like(image), face, side=80) is None


def test_from_one_frame_to_the_next_a_face_is_found_again_without_a_search(
    detector: FaceDetector, samples: Path
) -> None:
    (image,) = sitters(samples, count=1)
    before = find_faces(detector, placed(image, column=300, row=240), thorough=False)[0]
    after = placed(image, column=308, row=236)
    again = detector.again(after, before)
    assert again is not None
    searched = find_faces(detector, after, thorough=False)[0]
    assert np.linalg.norm(again.points - searched.points, axis=1).mean() < 0.15 * inter_eye_px(searched.points)
    assert detector.again(np.full_like(after, 120), before) is None


def test_a_tilted_head_is_found(detector: FaceDetector, samples: Path) -> None:
    (image,) = portraits(samples, count=1)
    assert middle(detector, turned(image, 15.0)).score >= detector.sure
