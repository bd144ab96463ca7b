"""The frames that are embedded: sharp, usable, and of every pose."""

from __future__ import annotations

import numpy as np

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.quality import HeadPose
from countersign.core.samples import Frame
from countersign.face.detect import DetectedFace
from countersign.face.landmarks import Landmarks
from countersign.face.select import choose
from countersign.face.track import FaceTrack, Sighting

POINTS = np.array([(40, 40), (80, 40), (60, 62), (44, 83), (76, 83)], dtype=np.float32)


def sighting(time_s: float, *, yaw: float = 0.0, contrast: int = 60, level: int = 110) -> Sighting:
    """A patch of noise in place of a face: the stronger the noise, the sharper it measures."""
    noise = np.random.default_rng(int(time_s * 10)).integers(-contrast, contrast + 1, (120, 120, 3))
    return Sighting(
        frame=Frame(time_s=time_s, image=np.clip(level + noise, 0, 255).astype(np.uint8)),
        face=DetectedFace(left=20, top=10, right=100, bottom=110, points=POINTS.copy(), score=0.9),
        surface=Landmarks(points=np.zeros((468, 3), dtype=np.float32), presence=1.0),
        pose=HeadPose(yaw=yaw, pitch=0.0, roll=0.0),
    )


def chosen(*sightings: Sighting, at_most: int) -> list[float] | FailureToAcquire:
    found = choose(FaceTrack(sightings=sightings, looked_at=len(sightings)), at_most=at_most)
    return found if isinstance(found, FailureToAcquire) else [good.sighting.frame.time_s for good in found]


def test_the_sharpest_of_one_pose_are_taken_in_order_of_time() -> None:
    shown = [sighting(time, contrast=contrast) for time, contrast in enumerate([30, 90, 10, 70, 80])]
    assert chosen(*shown, at_most=3) == [1, 3, 4]


def test_every_pose_gets_a_turn_before_any_gets_a_second() -> None:
    front = [sighting(time, contrast=90) for time in range(6)]
    turned = [sighting(6 + index, yaw=yaw, contrast=20) for index, yaw in enumerate((-45.0, -20.0, 25.0, 50.0))]
    times = chosen(*front, *turned, at_most=5)
    assert isinstance(times, list)
    assert {6.0, 7.0, 8.0, 9.0} <= set(times)


def test_frames_near_the_front_go_first_when_there_is_no_room_for_all_poses() -> None:
    turned = [sighting(index, yaw=yaw) for index, yaw in enumerate((-60.0, -30.0, 0.0, 30.0, 60.0))]
    assert chosen(*turned, at_most=3) == [1, 2, 3]


def test_a_poor_frame_is_passed_over_and_only_poor_frames_are_a_failure() -> None:
    dark = sighting(1, level=3, contrast=2)
    assert chosen(sighting(0), dark, at_most=8) == [0]
    failed = chosen(dark, at_most=8)
    assert isinstance(failed, FailureToAcquire)
    assert failed.reason is AcquisitionReason.TOO_DARK
