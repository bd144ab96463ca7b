"""A film that was made of a face passes; the same filmed from a simulated screen does not."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import Modality
from countersign.core.evidence import Assessment, CheckName, NotAssessed
from countersign.core.samples import Capture
from countersign.evaluation.attacks.channels import on_screen
from countersign.evaluation.attacks.clip import FPS, Clip
from countersign.face.path import FacePath
from countersign.face.track import FaceTrack
from countersign.liveness.screen.check import FEWEST, ScreenCheck
from countersign.media.decode import decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.policy.profiles import STANDARD
from countersign.scoring.calibrate import Calibrations

FLOOR = STANDARD.checks[CheckName.SCREEN].floor
TALKING = "av/grid/s1/bgwi1a.mpg"


@pytest.fixture(scope="module")
def check() -> ScreenCheck:
    return ScreenCheck(calibrations=Calibrations.load(files("countersign.liveness") / "calibrations"))


@pytest.fixture(scope="module")
def path(runtime: Runtime) -> FacePath:
    return FacePath.load(runtime, pack=Pack.CORE)


def followed(path: FacePath, file: Path) -> FaceTrack:
    video = decode(Capture(data=file.read_bytes())).video
    assert video is not None
    track = path.track(video)
    assert isinstance(track, FaceTrack)
    return track


@pytest.fixture(scope="module")
def live(samples: Path, path: FacePath) -> FaceTrack:
    return followed(path, samples / TALKING)


def test_a_talking_face_passes(check: ScreenCheck, live: FaceTrack) -> None:
    found = check.check(live)
    assert isinstance(found, Assessment)
    assert found.llr.value > 0
    assert all(np.isfinite(value) and name.endswith("_db") for name, value in found.measures.items())


def test_the_same_on_a_simulated_screen_does_not(
    check: ScreenCheck, samples: Path, path: FacePath, tmp_path: Path
) -> None:
    clip = Clip.read(samples / TALKING)
    shown = [
        on_screen(picture, time_s=index / FPS, random=np.random.default_rng(4))
        for index, picture in enumerate(clip.pictures[:30])
    ]
    replace(clip, pictures=tuple(shown), sound=np.zeros(0, np.float32)).write(tmp_path / "shown.webm")
    found = check.check(followed(path, tmp_path / "shown.webm"))
    assert isinstance(found, Assessment)
    assert found.llr.value < FLOOR


def test_no_pattern_speaks_softly_because_many_screens_leave_none(check: ScreenCheck, live: FaceTrack) -> None:
    found = check.check(live)
    assert isinstance(found, Assessment)
    assert found.llr.value < 2


def test_a_few_frames_say_nothing(check: ScreenCheck, live: FaceTrack) -> None:
    short = replace(live, sightings=live.sightings[: FEWEST - 1])
    assert isinstance(check.check(short), NotAssessed)


def test_pictures_that_change_their_size_are_judged_by_those_of_the_first(check: ScreenCheck, live: FaceTrack) -> None:
    smaller = tuple(
        replace(seen, frame=replace(seen.frame, image=seen.frame.image[::2, ::2])) for seen in live.sightings[8:]
    )
    found = check.check(replace(live, sightings=(*live.sightings[:8], *smaller)))
    assert isinstance(found, Assessment)


def test_what_is_no_track_is_handed_on(check: ScreenCheck) -> None:
    for nothing in (
        NotAssessed(reason="no movement"),
        FailureToAcquire(modality=Modality.FACE, reason=AcquisitionReason.NO_FACE, detail=""),
    ):
        assert check.check(nothing) is nothing
