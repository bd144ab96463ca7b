"""The log in a database: with what it records or not at all, append-only, and one chain whoever writes."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from countersign.server.audit import keys
from countersign.server.audit.anchor import read_anchor
from countersign.server.audit.events import EventKind
from countersign.server.audit.keys import chain_keys
from countersign.server.audit.models import AuditEntry, AuditHead
from countersign.server.audit.record import record
from countersign.server.audit.stored import stored_entries, stored_head
from countersign.server.audit.verification import FaultKind, Verdict, verify

ACCOUNT = uuid.uuid4()


def verdict() -> Verdict:
    head = stored_head()
    return verify(stored_entries(head), head, chain_keys())


def without_triggers(statement: str) -> None:
    """What somebody with all rights over the database, and without the key, can do."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(statement)
            cursor.execute("SET session_replication_role = DEFAULT")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS audit_no_update")
            cursor.execute("DROP TRIGGER IF EXISTS audit_no_delete")
            cursor.execute(statement)


@pytest.mark.usefixtures("db")
def test_events_are_numbered_linked_and_intact() -> None:
    numbers = [record(EventKind.SESSION_ENDED, account=ACCOUNT) for _ in range(5)]
    assert numbers == [1, 2, 3, 4, 5]
    assert verdict().intact
    assert verdict().entries == 5


@pytest.mark.usefixtures("db")
def test_an_event_is_gone_with_what_it_recorded() -> None:
    record(EventKind.SESSION_ENDED, account=ACCOUNT)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _ = record(EventKind.PASSWORD_SET, account=ACCOUNT) / 0
    assert [entry.kind for entry in AuditEntry.objects.all()] == ["session.ended"]
    assert verdict().intact


@pytest.mark.usefixtures("db")
def test_details_and_times_survive_the_database_to_the_letter() -> None:
    record(EventKind.PRIVILEGES_CHANGED, account=ACCOUNT, details={"active": True, "staff": False, "superuser": False})
    entry = AuditEntry.objects.get()
    assert json.loads(entry.details) == {"active": True, "staff": False, "superuser": False}
    assert chain_keys().mac_of(entry.as_entry()) == entry.mac


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("statement", ["UPDATE audit_auditentry SET kind = 'x'", "DELETE FROM audit_auditentry"])
def test_the_database_itself_refuses_to_rewrite_the_log(statement: str) -> None:
    record(EventKind.SESSION_ENDED, account=ACCOUNT)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verdict().intact


@pytest.mark.usefixtures("db")
def test_the_models_refuse_as_well() -> None:
    record(EventKind.SESSION_ENDED, account=ACCOUNT)
    entry = AuditEntry.objects.get()
    for attempt in (entry.save, entry.delete, AuditEntry.objects.all().delete, AuditEntry.objects.all().update):
        with pytest.raises(TypeError):
            attempt()


@pytest.mark.parametrize(
    ("statement", "kind", "sequence"),
    [
        ("UPDATE audit_auditentry SET kind = 'session.began' WHERE sequence = 2", FaultKind.CHANGED, 2),
        ("DELETE FROM audit_auditentry WHERE sequence = 2", FaultKind.MISSING, 2),
        ("DELETE FROM audit_auditentry WHERE sequence >= 4", FaultKind.TRUNCATED, 4),
        ("DELETE FROM audit_audithead", FaultKind.SURPLUS, 1),
        ("UPDATE audit_audithead SET sequence = 4", FaultKind.HEAD_FORGED, 4),
    ],
)
def test_a_hand_in_the_database_is_found(own_database: str, statement: str, kind: FaultKind, sequence: int) -> None:
    for _ in range(5):
        record(EventKind.SESSION_ENDED, account=ACCOUNT)
    without_triggers(statement)
    assert (kind, sequence) in {(fault.kind, fault.sequence) for fault in verdict().faults}


def test_without_its_head_nothing_can_be_recorded(own_database: str) -> None:
    AuditHead.objects.all().delete()
    with pytest.raises(AuditHead.DoesNotExist):
        record(EventKind.SESSION_ENDED, account=ACCOUNT)


def test_writers_at_once_make_one_chain(own_database: str) -> None:
    def write(number: int) -> None:
        try:
            for _ in range(5):
                record(EventKind.SESSIONS_REVOKED, account=ACCOUNT, details={"count": number})
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    assert verdict().entries == 30
    assert verdict().intact


def test_what_is_committed_is_announced_outside_of_the_database(
    own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("countersign.server.audit.record.anchor_path", lambda: tmp_path / "anchor.json")
    with caplog.at_level(logging.INFO, "countersign.audit"):
        record(EventKind.SESSION_ENDED, account=ACCOUNT)
        with transaction.atomic():
            record(EventKind.SESSION_ENDED, account=ACCOUNT)
            transaction.set_rollback(True)
    (line,) = [entry for entry in caplog.records if entry.name == "countersign.audit"]
    assert line.__dict__["mac"] == AuditEntry.objects.get().mac
    anchor = read_anchor(tmp_path / "anchor.json")
    assert anchor == stored_head()


def test_an_anchor_that_cannot_be_written_does_not_stop_a_login(
    own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setattr("countersign.server.audit.record.anchor_path", lambda: tmp_path / "file" / "anchor.json")
    assert record(EventKind.SESSION_ENDED, account=ACCOUNT) == 1


def test_the_anchor_lies_in_the_data_folder(configured: Callable[..., Any]) -> None:
    assert keys.anchor_path().parent == configured().server.data_dir


def test_reading_while_others_write_finds_no_fault(own_database: str) -> None:
    record(EventKind.SESSION_ENDED, account=ACCOUNT)
    head = stored_head()
    entries = stored_entries(head)
    record(EventKind.SESSION_ENDED, account=ACCOUNT)
    found = verify(entries, head, chain_keys())
    assert found.intact
    assert found.entries == 1
