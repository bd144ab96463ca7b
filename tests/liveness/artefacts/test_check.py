"""Printed and replayed faces are told from live ones by pack plus, and nobody is judged without it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import Modality
from countersign.core.evidence import Assessment, NotAssessed
from countersign.core.quality import HeadPose
from countersign.core.samples import Capture, Frame
from countersign.face.landmarks import FaceMesh
from countersign.face.path import FacePath
from countersign.face.pose import head_pose
from countersign.face.track import FaceTrack, Sighting
from countersign.liveness.artefacts.check import FRAMES, FaceArtefacts, chosen_sightings, fused_score
from countersign.media.decode import decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.scoring.calibrate import Calibrations

NUAA = "faces/nuaa/db"
PEOPLE = ("0009", "0010")
"""Of the develop side."""


@pytest.fixture(scope="module")
def check(plus_runtime: Runtime, calibrations: Calibrations) -> FaceArtefacts:
    loaded = FaceArtefacts.load(plus_runtime, calibrations)
    assert isinstance(loaded, FaceArtefacts)
    return loaded


@pytest.fixture(scope="module")
def path(plus_runtime: Runtime) -> FacePath:
    return FacePath.load(plus_runtime, pack=Pack.PLUS)


def seen(path: FacePath, mesh: FaceMesh, file: Path, time_s: float = 0.0) -> Sighting:
    video = decode(Capture(data=file.read_bytes())).video
    assert video is not None
    image = video.frames[0].image
    face = path.detector.detect(image, smallest=40, largest=480)[0]
    (surface,) = mesh.surfaces([(image, face)])
    return Sighting(frame=Frame(time_s=time_s, image=image), face=face, surface=surface, pose=head_pose(face, surface))


def track(path: FacePath, files: list[Path]) -> FaceTrack:
    sightings = tuple(seen(path, path.mesh, file, 0.1 * k) for k, file in enumerate(files))
    return FaceTrack(sightings=sightings, looked_at=len(sightings))


@pytest.mark.parametrize("person", PEOPLE)
def test_a_live_face_speaks_for_itself(samples: Path, path: FacePath, check: FaceArtefacts, person: str) -> None:
    files = sorted((samples / NUAA / "ClientRaw" / person).iterdir())[::7][:3]
    result = check.check(track(path, files))
    assert isinstance(result, Assessment)
    assert result.llr.value > 2


@pytest.mark.parametrize("person", PEOPLE)
def test_a_printed_face_speaks_against_itself(samples: Path, path: FacePath, check: FaceArtefacts, person: str) -> None:
    files = sorted((samples / NUAA / "ImposterRaw" / person).iterdir())[::7][:3]
    result = check.check(track(path, files))
    assert isinstance(result, Assessment)
    assert result.llr.value < -2
    assert max(result.measures[name] for name in ("near_nats", "far_nats", "texture_nats")) < 0


def test_a_film_shown_on_a_screen_speaks_against_itself(samples: Path, path: FacePath, check: FaceArtefacts) -> None:
    for folder, sign in (("live/tranvanluyt_real.mp4", 1), ("replay/tranvanluyt_fake.mp4", -1)):
        video = decode(Capture(data=(samples / "av/head_turns" / folder).read_bytes())).video
        assert video is not None
        result = check.check(path.track(video))
        assert isinstance(result, Assessment)
        assert result.llr.value * sign > 2


def test_every_measure_is_finite_and_named_after_its_unit(samples: Path, path: FacePath, check: FaceArtefacts) -> None:
    result = check.check(track(path, sorted((samples / NUAA / "ClientRaw" / "0009").iterdir())[:2]))
    assert isinstance(result, Assessment)
    assert all(np.isfinite(value) for value in result.measures.values())
    assert {name.rpartition("_")[2] for name in result.measures} == {"nats", "db", "sides"}


def test_several_faces_at_once_are_judged_as_they_are_one_by_one(
    samples: Path, path: FacePath, check: FaceArtefacts
) -> None:
    files = sorted((samples / NUAA / "ClientRaw" / "0009").iterdir())[:3]
    faces = [(each.frame.image, each.face) for each in track(path, files).sightings]
    together = check.log_odds(faces)
    alone = np.concatenate([check.log_odds([face]) for face in faces])
    assert together == pytest.approx(alone, abs=1e-3)


def test_no_network_outvotes_the_others(check: FaceArtefacts) -> None:
    sure = fused_score(np.array([[-40.0, 6.0, 6.0]]), check.ref)
    assert sure.value == pytest.approx(4.0 / 3.0)


def test_what_is_no_track_is_handed_on(check: FaceArtefacts) -> None:
    for nothing in (
        NotAssessed(reason="no movement"),
        FailureToAcquire(modality=Modality.FACE, reason=AcquisitionReason.NO_FACE, detail=""),
    ):
        assert check.check(nothing) is nothing


def test_without_its_models_there_is_no_check(tmp_path: Path, calibrations: Calibrations) -> None:
    result = FaceArtefacts.load(Runtime(ModelStore(tmp_path)), calibrations)
    assert isinstance(result, NotAssessed)
    assert "silentface-27" in result.reason


def test_frames_that_look_at_the_camera_come_first(samples: Path, path: FacePath) -> None:
    file = min((samples / NUAA / "ClientRaw" / "0009").iterdir())
    one = seen(path, path.mesh, file)

    def turned(yaws: list[float], *, detected: bool = True) -> FaceTrack:
        sightings = tuple(
            Sighting(
                frame=Frame(time_s=float(k), image=one.frame.image),
                face=one.face,
                surface=one.surface,
                pose=HeadPose(yaw=yaw, pitch=0.0, roll=0.0),
                detected=detected,
            )
            for k, yaw in enumerate(yaws)
        )
        return FaceTrack(sightings=sightings, looked_at=len(sightings))

    turning = turned([60.0, 5.0, -50.0, 3.0, -4.0, 40.0])
    assert [each.pose.yaw for each in chosen_sightings(turning)] == [5.0, 3.0, -4.0]
    assert len(chosen_sightings(turned([1.0] * 30))) == FRAMES
    assert len(chosen_sightings(turned([70.0, 80.0]))) == 2
    assert len(chosen_sightings(turned([1.0, 2.0], detected=False))) == 2
