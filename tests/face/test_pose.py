"""Which way the head points, with the right signs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countersign.core.arrays import UInt8Array
from countersign.core.quality import HeadPose
from countersign.core.samples import Capture
from countersign.face.find import find_faces
from countersign.face.landmarks import FaceMesh
from countersign.face.mtcnn import Mtcnn
from countersign.face.pose import asymmetry, head_pose, pose_of_points
from countersign.face.track import FaceTrack, follow
from countersign.media.decode import decode
from tests.face.pictures import mirrored, people, photo, portraits, profiles, sitters, turned

FRONT = np.array([(10, 10), (30, 10), (20, 20), (12, 30), (28, 30)], dtype=np.float32)


def pose(mesh: FaceMesh, mtcnn: Mtcnn, image: UInt8Array) -> HeadPose:
    (face, *_) = find_faces(mtcnn, image, thorough=True)
    (surface,) = mesh.surfaces([(image, face)])
    return head_pose(face, surface)


def test_somebody_who_faces_the_camera_faces_the_camera(mesh: FaceMesh, mtcnn: Mtcnn, samples: Path) -> None:
    poses = [pose(mesh, mtcnn, image) for image in sitters(samples, count=8)]
    assert np.abs([found.yaw for found in poses]).max() < 20
    assert np.abs([found.pitch for found in poses]).max() < 25
    assert np.abs([found.roll for found in poses]).max() < 12


def test_a_mirror_turns_yaw_and_roll_about_and_leaves_pitch(mesh: FaceMesh, mtcnn: Mtcnn, samples: Path) -> None:
    for image in portraits(samples, count=6):
        plain, other = pose(mesh, mtcnn, image), pose(mesh, mtcnn, mirrored(image))
        assert (other.yaw, other.pitch, other.roll) == pytest.approx((-plain.yaw, plain.pitch, -plain.roll), abs=8)


def test_tilting_towards_the_persons_right_shoulder_is_positive_roll(
    mesh: FaceMesh, mtcnn: Mtcnn, samples: Path
) -> None:
    for image in sitters(samples, count=3):
        # Counter-clockwise as seen, the top of the head goes to the picture's left: the person's right.
        assert pose(mesh, mtcnn, turned(image, 20.0)).roll - pose(mesh, mtcnn, image).roll == pytest.approx(20, abs=5)


def test_turning_to_the_persons_left_moves_the_nose_to_the_pictures_right() -> None:
    points = FRONT.copy()
    points[2, 0] += 4
    assert pose_of_points(points).yaw > 20
    assert pose_of_points(FRONT).yaw == pytest.approx(0)
    points[2, 0] -= 8
    assert pose_of_points(points).yaw < -20


def test_profiles_are_far_turned_and_frontal_pictures_are_not(mesh: FaceMesh, mtcnn: Mtcnn, samples: Path) -> None:
    far = [pose(mesh, mtcnn, image).yaw for image in profiles(samples, count=8)]
    front = [photo(min((person / "frontal").iterdir())) for person in people(samples / "faces/cfp")[:8]]
    near = [pose(mesh, mtcnn, image).yaw for image in front]
    assert np.abs(far).min() > np.abs(near).max()
    assert {np.sign(yaw) for yaw in far} == {-1.0, 1.0}
    assert asymmetry(find_faces(mtcnn, front[0], thorough=True)[0].points) < 0.15


def test_a_head_that_turns_both_ways_is_followed_both_ways(mesh: FaceMesh, mtcnn: Mtcnn, samples: Path) -> None:
    clip = samples / "av/head_turns/live/intel_headpose_female.gif"
    recording = decode(Capture(data=clip.read_bytes(), name=clip.name))
    assert recording.video is not None
    track = follow(mtcnn, mesh, recording.video.frames)
    assert isinstance(track, FaceTrack)
    yaw = track.poses_deg[:, 0]
    assert yaw.min() < -25
    assert yaw.max() > 15
    assert np.abs(np.diff(yaw)).max() < 30
