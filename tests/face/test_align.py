"""Every embedder gets the face where its training had it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countersign.face.align import ARC_FACE, DLIB, FACENET, OPEN_MODEL_ZOO, Template
from countersign.face.find import find_faces
from countersign.face.mtcnn import Mtcnn
from tests.face.pictures import portraits, scaled

TEMPLATES = [DLIB, OPEN_MODEL_ZOO, ARC_FACE, FACENET]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_a_face_seen_from_the_front(template: Template) -> None:
    right, left, nose, *mouth = template.points
    assert 0 < right[0] < nose[0] < left[0] < template.side
    assert abs(right[1] - left[1]) < 0.01 * template.side
    assert max(right[1], left[1]) < nose[1] < mouth[0][1] < template.side
    assert abs(template.points[:, 0].mean() - template.side / 2) < 0.04 * template.side


@pytest.mark.parametrize("template", TEMPLATES)
def test_in_the_chip_the_points_are_where_the_template_has_them(
    template: Template, mtcnn: Mtcnn, samples: Path
) -> None:
    (image,) = portraits(samples, count=1)
    (face, *_) = find_faces(mtcnn, scaled(image, 3.0), thorough=True)
    chip = template.chip(scaled(image, 3.0), face.points)
    (again, *_) = find_faces(mtcnn, chip, thorough=True)
    assert chip.shape == (template.side, template.side, 3)
    assert np.linalg.norm(again.points - template.points, axis=1).mean() < 0.06 * template.side
