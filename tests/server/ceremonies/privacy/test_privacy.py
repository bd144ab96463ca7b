"""Consent, export, erasure: what the person is told, gets, and can end."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session

from countersign.server.accounts.models import User
from countersign.server.audit.keys import chain_keys
from countersign.server.audit.models import AuditEntry
from countersign.server.audit.stored import stored_entries, stored_head
from countersign.server.audit.verification import verify
from countersign.server.ceremonies.models import Consent, ReferenceSet, SealedRecord, WrappedDataKey
from countersign.server.ceremonies.privacy import consent, export
from tests.server.ceremonies.enrolment.enrollee import Enrollee, code


def test_every_table_with_a_key_to_the_account_is_exported_or_left_out_with_a_reason() -> None:
    exported = {table.model.lower() for table in export.TABLES}
    left_out = {name.lower() for name in export.LEFT_OUT}
    with_key = {
        model._meta.label_lower
        for model in apps.get_models(include_auto_created=True)
        if any(field.is_relation and field.related_model is User for field in model._meta.fields)
    }
    assert with_key - exported - left_out == set(), "say in privacy/export.py what becomes of these"
    assert not exported & left_out


def test_every_exported_column_exists() -> None:
    for table in export.TABLES:
        columns = {field.attname for field in apps.get_model(table.model)._meta.concrete_fields}
        assert set(table.fields) <= columns, table.model


def test_an_export_has_everything_but_the_references_themselves(ann: Enrollee) -> None:
    ann.enrol()
    answer = ann.api("GET", "/export")
    assert answer.status_code == 200, answer.content
    exported = answer.json()
    assert exported["data"]["account"][0]["email"] == "ann@example.org"
    assert exported["data"]["account"][0]["phone"] == "+31612345678"
    assert len(exported["data"]["references"]) == 2
    assert len(exported["data"]["voice_profile"]) == 5
    assert exported["data"]["ceremonies.Consent"][0]["version"] == consent.CURRENT.version
    assert {"enrolment.completed", "consent.given"} <= {entry["kind"] for entry in exported["data"]["audit_log"]}
    assert exported["left_out"] == dict(export.LEFT_OUT)
    text = json.dumps(exported)
    held = ReferenceSet.objects.get(account=ann.account)
    for secret in (str(held.reference_id), str(held.profile_id), ann.account.password, "llr", "nonce"):
        assert secret not in text, secret
    assert AuditEntry.objects.filter(kind="account.exported", account=str(ann.account.pk)).count() == 1


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/export"), ("DELETE", "/references"), ("DELETE", "/consent"), ("DELETE", "/account")]
)
def test_whoever_exports_or_erases_proves_again_who_they_are(person: User, method: str, path: str) -> None:
    unlocked = Enrollee(person, proved=False)
    assert code(unlocked.api(method, path)) == (403, "session.reauthentication_required")
    assert User.objects.filter(pk=person.pk).exists()


def test_consent_is_recorded_with_version_and_time_and_said_once(ann: Enrollee) -> None:
    before = ann.api("GET", "/consent").json()
    assert (before["given_at"], before["language"]) == (None, "en")
    assert "encrypted" in before["text"]
    ann.consent()
    ann.consent()
    (row,) = Consent.objects.all()
    given_at = datetime.fromisoformat(ann.api("GET", "/consent").json()["given_at"])
    assert abs(given_at - row.given_at) < timedelta(milliseconds=1)
    assert AuditEntry.objects.filter(kind="consent.given").count() == 1


def test_consent_to_another_text_is_none(ann: Enrollee) -> None:
    assert code(ann.api("POST", "/consent", {"version": "2020-01-01"})) == (409, "consent.outdated")
    assert not Consent.objects.exists()


def test_withdrawn_consent_erases_the_references_and_stays_as_proof(ann: Enrollee) -> None:
    ann.enrol()
    assert ann.api("DELETE", "/consent").status_code == 204
    assert not WrappedDataKey.objects.exists()
    assert not SealedRecord.objects.exists()
    (row,) = Consent.objects.all()
    assert row.withdrawn_at is not None
    assert ann.api("GET", "/consent").json()["given_at"] is None
    kinds = list(AuditEntry.objects.filter(account=str(ann.account.pk)).values_list("kind", flat=True))
    assert kinds[-2:] == ["references.erased", "consent.withdrawn"]


def test_erasing_twice_is_no_error(ann: Enrollee) -> None:
    ann.enrol()
    assert [ann.api("DELETE", "/references").status_code for _ in range(2)] == [204, 204]
    assert AuditEntry.objects.filter(kind="references.erased").count() == 1


def test_a_deleted_account_leaves_nothing_but_events(ann: Enrollee, person: User) -> None:
    ann.enrol()
    assert ann.api("DELETE", "/account").status_code == 204
    assert not User.objects.filter(pk=person.pk).exists()
    assert not WrappedDataKey.objects.exists()
    assert not SealedRecord.objects.exists()
    assert code(ann.api("GET", "/references")) == (401, "session.required")
    assert not [each for each in Session.objects.all() if each.get_decoded().get("_auth_user_id") == str(person.pk)]
    assert AuditEntry.objects.filter(account=str(person.pk)).last().kind == "account.deleted"  # type: ignore[union-attr]
    head = stored_head()
    assert verify(stored_entries(head), head, chain_keys()).intact


def test_an_account_that_is_deleted_by_any_other_door_is_crypto_erased_too(ann: Enrollee) -> None:
    ann.enrol()
    ann.begin()
    ann.sent("picture", 0, ann.fitting("picture", 0))
    User.objects.get(pk=ann.account.pk).delete()
    assert not WrappedDataKey.objects.exists()
    assert not SealedRecord.objects.exists()
