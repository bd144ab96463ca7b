"""Exactly one face, or an honest "several"."""

from __future__ import annotations

import numpy as np

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.face.detect import DetectedFace
from countersign.face.sole import sole_face


def face(column: float, row: float, side: float) -> DetectedFace:
    half = side / 2
    return DetectedFace(
        left=column - half,
        top=row - half,
        right=column + half,
        bottom=row + half,
        points=np.zeros((5, 2), dtype=np.float32),
        score=0.9,
    )


def judged(*faces: DetectedFace, composed: bool) -> DetectedFace | AcquisitionReason:
    found = sole_face(faces, width=640, height=480, composed=composed)
    return found.reason if isinstance(found, FailureToAcquire) else found


def test_nobody_is_no_face() -> None:
    assert judged(composed=True) is AcquisitionReason.NO_FACE


def test_one_face_is_the_face_wherever_it_is() -> None:
    alone = face(600, 40, 50)
    assert judged(alone, composed=True) is alone
    assert judged(alone, composed=False) is alone


def test_two_people_side_by_side_are_several() -> None:
    pair = face(200, 240, 150), face(440, 240, 150)
    assert judged(*pair, composed=True) is AcquisitionReason.SEVERAL_FACES
    assert judged(*pair, composed=False) is AcquisitionReason.SEVERAL_FACES


def test_somebody_far_behind_is_a_bystander() -> None:
    main = face(300, 240, 200)
    assert judged(main, face(500, 100, 80), composed=False) is main
    assert judged(face(500, 100, 80), main, composed=True) is main


def test_in_a_photo_somebody_as_large_at_the_edge_is_a_bystander_in_a_recording_not() -> None:
    main, edge = face(320, 240, 200), face(600, 240, 200)
    assert judged(main, edge, composed=True) is main
    assert judged(main, edge, composed=False) is AcquisitionReason.SEVERAL_FACES


def test_a_photo_with_nobody_in_the_middle_is_judged_by_size_alone() -> None:
    near, far = face(190, 240, 200), face(600, 240, 180)
    assert judged(near, far, composed=True) is AcquisitionReason.SEVERAL_FACES


def test_the_order_of_the_faces_does_not_matter() -> None:
    main, edge = face(310, 250, 180), face(40, 240, 120)
    assert judged(main, edge, composed=True) is judged(edge, main, composed=True)
