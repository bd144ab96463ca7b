"""The face in every frame: as many sightings as frames, the same samples, and nobody else's face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.samples import Capture, Frame, VideoClip
from countersign.face.dense import DENSE_FPS, SLACK, thinned
from countersign.face.path import FacePath
from countersign.face.track import FaceTrack
from countersign.media.decode import LOGIN_FPS, decode
from countersign.media.limits import Limits
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from tests.face.pictures import film, placed, portraits, sitters


@pytest.fixture(scope="module")
def core(runtime: Runtime) -> FacePath:
    return FacePath.load(runtime, pack=Pack.CORE)


def video(file: Path) -> VideoClip:
    limits = Limits(seconds=60.0, kept_frames=150)
    found = decode(Capture(data=file.read_bytes()), keep_fps=LOGIN_FPS, limits=limits).video
    assert found is not None
    return found


def tracked(path: FacePath, clip: VideoClip, *, dense: bool) -> FaceTrack:
    track = path.track(clip, dense=dense)
    assert isinstance(track, FaceTrack), track
    return track


def test_a_talking_face_is_seen_in_every_frame(core: FacePath, samples: Path) -> None:
    clip = video(samples / "av/grid/s1/bbaf2n.mpg")
    track = tracked(core, clip, dense=True)
    assert track.times_s.tolist() == [frame.time_s for frame in clip.frames]
    assert track.points.shape == (75, 468, 3)
    assert track.presences.min() > 0.5
    assert sum(sighting.detected for sighting in track.sightings) == len(tracked(core, clip, dense=False).sightings)


def test_landmarks_followed_are_those_that_a_detector_leads_to(core: FacePath, samples: Path) -> None:
    clip = video(samples / "av/head_turns/live/tranvanluyt_real.mp4")
    dense = {sighting.frame.time_s: sighting for sighting in tracked(core, clip, dense=True).sightings}
    gaps = [
        abs(sighting.pose.yaw - dense[sighting.frame.time_s].pose.yaw)
        for sighting in tracked(core, clip, dense=False).sightings
    ]
    assert np.median(gaps) < 2.0
    assert max(gaps) < 8.0


def test_the_samples_are_those_of_a_sparse_track(core: FacePath, samples: Path) -> None:
    clip = video(samples / "av/grid/s1/bbaf2n.mpg")
    found = [core.samples(tracked(core, clip, dense=dense)) for dense in (False, True)]
    sparse, dense = ([sample.embedding.vector for sample in each] for each in found if isinstance(each, tuple))
    assert len(sparse) == len(dense)
    assert min(float(a @ b) for a, b in zip(sparse, dense, strict=True)) > 0.95


def test_a_second_face_is_several_faces_however_dense(core: FacePath, samples: Path) -> None:
    one, other = sitters(samples, count=2)
    both = placed(one, column=150, row=240)
    both[140:340, 400:580] = other
    failed = core.track(film([both] * 20), dense=True)
    assert isinstance(failed, FailureToAcquire)
    assert failed.reason is AcquisitionReason.SEVERAL_FACES


def test_a_face_that_goes_away_is_not_made_up(core: FacePath, samples: Path) -> None:
    (image,) = portraits(samples, count=1)
    shown, gone = placed(image, column=320, row=240), np.full((480, 640, 3), 120, dtype=np.uint8)
    track = tracked(core, film([shown] * 30 + [gone] * 10), dense=True)
    assert len(track.sightings) == 30


def test_frames_beyond_need_are_left_out_evenly() -> None:
    image = np.zeros((2, 2, 3), dtype=np.uint8)
    for fps in (10.0, 25.0, 30.0, 60.0, 120.0):
        frames = [Frame(time_s=index / fps, image=image) for index in range(int(4 * fps))]
        kept = thinned(frames)
        rate = (len(kept) - 1) / (kept[-1].time_s - kept[0].time_s)
        assert rate <= SLACK * DENSE_FPS
        assert rate >= min(fps, 0.9 * DENSE_FPS) - 1e-6
        assert np.ptp(np.diff([frame.time_s for frame in kept])) <= 1 / fps + 1e-9
