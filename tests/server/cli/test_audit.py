"""``countersign audit`` finds what was done to the log, and says where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from countersign.cli.audit import audit
from countersign.server.audit.anchor import advance_anchor, parse_anchor
from countersign.server.audit.events import EventKind
from countersign.server.audit.models import AuditEntry, AuditHead
from countersign.server.audit.record import record
from countersign.server.audit.stored import stored_head
from tests.server.audit.test_record import without_triggers


@pytest.fixture
def anchor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder's anchor, in a folder of the test."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.server.settings")
    for module in ("record", "keys"):
        monkeypatch.setattr(f"countersign.server.audit.{module}.anchor_path", lambda: tmp_path / "anchor.json")
    return tmp_path / "anchor.json"


@pytest.fixture
def log(own_database: str, anchor: Path) -> None:
    for _ in range(5):
        record(EventKind.SESSION_ENDED)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(audit, list(arguments))


@pytest.mark.usefixtures("log")
def test_an_intact_log_gives_its_anchor(anchor: Path) -> None:
    result = run("verify")
    assert result.exit_code == 0, result.output
    assert "5 entries, nothing changed" in result.output
    assert parse_anchor(result.output.partition("Anchor: ")[2]) == stored_head()


@pytest.mark.usefixtures("log")
def test_a_change_ends_with_one_and_names_its_place() -> None:
    without_triggers("UPDATE audit_auditentry SET kind = 'session.began' WHERE sequence = 3")
    result = run("verify")
    assert result.exit_code == 1
    assert "changed at 3" in result.output


@pytest.mark.usefixtures("log")
def test_a_cut_end_with_an_older_head_put_back_is_found(anchor: Path) -> None:
    head = AuditHead.objects.get()
    record(EventKind.SESSION_ENDED)
    without_triggers("DELETE FROM audit_auditentry WHERE sequence = 6")
    AuditHead.objects.update(sequence=head.sequence, mac=head.mac, key_id=head.key_id, signature=head.signature)
    result = run("verify")
    assert result.exit_code == 1
    assert "an anchor knows 1 more entries" in result.output


@pytest.mark.usefixtures("log")
def test_an_anchor_kept_elsewhere_is_taken_as_a_line_or_a_file(anchor: Path, tmp_path: Path) -> None:
    line = run("verify").output.splitlines()[-1]
    kept = tmp_path / "anchors.txt"
    kept.write_text(f"{line}\n", encoding="utf-8")
    anchor.unlink()
    for given in (line.removeprefix("Anchor: "), str(kept)):
        assert run("verify", "--anchor", given).exit_code == 0
    without_triggers("DELETE FROM audit_auditentry")
    AuditHead.objects.update(sequence=0, mac="0" * 64, key_id="", signature="")
    assert AuditEntry.objects.count() == 0
    assert run("verify").exit_code == 0, "without any anchor an emptied log looks like a new one"
    assert run("verify", "--anchor", str(kept)).exit_code == 1


@pytest.mark.usefixtures("log")
def test_an_export_is_verified_without_the_database(tmp_path: Path) -> None:
    exported = tmp_path / "log.jsonl"
    assert run("export", "--out", str(exported)).exit_code == 0
    lines = exported.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line).get("sequence") for line in lines] == [1, 2, 3, 4, 5, None]
    assert run("verify", "--file", str(exported)).exit_code == 0
    exported.write_text("\n".join([*lines[:2], *lines[3:]]), encoding="utf-8")
    result = run("verify", "--file", str(exported))
    assert result.exit_code == 1
    assert "missing at 3" in result.output


@pytest.mark.usefixtures("log")
def test_an_export_without_a_file_goes_to_standard_output() -> None:
    assert len(run("export").output.splitlines()) == 6


@pytest.mark.usefixtures("log")
def test_an_anchor_that_is_none_is_refused(anchor: Path, tmp_path: Path) -> None:
    assert run("verify", "--anchor", "{}").exit_code == 1
    anchor.write_text("nonsense", encoding="utf-8")
    assert run("verify").exit_code == 1
    anchor.unlink()
    advance_anchor(anchor, stored_head())
    assert run("verify").exit_code == 0
