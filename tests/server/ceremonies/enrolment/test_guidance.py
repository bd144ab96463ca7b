"""Guidance says where the face is, in no time, and keeps nothing."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.server.ceremonies.guidance import endpoints
from countersign.server.ceremonies.guidance.pace import Pace
from countersign.server.ceremonies.models import SealedRecord
from tests.server.ceremonies.enrolment.enrollee import Enrollee, code
from tests.server.ceremonies.enrolment.scripted import picture
from tests.server.ceremonies.people import Visitor

JPEG = b"\xff\xd8\xff"


def ask(visitor: Visitor, body: bytes) -> Any:
    return visitor.client.post("/api/v1/guidance", body, content_type="image/jpeg")


def test_the_face_and_its_pose_are_told(ann: Enrollee) -> None:
    answer = ask(ann, JPEG + picture(yaw=21))
    assert answer.json() == {
        "face": {"box": [0.25, 0.25, 0.75, 0.75], "yaw": 21.0, "pitch": 0.0, "roll": 0.0},
        "advice": [],
    }
    assert not SealedRecord.objects.exists()


def test_without_a_face_there_is_advice(ann: Enrollee) -> None:
    answer = ask(ann, JPEG + picture(fails="no_face")).json()
    assert answer["face"] is None
    assert [advice["code"] for advice in answer["advice"]] == ["no_face"]


def test_what_is_no_small_jpeg_is_refused(ann: Enrollee) -> None:
    assert code(ask(ann, b"\x89PNG")) == (422, "media.unsupported")
    assert code(ask(ann, b"")) == (422, "media.unsupported")
    assert ask(ann, JPEG + bytes(70_000)).status_code in {413, 422, 400}


def test_nobody_without_a_login_is_guided(db: None) -> None:
    assert code(ask(Visitor(), JPEG)) == (401, "session.required")


def test_a_session_that_asks_too_often_is_told_to_wait(ann: Enrollee, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "PACE", Pace(per_second=0.5, burst=2))
    answers = [ask(ann, JPEG + picture()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "2"


def test_a_bucket_fills_again_and_each_session_has_its_own() -> None:
    now = [0.0]
    pace = Pace(per_second=2.0, burst=2, clock=lambda: now[0])
    assert [pace.take("a") for _ in range(3)] == [0, 0, 1]
    assert pace.take("b") == 0
    now[0] = 0.5
    assert [pace.take("a") for _ in range(2)] == [0, 1]
    now[0] = 100.0
    assert [pace.take("a") for _ in range(3)] == [0, 0, 1]
