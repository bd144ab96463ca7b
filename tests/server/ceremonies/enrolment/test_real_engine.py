"""A whole enrolment of real pictures and real speech, by the real engine.

The person is chimeric: the face is a man's who turns his head in a film, the voice a woman's of AN4, whose transcripts stand
in for the prompts. He turns less far to his right, so that picture is one of his left, mirrored.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.conf import settings

from countersign.core.arrays import UInt8Array
from countersign.core.samples import Capture
from countersign.media.decode import decode
from countersign.media.pool import DecodePool
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.pipeline import Engine
from countersign.server.ceremonies import engine_room
from countersign.server.ceremonies.engine_room import EngineRoom, Places
from countersign.server.ceremonies.models import EnrolmentSession
from countersign.server.ceremonies.references import holding
from tests.server.ceremonies.enrolment.enrollee import Enrollee
from tests.server.databases import Databases

FILM = "av/head_turns/live/tranvanluyt_real.mp4"
MOMENTS_S = (0.5, 6.27, 2.77, 4.77, 9.0, 10.0, 5.27, 19.0)
"""For each slot, a moment at which the head is turned so."""
MIRRORED = 6
SPEAKER = "fjam"
UTTERANCES = ("an77", "an79", "cen4", "cen5", "cen8")

pytestmark = pytest.mark.slow


def jpeg(image: UInt8Array) -> bytes:
    found, encoded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    assert found
    return encoded.tobytes()


@pytest.fixture(scope="module")
def pictures(samples: Path) -> list[UInt8Array]:
    """One for each slot."""
    film = decode(Capture(data=(samples / FILM).read_bytes()), keep_fps=4.0, threads=1)
    assert film.video is not None
    nearest = [min(film.video.frames, key=lambda frame: abs(frame.time_s - moment)).image for moment in MOMENTS_S]
    nearest[MIRRORED] = np.ascontiguousarray(nearest[MIRRORED][:, ::-1])
    return nearest


@pytest.fixture(scope="module")
def speech(samples: Path) -> list[tuple[list[str], bytes]]:
    """Words, and somebody who says them."""
    folder = samples / "voice/an4"
    with (folder / "index.csv").open(encoding="utf-8") as file:
        rows = {row["file"]: row["text"].lower().split() for row in csv.DictReader(file)}
    files = [f"{SPEAKER}/{utterance}-{SPEAKER}-b.opus" for utterance in UTTERANCES]
    return [(rows[file], (folder / file).read_bytes()) for file in files]


@pytest.fixture(scope="module")
def room(runtime: Runtime) -> Iterator[EngineRoom]:
    """The real engine, and a decoding process."""
    engine = Engine.load(runtime, pack=Pack.CORE)
    with DecodePool(size=1) as decoder:
        yield EngineRoom(load=lambda: engine, decoder=decoder, places=Places(at_once=1, waiting=2, seconds=20))


@pytest.fixture
def real(
    databases: Databases, ann: Enrollee, room: EngineRoom, speech: list[Any], monkeypatch: pytest.MonkeyPatch
) -> Enrollee:
    """Somebody who enrols with it, and is asked for what the speaker says."""
    if databases.name != "sqlite":
        pytest.skip("the engine is the same on every database")
    monkeypatch.setitem(engine_room._rooms, "real", room)
    monkeypatch.setattr(settings, "ENGINE_ROOM", "real")
    ann.begin()
    EnrolmentSession.objects.update(prompts=[words for words, _ in speech])
    return ann


def test_real_pictures_and_real_speech_make_references(
    real: Enrollee, samples: Path, pictures: list[UInt8Array], speech: list[tuple[list[str], bytes]]
) -> None:
    stranger = (samples / "faces/lfw/Arnold_Schwarzenegger/Arnold_Schwarzenegger_0009.jpg").read_bytes()
    assert real.advice("picture", 0, jpeg(pictures[2])) == ["look_straight"]
    assert real.advice("picture", 0, jpeg((pictures[0] * 0.02).astype(np.uint8))) == ["too_dark"]
    assert real.advice("picture", 0, jpeg(cv2.resize(pictures[0], (64, 114)).astype(np.uint8))) in (
        ["come_closer"],
        ["face_too_small"],
    )
    for slot, image in enumerate(pictures):
        assert real.advice("picture", slot, jpeg(image)) == [], f"slot {slot}"
    assert real.advice("picture", 7, stranger) == ["other_person"]

    assert real.advice("voice", 0, speech[1][1]) == ["other_words"]
    EnrolmentSession.objects.update(prompts=[words for words, _ in speech])
    for slot, (_, media) in enumerate(speech):
        assert real.advice("voice", slot, media) == [], f"prompt {slot}"

    answer = real.complete()
    assert answer.status_code == 200, answer.content
    face, voice = answer.json()["references"]
    yaws = [sample["yaw_deg"] for sample in face["samples"]]
    assert min(yaws) < -34 < 34 < max(yaws)
    assert all(sample["quality"]["speech_s"] > 1.5 for sample in voice["samples"])
    profile = real.api("GET", "/references/voice-profile").json()["samples"]
    assert all(120 < sample["median_hz"] < 300 for sample in profile), "a woman's voice"
    enrolled = holding.enrolment_of(real.account)
    assert enrolled is not None
    assert enrolled.face is not None
    assert enrolled.voice is not None
    assert (len(enrolled.face.samples), len(enrolled.voice.samples)) == (8, 5)


def test_guidance_sees_where_a_real_face_is_and_where_it_looks(real: Enrollee, pictures: list[UInt8Array]) -> None:
    def ask(image: UInt8Array) -> dict[str, Any]:
        small = jpeg(cv2.resize(image, (180, 320)).astype(np.uint8))
        assert len(small) < 65_536
        answer = real.client.post("/api/v1/guidance", small, content_type="image/jpeg")
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    front, left = ask(pictures[0]), ask(pictures[3])
    assert abs(front["face"]["yaw"]) < 12
    assert left["face"]["yaw"] > 25
    box = front["face"]["box"]
    assert 0 <= box[0] < 0.5 < box[2] <= 1
    nobody = ask(np.full((320, 180, 3), 120, np.uint8))
    assert (nobody["face"], nobody["advice"][0]["code"]) == (None, "no_face")
