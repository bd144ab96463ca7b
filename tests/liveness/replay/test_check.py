from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import soxr

from countersign.core.arrays import Float32Array
from countersign.core.evidence import Assessment, NotAssessed
from countersign.core.samples import SAMPLE_RATE_HZ, Capture
from countersign.evaluation.people import Side, side_of
from countersign.face.path import FacePath
from countersign.face.track import FaceTrack
from countersign.liveness.replay.check import ReplayCheck
from countersign.liveness.replay.keyed import TokenKey
from countersign.liveness.replay.memory import SqliteReplayMemory
from countersign.liveness.replay.pictures import FaceWaves
from countersign.liveness.replay.prints import RecordingPrint, fingerprint_of
from countersign.media.decode import decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime

KEY = bytes(range(32))
NOTHING = np.zeros(0, np.float32)


@pytest.fixture(scope="module")
def check() -> ReplayCheck:
    return ReplayCheck.load()


@pytest.fixture(scope="module")
def readings(samples: Path) -> tuple[Float32Array, ...]:
    """Twelve utterances of AN4 of four seconds or more, the first two by one person."""
    base = samples / "voice" / "an4"
    rows = [
        row
        for row in csv.DictReader((base / "index.csv").read_text("utf-8").splitlines())
        if float(row["seconds"]) >= 4
    ]
    rows = sorted((row for row in rows if side_of(row["speaker"]) is Side.DEVELOP), key=lambda row: row["speaker"])[:12]
    found = [decode(Capture(data=(base / row["file"]).read_bytes())).audio for row in rows]
    return tuple(audio.samples for audio in found if audio is not None)


@pytest.fixture(scope="module")
def faces(samples: Path, runtime: Runtime) -> tuple[FaceWaves, ...]:
    """Three films of one person talking."""
    path = FacePath.load(runtime, pack=Pack.CORE)
    found = []
    for name in ("bbaf2n", "bbbf6n", "bbif1a"):
        video = decode(Capture(data=(samples / "av/grid/s1" / f"{name}.mpg").read_bytes()), keep_fps=25.0).video
        assert video is not None
        track = path.track(video, dense=True)
        assert isinstance(track, FaceTrack)
        found.append(FaceWaves.of(track))
    return tuple(found)


def _of_sound(sound: Float32Array, key: bytes = KEY) -> RecordingPrint:
    return fingerprint_of(sound, None, TokenKey(key))


def _of_face(face: FaceWaves) -> RecordingPrint:
    return fingerprint_of(NOTHING, face, TokenKey(KEY))


def _memory(*prints: RecordingPrint, key: bytes = KEY) -> SqliteReplayMemory:
    memory = SqliteReplayMemory(key)
    for each in prints:
        memory.remember(uuid4(), each.kept, at=datetime.now(UTC))
    return memory


def _telephone(sound: Float32Array) -> Float32Array:
    """G.711's eight bits at 8 kHz, by formula."""
    narrow = np.clip(soxr.resample(sound, SAMPLE_RATE_HZ, 8000), -1, 1)
    companded = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)
    steps = np.round(companded * 127) / 127
    expanded = np.sign(steps) * np.expm1(np.abs(steps) * np.log(256)) / 255
    return np.asarray(soxr.resample(expanded, 8000, SAMPLE_RATE_HZ), np.float32)


def _altered(sound: Float32Array, change: str) -> Float32Array:
    rates = {"faster": SAMPLE_RATE_HZ * 1.02, "slower": SAMPLE_RATE_HZ * 0.98}
    if change in rates:
        return np.asarray(soxr.resample(sound, rates[change], SAMPLE_RATE_HZ), np.float32)
    if change == "telephone":
        return _telephone(sound)
    if change == "louder":
        return np.clip(2 * sound, -1, 1).astype(np.float32)
    return sound[11_111 : 11_111 + 3 * SAMPLE_RATE_HZ] if change == "part" else sound


@pytest.mark.parametrize("change", ["whole", "telephone", "louder", "part", "faster", "slower"])
def test_a_sound_heard_before_is_known_again_however_it_was_altered(
    check: ReplayCheck, readings: tuple[Float32Array, ...], change: str
) -> None:
    memory = _memory(*(_of_sound(sound) for sound in readings))
    for sound in readings[:4]:
        result = check.check(_of_sound(_altered(sound, change)), memory)
        assert isinstance(result, Assessment)
        assert result.llr.value < 0
        assert result.measures["sound_agreeing_landmarks"] > 20


def test_a_new_reading_is_new_also_by_somebody_who_is_remembered(
    check: ReplayCheck, readings: tuple[Float32Array, ...]
) -> None:
    for index, sound in enumerate(readings[:4]):
        others = [_of_sound(each) for place, each in enumerate(readings) if place != index]
        result = check.check(_of_sound(sound), _memory(*others))
        assert isinstance(result, Assessment)
        assert result.llr.value > 0


def test_a_memory_with_another_key_finds_nothing(check: ReplayCheck, readings: tuple[Float32Array, ...]) -> None:
    result = check.check(_of_sound(readings[0]), _memory(_of_sound(readings[0], bytes(32)), key=bytes(32)))
    assert isinstance(result, Assessment)
    assert result.measures["sound_agreeing_landmarks"] == 0


def test_the_film_of_a_face_is_known_again_and_another_film_of_it_is_not(
    check: ReplayCheck, faces: tuple[FaceWaves, ...]
) -> None:
    memory = _memory(*(_of_face(face) for face in faces[:2]))
    rng = np.random.default_rng(5)
    again = replace(faces[0], waves=faces[0].waves + rng.normal(0, 2, faces[0].waves.shape))
    known, new = check.check(_of_face(again), memory), check.check(_of_face(faces[2]), memory)
    assert isinstance(known, Assessment)
    assert isinstance(new, Assessment)
    assert known.llr.value < 0 < new.llr.value
    assert known.measures["picture_difference_share"] < 0.2


def test_an_old_film_with_new_sound_is_found(
    check: ReplayCheck, faces: tuple[FaceWaves, ...], readings: tuple[Float32Array, ...]
) -> None:
    memory = _memory(fingerprint_of(readings[0], faces[0], TokenKey(KEY)))
    for sound, face in ((readings[0], faces[2]), (readings[5], faces[0])):
        result = check.check(fingerprint_of(sound, face, TokenKey(KEY)), memory)
        assert isinstance(result, Assessment)
        assert result.llr.value < 0
    result = check.check(fingerprint_of(readings[5], faces[2], TokenKey(KEY)), memory)
    assert isinstance(result, Assessment)
    assert result.llr.value > 0


def test_silence_and_a_face_that_does_not_move_are_not_judged(check: ReplayCheck, faces: tuple[FaceWaves, ...]) -> None:
    still = replace(faces[0], waves=np.repeat(faces[0].waves[:1], len(faces[0].times_s), axis=0))
    found = fingerprint_of(np.zeros(5 * SAMPLE_RATE_HZ, np.float32), still, TokenKey(KEY))
    assert isinstance(check.check(found, _memory()), NotAssessed)
    assert isinstance(check.check(_of_sound(NOTHING), _memory()), NotAssessed)


def test_a_steady_tone_makes_no_two_recordings_alike(check: ReplayCheck, readings: tuple[Float32Array, ...]) -> None:
    rng = np.random.default_rng(1)

    def humming(sound: Float32Array) -> Float32Array:
        times = np.arange(len(sound)) / SAMPLE_RATE_HZ + rng.uniform()
        tones = sum(0.05 * np.sin(2 * np.pi * pitch * times) for pitch in (440.0, 1000.0, 2350.0))
        return np.asarray(sound + tones, np.float32)

    memory = _memory(*(_of_sound(humming(sound)) for sound in readings[1:]))
    result = check.check(_of_sound(humming(readings[0])), memory)
    assert isinstance(result, Assessment)
    assert result.llr.value > 0
