"""The operator hears of a face that is enrolled twice; nobody else does."""

from __future__ import annotations

from uuid import UUID

import pytest

from countersign.core.biometrics import FaceReference
from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from countersign.server.ceremonies.enrolment import duplicates
from countersign.server.ceremonies.enrolment.examiner import Examiner
from countersign.server.ceremonies.models import DuplicateAlarm, ReferenceSet, SealedRecord
from tests.server.ceremonies.enrolment.enrollee import Enrollee


def another(name: str, *, who: str) -> Enrollee:
    return Enrollee(User.objects.create_user(name, f"{name}@example.org", "x" * 20), who=who)


def test_the_same_face_under_another_account_raises_an_alarm_and_refuses_nothing(ann: Enrollee) -> None:
    ann.enrol()
    twin = another("twin", who="ann")
    references = twin.enrol()
    assert len(references) == 2
    (alarm,) = DuplicateAlarm.objects.all()
    assert (alarm.account, alarm.other) == (twin.account, ann.account)
    assert alarm.llr >= duplicates.LEAST_LLR
    entry = AuditEntry.objects.get(kind="enrolment.duplicate_suspected")
    assert entry.account == str(twin.account.pk)
    assert str(ann.account.pk) in entry.details
    assert ReferenceSet.objects.filter(compared_at__isnull=True).count() == 0


def test_different_faces_raise_none(ann: Enrollee) -> None:
    ann.enrol()
    another("bob", who="bob").enrol()
    assert not DuplicateAlarm.objects.exists()


def test_enrolling_anew_is_no_duplicate_of_oneself_and_alarms_once(ann: Enrollee) -> None:
    ann.enrol()
    ann.enrol()
    assert not DuplicateAlarm.objects.exists()
    twin = another("twin", who="ann")
    twin.enrol()
    twin.enrol()
    assert DuplicateAlarm.objects.count() == 1


def test_a_search_that_runs_out_of_time_goes_on_where_it_stopped(
    ann: Enrollee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "SECONDS", 0.0)
    people = [another(f"person{number}", who=f"person{number}") for number in range(3)]
    for person in people:
        person.enrol()
    ReferenceSet.objects.update(compared_at="2026-01-01T00:00Z")
    held = ReferenceSet.objects.get(account=people[-1].account)
    ReferenceSet.objects.filter(pk=held.pk).update(compared_at=None)

    looked_at: list[UUID] = []
    compare, clock = duplicates._compare, iter(range(100))

    def watched(held: ReferenceSet, face: FaceReference, other: ReferenceSet, examiner: Examiner) -> None:
        looked_at.append(other.pk)
        compare(held, face, other, examiner)

    monkeypatch.setattr("countersign.server.ceremonies.enrolment.duplicates.time.monotonic", lambda: next(clock))
    monkeypatch.setattr(duplicates, "_compare", watched)
    rounds = 0
    while duplicates.search_pending(seconds=3):
        rounds += 1
    assert rounds > 1
    assert sorted(looked_at) == sorted(person.account.pk for person in people[:2]), "each once"


def test_references_that_cannot_be_opened_do_not_end_the_search(ann: Enrollee) -> None:
    ann.enrol()
    broken = another("broken", who="broken")
    broken.enrol()
    held = ReferenceSet.objects.get(account=broken.account)
    SealedRecord.objects.filter(pk=held.reference_id).update(data=b"CSSR" + bytes(100))
    another("twin", who="ann").enrol()
    (alarm,) = DuplicateAlarm.objects.all()
    assert alarm.other == ann.account
