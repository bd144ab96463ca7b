"""The surface lies on the face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countersign.face.find import find_faces
from countersign.face.landmarks import FaceMesh, tilt_deg
from countersign.face.mtcnn import Mtcnn
from countersign.face.quality import inter_eye_px
from tests.face.pictures import portraits, sitters, turned

UPRIGHT = np.array([(10, 10), (30, 10), (20, 20), (12, 30), (28, 30)], dtype=np.float32)


def test_eyes_nose_and_mouth_are_where_the_detector_has_them(mesh: FaceMesh, mtcnn: Mtcnn, samples: Path) -> None:
    images = sitters(samples, count=6)
    faces = [find_faces(mtcnn, image, thorough=True)[0] for image in images]
    surfaces = mesh.surfaces(list(zip(images, faces, strict=True)))
    for face, surface in zip(faces, surfaces, strict=True):
        assert surface.points.shape == (468, 3)
        assert surface.presence > 0.9
        apart = np.linalg.norm(surface.five - face.points, axis=1)
        assert apart.mean() < 0.2 * inter_eye_px(face.points)


def test_a_batch_gives_what_one_by_one_gives(mesh: FaceMesh, mtcnn: Mtcnn, samples: Path) -> None:
    images = portraits(samples, count=3)
    pairs = [(image, find_faces(mtcnn, image, thorough=True)[0]) for image in images]
    together = mesh.surfaces(pairs)
    for pair, surface in zip(pairs, together, strict=True):
        assert mesh.surfaces([pair])[0].points == pytest.approx(surface.points, abs=1e-2)
    assert mesh.surfaces([]) == ()


def test_the_surface_turns_with_the_picture(mesh: FaceMesh, mtcnn: Mtcnn, samples: Path) -> None:
    (image,) = sitters(samples, count=1)
    tilts = []
    for picture in (image, turned(image, 20.0)):
        (face, *_) = find_faces(mtcnn, picture, thorough=True)
        (surface,) = mesh.surfaces([(picture, face)])
        tilts.append(tilt_deg(surface.five))
    assert tilts[1] - tilts[0] == pytest.approx(-20.0, abs=4.0)


@pytest.mark.parametrize("angle", [-40.0, -5.0, 0.0, 30.0])
def test_tilt_is_what_undoes_it(angle: float) -> None:
    turn = np.radians(angle)
    clockwise = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    assert tilt_deg((UPRIGHT @ clockwise).astype(np.float32)) == pytest.approx(angle, abs=1e-3)


def test_tilt_holds_in_profile_where_the_eyes_fall_together() -> None:
    profile = UPRIGHT.copy()
    profile[:, 0] = [20, 20, 27, 20, 20]
    assert tilt_deg(profile) == pytest.approx(0.0, abs=1e-3)
