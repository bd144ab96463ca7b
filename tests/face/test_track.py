"""One face followed; two faces, or none, said so."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.arrays import UInt8Array
from countersign.face.landmarks import FaceMesh
from countersign.face.mtcnn import Mtcnn
from countersign.face.track import FaceTrack, follow
from tests.face.pictures import film, placed, portraits, scaled, sitters


def followed(mtcnn: Mtcnn, mesh: FaceMesh, images: list[UInt8Array]) -> FaceTrack | FailureToAcquire:
    return follow(mtcnn, mesh, film(images).frames)


def nothing() -> UInt8Array:
    return np.full((480, 640, 3), 120, dtype=np.uint8)


def test_a_wandering_face_is_one_track_on_the_recordings_clock(mtcnn: Mtcnn, mesh: FaceMesh, samples: Path) -> None:
    (image,) = portraits(samples, count=1)
    columns = [200, 260, 320, 380]
    track = followed(mtcnn, mesh, [placed(image, column=column, row=240) for column in columns])
    assert isinstance(track, FaceTrack)
    assert track.times_s.tolist() == [0.0, 0.1, 0.2, 0.3]
    assert track.poses_deg.shape == (4, 3)
    centres = [sighting.face.centre[0] for sighting in track.sightings]
    assert np.diff(centres).tolist() == np.diff(centres).clip(40, 80).tolist()


def test_a_frame_without_the_face_is_left_out(mtcnn: Mtcnn, mesh: FaceMesh, samples: Path) -> None:
    (image,) = portraits(samples, count=1)
    shown = placed(image, column=320, row=240)
    track = followed(mtcnn, mesh, [shown, nothing(), shown, shown])
    assert isinstance(track, FaceTrack)
    assert (len(track.sightings), track.looked_at) == (3, 4)


def test_two_faces_side_by_side_are_several(mtcnn: Mtcnn, mesh: FaceMesh, samples: Path) -> None:
    one, other = sitters(samples, count=2)
    both = placed(one, column=150, row=240)
    both[140:340, 400:580] = other
    failed = followed(mtcnn, mesh, [both] * 3)
    assert isinstance(failed, FailureToAcquire)
    assert failed.reason is AcquisitionReason.SEVERAL_FACES


def test_somebody_who_walks_through_once_does_not_spoil_it(mtcnn: Mtcnn, mesh: FaceMesh, samples: Path) -> None:
    one, other = sitters(samples, count=2)
    alone = placed(one, column=150, row=240)
    both = alone.copy()
    both[140:340, 400:580] = other
    assert isinstance(followed(mtcnn, mesh, [alone, alone, both, *[alone] * 6]), FaceTrack)


def test_a_face_that_jumps_across_the_picture_is_not_followed_there(
    mtcnn: Mtcnn, mesh: FaceMesh, samples: Path
) -> None:
    image = scaled(portraits(samples, count=1)[0], 0.6)
    here, there = placed(image, column=120, row=240), placed(image, column=520, row=240)
    track = followed(mtcnn, mesh, [here, there, there, there])
    assert isinstance(track, FaceTrack)
    assert [round(sighting.frame.time_s, 1) for sighting in track.sightings] == [0.1, 0.2, 0.3]


def test_nobody_is_no_face_and_darkness_is_darkness(mtcnn: Mtcnn, mesh: FaceMesh) -> None:
    for image, reason in ((nothing(), AcquisitionReason.NO_FACE), (nothing() // 40, AcquisitionReason.TOO_DARK)):
        failed = followed(mtcnn, mesh, [image] * 3)
        assert isinstance(failed, FailureToAcquire)
        assert failed.reason is reason
