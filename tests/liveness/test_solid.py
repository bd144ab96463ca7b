"""A head has depth, a picture has none, and a bent picture not that of a face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.arrays import UInt8Array
from countersign.core.evidence import Assessment
from countersign.core.samples import Capture
from countersign.evaluation.attacks.planar import Handling, Sheet, handled, held
from countersign.evaluation.attacks.rendered_head import render_turn, surface_of
from countersign.face.landmarks import Landmarks
from countersign.face.path import FacePath
from countersign.face.track import FaceTrack
from countersign.liveness.challenge import Side, TurnOrder, TurnPath
from countersign.liveness.solid import SolidCheck
from countersign.media.decode import LOGIN_FPS, decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from tests.face.pictures import film, scaled, sitters

FPS = 10.0
ASKED = TurnPath(first=Side.RIGHT, extent_deg=30, order=TurnOrder.AFTER_WORDS)


@pytest.fixture(scope="module")
def faces(runtime: Runtime) -> FacePath:
    return FacePath.load(runtime, pack=Pack.CORE)


@pytest.fixture(scope="module")
def check(runtime: Runtime) -> SolidCheck:
    return SolidCheck.load(runtime)


@pytest.fixture(scope="module")
def photo(samples: Path) -> UInt8Array:
    return scaled(sitters(samples, count=1)[0], 1.5)


def judged(faces: FacePath, check: SolidCheck, images: tuple[UInt8Array, ...]) -> Assessment | FailureToAcquire:
    track = faces.track(film(list(images)), dense=True)
    assert isinstance(track, FaceTrack)
    return check.check(track)


def test_a_head_that_turns_is_solid(faces: FacePath, check: SolidCheck, photo: UInt8Array) -> None:
    surface = surface_of(faces, photo)
    assert isinstance(surface, Landmarks)
    found = judged(faces, check, render_turn(photo, surface, ASKED, fps=FPS))
    assert isinstance(found, Assessment)
    assert found.llr.value > 2.0
    assert found.measures["freedom_count"] > 1000


@pytest.mark.parametrize("handling", [Handling.TURNED, Handling.OVERTURNED, Handling.BENT, Handling.FLEXED])
def test_a_picture_that_turns_is_not(handling: Handling, faces: FacePath, check: SolidCheck, photo: UInt8Array) -> None:
    room = np.full((360, 480, 3), 110, dtype=np.uint8)
    holds = handled(handling, ASKED, fps=FPS, random=np.random.default_rng(3))
    found = judged(faces, check, held(Sheet.of(photo), holds, room, width=250.0, distance=700.0))
    assert isinstance(found, Assessment)
    assert found.llr.value < -1.0


def test_a_face_shown_from_one_side_only_says_nothing(faces: FacePath, check: SolidCheck, photo: UInt8Array) -> None:
    found = judged(faces, check, (photo,) * 15)
    assert isinstance(found, FailureToAcquire)
    assert found.reason is AcquisitionReason.TURN_TOO_SMALL


def test_a_real_head_is_solid(faces: FacePath, check: SolidCheck, samples: Path) -> None:
    data = (samples / "av/head_turns/live/tranvanluyt_real.mp4").read_bytes()
    clip = decode(Capture(data=data), keep_fps=LOGIN_FPS / 2).video
    assert clip is not None
    track = faces.track(clip, dense=True)
    assert isinstance(track, FaceTrack)
    found = check.check(track)
    assert isinstance(found, Assessment)
    assert found.llr.value > 2.0
