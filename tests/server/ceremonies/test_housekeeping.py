"""What is to be forgotten is forgotten, whoever asks and whoever does not."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from countersign.core.errors import ErrorCode, VaultError
from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from countersign.server.ceremonies import housekeeping
from countersign.server.ceremonies.models import (
    Attempt,
    ChallengeRecord,
    EnrolmentSession,
    ReferenceSet,
    SealedRecord,
    SigningDevice,
)
from countersign.server.ceremonies.references.opening import open_vault
from tests.server.ceremonies.enrolment.enrollee import Enrollee
from tests.server.ceremonies.people import Visitor
from tests.vault.enrolments import enrolment

LONG_AGO = timedelta(days=1)


def test_what_an_enrolment_gathered_is_erased_once_it_expired(ann: Enrollee) -> None:
    ann.begin()
    ann.sent("picture", 0, ann.fitting("picture", 0))
    assert housekeeping.drop_expired_enrolments() == 0, "not before"
    EnrolmentSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert housekeeping.tidy()["drop_expired_enrolments"] == 1
    assert not EnrolmentSession.objects.exists()
    assert not SealedRecord.objects.exists()
    assert AuditEntry.objects.get(kind="enrolment.dropped").details.find('"expired":true') > 0


def test_a_finished_enrolment_is_forgotten_and_its_references_stay(ann: Enrollee) -> None:
    ann.enrol()
    EnrolmentSession.objects.update(completed_at=timezone.now() - LONG_AGO)
    assert housekeeping.tidy()["drop_expired_enrolments"] == 1
    assert not EnrolmentSession.objects.exists()
    assert len(ann.api("GET", "/references").json()) == 2
    assert not AuditEntry.objects.filter(kind="enrolment.dropped").exists()


def test_references_that_were_sealed_but_never_finished_are_erased(person: User) -> None:
    held = ReferenceSet.objects.create(account=person)
    open_vault().references.write(held.reference_id, enrolment(), expected_version=0)
    assert housekeeping.erase_unfinished_references() == 0, "somebody may be about to finish them"
    ReferenceSet.objects.update(changed_at=timezone.now() - LONG_AGO)
    assert housekeeping.erase_unfinished_references() == 1
    assert not SealedRecord.objects.exists()


def test_challenges_are_forgotten_an_hour_after_they_expired(enrolled: User) -> None:
    visitor = Visitor()
    visitor.log_in()
    visitor.challenge()
    assert housekeeping.forget_old_challenges() == 0
    ChallengeRecord.objects.update(expires_at=timezone.now() - timedelta(hours=2))
    assert housekeeping.forget_old_challenges() == 1


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def test_attempts_are_forgotten_after_the_days_that_are_set_and_the_audit_log_is_not(
    enrolled: User, with_policy: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "_BATCH", 2)
    for media in (b"reject", b"reject", b"reject", b"accept"):
        visitor = Visitor()
        visitor.log_in()
        visitor.attempt(media)
    entries = AuditEntry.objects.count()
    Attempt.objects.filter(state="rejected").update(at=days_ago(401))
    Attempt.objects.filter(state="accepted").update(at=days_ago(399))
    assert housekeeping.forget_old_attempts() == 3
    assert Attempt.objects.get().state == "accepted"
    with_policy(kept_days=30)
    assert housekeeping.forget_old_attempts() == 1
    assert not Attempt.objects.exists()
    assert AuditEntry.objects.count() == entries


def test_no_more_attempts_are_forgotten_in_one_round_than_logins_can_wait_for(
    enrolled: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "_BATCH", 2)
    monkeypatch.setattr(housekeeping, "MOST_ATTEMPTS", 3)
    old = [Attempt(account=enrolled, challenge=uuid4(), profile="standard", at=days_ago(500)) for _ in range(5)]
    Attempt.objects.bulk_create(old)
    assert [housekeeping.forget_old_attempts() for _ in range(3)] == [3, 2, 0]


def test_devices_that_were_never_used_are_forgotten_and_the_audit_log_says_so(ann: Enrollee) -> None:
    def device(name: str, **values: object) -> str:
        held = SigningDevice.objects.create(account=ann.account, name=name, public_key=b"key", key_hash=name, **values)
        return str(held.pk)

    unused, _ = device("unused", created_at=days_ago(401)), device("new", created_at=days_ago(399))
    device("used", created_at=days_ago(2000), last_used_at=days_ago(1000))
    device("of an open login", created_at=days_ago(0.01), pending="login")
    device("of a login that was left", created_at=days_ago(1), pending="login")
    assert housekeeping.tidy()["forget_unused_devices"] == 2
    names = set(SigningDevice.objects.values_list("name", flat=True))
    assert names == {"new", "used", "of an open login"}
    assert unused in AuditEntry.objects.get(kind="signing_device.removed").details


def test_a_step_that_fails_does_not_keep_the_others_from_being_done(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> int:
        raise VaultError(ErrorCode.VAULT_UNAVAILABLE, "the vault is away")

    monkeypatch.setattr(housekeeping, "STEPS", (fails, housekeeping.forget_old_challenges))
    assert housekeeping.tidy() == {"forget_old_challenges": 0}


def test_the_thread_tidies_again_and_again_until_it_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    monkeypatch.setattr(housekeeping, "tidy", lambda: done.append(1))
    end = housekeeping.start(every=timedelta(milliseconds=1), first_after=timedelta())
    deadline = time.monotonic() + 10
    while len(done) < 3 and time.monotonic() < deadline:
        time.sleep(0.005)
    end()
    count = len(done)
    time.sleep(0.02)
    assert len(done) == count >= 3
