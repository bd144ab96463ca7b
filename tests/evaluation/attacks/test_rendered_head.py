"""A head rendered from one photo turns as asked, and is the photo where it does not turn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countersign.core.quality import HeadPose
from countersign.evaluation.attacks.head_motion import Manner, turning
from countersign.evaluation.attacks.rendered_head import RenderedHead, render_turn, rotation, surface_of
from countersign.face.landmarks import Landmarks
from countersign.face.path import FacePath
from countersign.face.track import FaceTrack
from countersign.liveness.challenge import Side, TurnOrder, TurnPath
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from tests.face.pictures import film, scaled, sitters

PATH = TurnPath(first=Side.LEFT, extent_deg=25, order=TurnOrder.AFTER_WORDS)


@pytest.fixture(scope="module")
def faces(runtime: Runtime) -> FacePath:
    return FacePath.load(runtime, pack=Pack.CORE)


def test_yaw_rises_towards_the_left_first_and_ends_where_it_began() -> None:
    poses = turning(PATH, fps=25.0, manner=Manner(reach=(1.0, 1.2)))
    yaw = np.array([pose.yaw for pose in poses])
    assert int(yaw.argmax()) < int(yaw.argmin())
    assert abs(yaw.max() - 25.0) < 2.5
    assert abs(yaw.min() + 30.0) < 2.5
    assert abs(yaw[0]) < 2.5
    assert abs(yaw[-1]) < 2.5
    assert np.abs(np.diff(yaw)).max() * 25.0 < 200.0


def test_the_other_side_first_is_the_mirror_image() -> None:
    left, right = (
        turning(TurnPath(first=first, extent_deg=25, order=PATH.order), fps=25.0, manner=Manner()) for first in Side
    )
    assert np.argmax([pose.yaw for pose in left]) < np.argmax([pose.yaw for pose in right])


def test_a_head_that_does_not_turn_is_the_photo(faces: FacePath, samples: Path) -> None:
    photo = sitters(samples, count=1)[0]
    surface = surface_of(faces, photo)
    assert isinstance(surface, Landmarks)
    still = RenderedHead.of(photo, surface).at(HeadPose(yaw=0.0, pitch=0.0, roll=0.0))
    assert np.abs(still.astype(int) - photo.astype(int)).mean() < 1.0


def test_the_face_track_sees_the_turn_that_was_rendered(faces: FacePath, samples: Path) -> None:
    photo = scaled(sitters(samples, count=1)[0], 1.5)
    surface = surface_of(faces, photo)
    assert isinstance(surface, Landmarks)
    frames = render_turn(photo, surface, PATH, fps=8.0, size=(320, 356), manner=Manner(reach=(1.0, 1.0)))
    assert {frame.shape for frame in frames} == {(356, 320, 3)}
    track = faces.track(film(list(frames)), dense=True)
    assert isinstance(track, FaceTrack)
    yaw = track.poses_deg[:, 0]
    assert 18.0 < yaw.max() < 40.0
    assert -40.0 < yaw.min() < -18.0
    assert int(yaw.argmax()) < int(yaw.argmin())


def test_rotations_have_the_signs_of_head_poses() -> None:
    nose, right_ear = np.array([0.0, 0.0, -1.0]), np.array([-1.0, 0.0, 0.0])
    assert (rotation(HeadPose(yaw=30.0, pitch=0.0, roll=0.0)) @ nose)[0] > 0.4
    assert (rotation(HeadPose(yaw=0.0, pitch=30.0, roll=0.0)) @ nose)[1] < -0.4
    assert (rotation(HeadPose(yaw=0.0, pitch=0.0, roll=30.0)) @ right_ear)[1] > 0.4
