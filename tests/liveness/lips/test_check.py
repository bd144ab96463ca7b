"""Lips that say what is heard are believed; sound from another time, of other words, or beside a still face is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.evidence import Assessment, CheckName, CheckResult, NotAssessed
from countersign.core.samples import AudioClip, Capture, Frame, Recording
from countersign.face.track import FaceTrack
from countersign.liveness.lips.check import LipsCheck
from countersign.liveness.lips.path import LipsPath
from countersign.liveness.observation import Observation
from countersign.media.decode import LOGIN_FPS, decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.pipeline import Engine

TALKING = ("grid/s31/lgbj5a.mpg", "grid/s31/prwa4n.mpg", "grid/rizkiarm/sbia1a.mpg")
"""Of people who had no part in the fit."""


@pytest.fixture(scope="module")
def engine(runtime: Runtime) -> Engine:
    return Engine.load(runtime, pack=Pack.CORE)


@pytest.fixture(scope="module")
def seen(engine: Engine, samples: Path) -> dict[str, Observation]:
    return {name: engine.observe(film(samples, name))[1] for name in TALKING}


def film(samples: Path, name: str) -> Recording:
    return decode(Capture(data=(samples / "av" / name).read_bytes()), keep_fps=LOGIN_FPS)


def with_sound(engine: Engine, observation: Observation, sound: AudioClip) -> Observation:
    activity = engine.voice.find_speech(sound)
    return replace(observation, recording=replace(observation.recording, audio=sound), activity=activity)


def delayed(sound: AudioClip, seconds: float) -> AudioClip:
    """The sound later in the same recording; what falls out at the end comes in at the beginning."""
    return replace(sound, samples=np.roll(sound.samples, round(16_000 * seconds)))


def in_noise(sound: AudioClip, below_db: float) -> AudioClip:
    """White noise so far below the louder half of the sound."""
    loud = np.sort(np.square(sound.samples[: len(sound.samples) // 160 * 160]).reshape(-1, 160).mean(axis=1))
    level = np.sqrt(loud[len(loud) // 2 :].mean() / 10 ** (below_db / 10))
    noise = np.random.default_rng(0).normal(0.0, level, len(sound.samples))
    return replace(sound, samples=(sound.samples + noise).astype(np.float32))


def of(result: CheckResult) -> Assessment:
    assert isinstance(result, Assessment), result
    return result


def sound_of(observation: Observation) -> AudioClip:
    assert observation.recording.audio is not None
    return observation.recording.audio


def still(observation: Observation) -> Observation:
    """The same face as in the first frame, seen as it was then, with the landmarks' own tremble."""
    track = observation.track
    assert isinstance(track, FaceTrack)
    first, rng = track.sightings[0], np.random.default_rng(0)
    sightings = [
        replace(
            each,
            frame=replace(each.frame, image=first.frame.image),
            surface=replace(
                first.surface,
                points=(first.surface.points + rng.normal(0.0, 0.05, (468, 3))).astype(np.float32),
            ),
        )
        for each in track.sightings
    ]
    return replace(observation, track=replace(track, sightings=tuple(sightings)))


@pytest.mark.parametrize("name", TALKING)
def test_people_are_believed_what_they_say(engine: Engine, seen: dict[str, Observation], name: str) -> None:
    found = engine.liveness.lips.assess(seen[name])
    lips, speaker = of(found[CheckName.LIPS]), of(found[CheckName.ACTIVE_SPEAKER])
    assert lips.llr.value > 0
    assert abs(lips.measures["offset_ms"]) <= 80
    assert speaker.llr.value > 0


@pytest.mark.parametrize("offset_s", [-0.08, 0.08])
def test_a_recorder_whose_clocks_differ_a_little_is_forgiven(
    engine: Engine, seen: dict[str, Observation], offset_s: float
) -> None:
    observation = seen[TALKING[0]]
    other = with_sound(engine, observation, delayed(sound_of(observation), offset_s))
    assert of(engine.liveness.lips.assess(other)[CheckName.LIPS]).llr.value > 0


@pytest.mark.parametrize("name", TALKING)
@pytest.mark.parametrize("offset_s", [-0.6, -0.2, 0.2, 0.6])
def test_sound_from_another_time_is_refused(
    engine: Engine, seen: dict[str, Observation], name: str, offset_s: float
) -> None:
    other = with_sound(engine, seen[name], delayed(sound_of(seen[name]), offset_s))
    lips = of(engine.liveness.lips.assess(other)[CheckName.LIPS])
    assert lips.llr.value < 0
    assert lips.measures["offset_ms"] == pytest.approx(1000 * offset_s, abs=80)


@pytest.mark.parametrize(("name", "other"), list(zip(TALKING, TALKING[1:] + TALKING[:1], strict=True)))
def test_other_words_are_refused(engine: Engine, seen: dict[str, Observation], name: str, other: str) -> None:
    dubbed = with_sound(engine, seen[name], sound_of(seen[other]))
    assert of(engine.liveness.lips.assess(dubbed)[CheckName.LIPS]).llr.value < 0


@pytest.mark.parametrize("name", TALKING)
def test_a_voice_beside_a_still_face_is_refused(engine: Engine, seen: dict[str, Observation], name: str) -> None:
    found = engine.liveness.lips.assess(still(seen[name]))
    assert of(found[CheckName.LIPS]).llr.value < -2
    assert of(found[CheckName.ACTIVE_SPEAKER]).llr.value < -2


@pytest.mark.parametrize(("shift", "late_ms"), [("0", -120), ("12", 360)])
def test_the_offset_of_known_clips_is_found(engine: Engine, samples: Path, shift: str, late_ms: float) -> None:
    recording = film(samples, f"sync_pairs/test_offset_{shift}.avi")
    lips = of(engine.liveness.lips.assess(engine.observe(recording)[1])[CheckName.LIPS])
    # SyncNet's own answer for the first is three frames of 40 ms; the other is later by 12 of these.
    assert lips.measures["offset_ms"] == pytest.approx(late_ms, abs=41)
    assert (lips.llr.value > 0) is (abs(late_ms) < 200)


@pytest.mark.parametrize("every", [2, 3])
def test_few_pictures_a_second_are_enough(
    engine: Engine, seen: dict[str, Observation], samples: Path, every: int
) -> None:
    whole = film(samples, TALKING[1])
    assert whole.video is not None
    fewer: tuple[Frame, ...] = whole.video.frames[::every]
    slow = engine.observe(replace(whole, video=replace(whole.video, frames=fewer)))[1]
    assert of(engine.liveness.lips.assess(slow)[CheckName.LIPS]).llr.value > 0
    late = with_sound(engine, slow, delayed(sound_of(slow), 0.3))
    assert of(engine.liveness.lips.assess(late)[CheckName.LIPS]).llr.value < 0


@pytest.mark.parametrize("name", TALKING)
@pytest.mark.parametrize("below_db", [15.0, 10.0])
def test_noise_does_not_silence_lips(engine: Engine, seen: dict[str, Observation], name: str, below_db: float) -> None:
    sound = in_noise(sound_of(seen[name]), below_db)
    own = of(engine.liveness.lips.assess(with_sound(engine, seen[name], sound))[CheckName.LIPS])
    late = of(engine.liveness.lips.assess(with_sound(engine, seen[name], delayed(sound, 0.4)))[CheckName.LIPS])
    assert own.llr.value > 0 > late.llr.value
    if below_db <= 10.0:
        assert own.llr.calibration.startswith("lips-mouth-in-noise@")


def test_a_quiet_recording_is_not_taken_for_a_noisy_one(engine: Engine, seen: dict[str, Observation]) -> None:
    quiet = of(engine.liveness.lips.assess(seen[TALKING[0]])[CheckName.LIPS])
    assert quiet.llr.calibration.startswith("lips-mouth@")


def test_a_recording_in_which_nobody_speaks_is_asked_for_again(engine: Engine, seen: dict[str, Observation]) -> None:
    observation = seen[TALKING[0]]
    silence = replace(sound_of(observation), samples=np.zeros(48_000, np.float32))
    for result in engine.liveness.lips.assess(with_sound(engine, observation, silence)).values():
        assert isinstance(result, FailureToAcquire)
        assert result.reason is AcquisitionReason.NO_SPEECH


def test_a_mouth_that_is_not_seen_while_words_are_said_is_asked_for_again(
    engine: Engine, seen: dict[str, Observation]
) -> None:
    observation = seen[TALKING[0]]
    track = observation.track
    assert isinstance(track, FaceTrack)
    brief = replace(observation, track=replace(track, sightings=track.sightings[:10]))
    result = engine.liveness.lips.assess(brief)[CheckName.LIPS]
    assert isinstance(result, FailureToAcquire)
    assert result.reason is AcquisitionReason.NO_FACE


def test_without_a_face_or_sound_both_say_why(engine: Engine, seen: dict[str, Observation]) -> None:
    nothing = NotAssessed(reason="the recording has no sound")
    for result in engine.liveness.lips.assess(replace(seen[TALKING[0]], activity=nothing)).values():
        assert result is nothing


def test_pack_plus_looks_at_the_mouth_as_well(
    plus_runtime: Runtime, engine: Engine, seen: dict[str, Observation]
) -> None:
    if not plus_runtime.has("light-asd"):
        pytest.skip("needs light-asd, which COUNTERSIGN_MODEL_SOURCE lacks")
    path = LipsPath.load(plus_runtime, pack=Pack.PLUS)
    own = of(path.assess(seen[TALKING[0]])[CheckName.LIPS])
    assert own.llr.calibration.startswith("lips-mouth-and-looks@")
    assert own.llr.value > 0
    dubbed = with_sound(engine, seen[TALKING[0]], sound_of(seen[TALKING[1]]))
    assert of(path.assess(dubbed)[CheckName.LIPS]).llr.value < 0


def test_pack_plus_without_the_model_still_answers(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Runtime, "has", lambda *_: False)
    assert LipsCheck.load(runtime, pack=Pack.PLUS).looks is None
