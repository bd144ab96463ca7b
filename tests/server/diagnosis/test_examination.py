"""What the doctor looks at, and what it says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError

from countersign.models import catalog
from countersign.models.entry import Pack
from countersign.models.store import ModelStore
from countersign.server.audit.anchor import advance_anchor
from countersign.server.audit.events import EventKind
from countersign.server.audit.models import AuditHead
from countersign.server.audit.record import record
from countersign.server.audit.stored import stored_head
from countersign.server.configuration import Metrics, ServerConfiguration, Source, SourceKind
from countersign.server.configuration.schema import LoginProfile
from countersign.server.diagnosis import Level, examine
from countersign.server.diagnosis import clock as clock_module
from countersign.server.diagnosis.clock import clock, synchronised
from countersign.server.diagnosis.log import log

CURRENT: ServerConfiguration = settings.COUNTERSIGN


def found(configuration: ServerConfiguration, subject: str) -> dict[Level, str]:
    return {finding.level: finding.message for finding in examine(configuration) if finding.subject == subject}


@pytest.fixture
def anchor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "anchor.json"
    for module in ("audit.record", "diagnosis.log"):
        monkeypatch.setattr(f"countersign.server.{module}.anchor_path", lambda: path)
    return path


@pytest.mark.usefixtures("db", "anchor")
def test_a_server_in_order_has_nothing_unsafe_but_perhaps_no_models() -> None:
    findings = examine(CURRENT)
    bad = {finding.subject for finding in findings if finding.level in {Level.UNSAFE, Level.BROKEN}}
    assert bad <= {"models"}
    assert {"keys", "data folder", "database", "cache", "audit log", "models", "clock", "TLS", "mail", "Django"} <= {
        finding.subject for finding in findings
    }
    assert all(finding.advice for finding in findings if finding.level is not Level.WELL)


@pytest.mark.usefixtures("db")
def test_a_key_that_others_can_read_is_unsafe(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("secret", encoding="utf-8")
    sources = dict(CURRENT.sources) | {"secrets.audit_key": Source(kind=SourceKind.FILE, where=str(key))}
    configuration = replace(CURRENT, sources=sources)
    key.chmod(0o644)
    assert "others can read" in found(configuration, "keys")[Level.UNSAFE]
    key.chmod(0o600)
    assert Level.UNSAFE not in found(configuration, "keys")


@pytest.mark.usefixtures("db")
def test_an_open_data_folder_is_unsafe(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    configuration = replace(CURRENT, server=replace(CURRENT.server, data_dir=tmp_path))
    assert Level.UNSAFE in found(configuration, "data folder")


@pytest.mark.usefixtures("db")
def test_a_cache_that_forgets_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "get", lambda *_: None)
    assert Level.BROKEN in found(CURRENT, "cache")


@pytest.mark.usefixtures("db")
def test_missing_migrations_are_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countersign.server.diagnosis.examination.pending_migrations", lambda: 3)
    assert found(CURRENT, "database")[Level.BROKEN] == "3 migrations are not applied"


@pytest.mark.usefixtures("db")
def test_what_cannot_be_looked_at_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> int:
        raise DatabaseError("password=hunter2")

    monkeypatch.setattr("countersign.server.diagnosis.examination.pending_migrations", gone)
    assert found(CURRENT, "database")[Level.BROKEN] == "could not be looked at (DatabaseError)"


def test_a_log_behind_its_anchor_is_unsafe(own_database: str, anchor: Path) -> None:
    record(EventKind.SESSION_ENDED)
    assert [finding.level for finding in log()] == [Level.WELL]
    advance_anchor(anchor, replace(stored_head(), sequence=9))
    assert [finding.level for finding in log()] == [Level.UNSAFE]
    anchor.unlink()
    assert [finding.level for finding in log()] == [Level.NOTE, Level.WELL]
    AuditHead.objects.all().delete()
    assert [finding.level for finding in log()] == [Level.BROKEN]


def certificate(folder: Path, days: int) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "login.example.org")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("days", "level"), [(-1, Level.BROKEN), (5, Level.NOTE), (60, Level.WELL)])
def test_a_certificate_is_told_before_it_expires(tmp_path: Path, days: int, level: Level) -> None:
    server = replace(
        CURRENT.server,
        origins=("https://login.example.org",),
        tls_certificate=certificate(tmp_path, days),
        tls_key=tmp_path,
    )
    assert list(found(replace(CURRENT, server=server), "TLS")) == [level]


@pytest.mark.usefixtures("db")
def test_tls_without_a_year_of_it_is_unsafe() -> None:
    server = replace(CURRENT.server, origins=("https://login.example.org",), hsts_seconds=60, trusted_proxies=1)
    findings = found(replace(CURRENT, server=server), "TLS")
    assert list(findings) == [Level.UNSAFE]
    assert "1 trusted" in found(replace(CURRENT, server=server), "proxies")[Level.WELL]


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("kept", "level"), [(True, Level.WELL), (False, Level.NOTE), (None, Level.NOTE)])
def test_the_clock_is_asked_of_the_kernel(monkeypatch: pytest.MonkeyPatch, kept: bool | None, level: Level) -> None:
    monkeypatch.setattr(clock_module, "synchronised", lambda: kept)
    assert [finding.level for finding in clock()] == [level]


def test_the_kernel_answers_or_says_that_it_cannot() -> None:
    assert synchronised() in {True, False, None}


@pytest.mark.usefixtures("db")
def test_a_cache_of_each_process_alone_is_unsafe_with_several(monkeypatch: pytest.MonkeyPatch) -> None:
    several = replace(CURRENT, server=replace(CURRENT.server, workers=2))
    assert Level.UNSAFE in found(several, "cache")
    assert Level.WELL in found(CURRENT, "cache")
    monkeypatch.setitem(settings.CACHES["default"], "BACKEND", "django.core.cache.backends.db.DatabaseCache")
    assert found(several, "cache") == {Level.WELL: "answers, shared by all processes"}


@pytest.mark.usefixtures("db")
def test_a_login_that_checks_nothing_is_unsafe() -> None:
    accounts = replace(CURRENT.accounts, biometric_step=True)
    on = replace(CURRENT, accounts=accounts)
    assert Level.WELL in found(on, "login")
    assert Level.UNSAFE in found(replace(on, policy=replace(on.policy, profile=LoginProfile.LAB)), "login")
    assert Level.NOTE in found(CURRENT, "login")


@pytest.mark.usefixtures("db")
def test_figures_for_everybody_are_unsafe() -> None:
    assert Level.WELL in found(CURRENT, "metrics")
    assert Level.UNSAFE in found(replace(CURRENT, metrics=Metrics(networks=("0.0.0.0/0",))), "metrics")


@pytest.mark.usefixtures("db")
def test_references_that_no_key_opens_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(CURRENT, "references").keys() == {Level.WELL}
    usage = "countersign.server.diagnosis.references.key_records.usage"
    monkeypatch.setattr(usage, lambda _store: {"k-2020-01-01-00000000": 3})
    assert found(CURRENT, "references")[Level.BROKEN] == "3 data keys are wrapped by keys that are missing"


@pytest.mark.usefixtures("db")
def test_an_altered_model_is_unsafe_and_a_missing_one_that_is_needed_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERSIGN_MODELS", str(tmp_path))
    assert Level.BROKEN in found(CURRENT, "models")
    assert Level.NOTE in found(CURRENT, "models")
    plus = replace(CURRENT, engine=replace(CURRENT.engine, pack=Pack.PLUS))
    assert set(found(plus, "models")) == {Level.BROKEN}
    entry = catalog.in_pack(Pack.CORE)[0]
    ModelStore(tmp_path).path(entry).write_bytes(bytes(entry.size))
    assert entry.name in found(CURRENT, "models")[Level.UNSAFE]
