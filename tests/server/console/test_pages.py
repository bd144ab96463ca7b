"""Pages that say what many attempts say together."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from countersign.server.accounts.models import User
from countersign.server.audit.events import EventKind
from countersign.server.audit.record import record
from countersign.server.ceremonies.models import AttemptState, DuplicateAlarm
from countersign.server.console.histogram import histogram
from tests.server.audit.test_record import without_triggers
from tests.server.console.conftest import FINDINGS, attempt


@pytest.fixture(autouse=True)
def _anchor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("audit.record", "audit.keys", "console.pages"):
        monkeypatch.setattr(f"countersign.server.{module}.anchor_path", lambda: tmp_path / "anchor.json")


def text(console: Client, page: str) -> str:
    answer = console.get(f"/console/{page}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_scores_stand_against_the_floors_of_the_profile(console: Client, person: User) -> None:
    assert "floor 2.30 nats" in text(console, "scores"), "nothing was judged yet"
    attempt(person)
    good = FINDINGS | {"face": {"status": "compared", "llr": 7.5}, "fused": {"status": "assessed", "llr": 12.0}}
    attempt(person, AttemptState.ACCEPTED, **good)
    page = text(console, "scores")
    assert "1 accepted, median 7.50 nats; 1 rejected, median -3.25 nats; floor 2.30 nats" in page
    assert "1 accepted, median 12.00 nats; floor 9.21 nats" in page
    assert page.count("<svg role=") >= 4
    assert "never rejects by itself" in page


def test_a_picture_draws_every_bar_and_the_floor_and_takes_any_number() -> None:
    values = {"accepted": (1.0, 2.0, 1e9), "rejected": (-1e9, -3.0)}
    picture = histogram(values, floor=0.0, title="<face>")
    assert picture.count("<rect") == 5
    assert "stroke-dasharray" in picture
    assert "&lt;face&gt;" in picture
    assert "stroke-dasharray" not in histogram({}, floor=None, title="nothing")
    assert histogram({"accepted": (2.0,)}, floor=None, title="one").count("<rect") == 1


def test_failures_are_counted_by_reason(console: Client, person: User) -> None:
    for _attempt in range(3):
        attempt(person)
    attempt(person, AttemptState.UNREADABLE)
    page = text(console, "failures")
    assert "Of the latest 4 attempts, 0 were to be tried again and 1 could not be opened." in page
    assert "<td>voice</td><td>too_quiet</td><td>4</td>" in page
    assert "<td>lips</td><td>no_speech</td><td>4</td>" in page


def test_alarms_name_duplicates_replays_many_rejections_and_events(
    console: Client, person: User, operator: User
) -> None:
    assert text(console, "alarms").count("None.") == 4
    for _attempt in range(5):
        attempt(person)
    DuplicateAlarm.objects.create(account=person, other=operator, llr=11.25)
    record(EventKind.CREDENTIAL_REUSED, account=person.pk, details={"client": "shop", "credential": "code"})
    page = text(console, "alarms")
    assert "11.25" in page
    assert "<td>5</td>" in page
    assert "application.credential_reused" in page
    assert page.count("/console/ceremonies/attempt/") >= 5


def test_settings_show_their_source_and_no_secret(console: Client) -> None:
    page = text(console, "settings-in-force")
    assert "accounts.free_guesses" in page
    assert "environment COUNTERSIGN_SECRETS_AUDIT_KEY" in page
    for secret in (settings.SECRET_KEY, "for-tests-only", "BEGIN PRIVATE KEY"):
        assert secret not in page


def test_the_log_is_verified_by_a_button(console: Client) -> None:
    assert "Nothing is changed" not in text(console, "verification")
    page = console.post("/console/verification/").content.decode()
    assert "Nothing is changed, missing or out of order" in page
    assert "signature" in page
    without_triggers("DELETE FROM audit_auditentry WHERE sequence = 1")
    page = console.post("/console/verification/").content.decode()
    assert "The log is not what was written" in page
    assert "missing" in page
