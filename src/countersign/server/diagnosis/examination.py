"""Looking at everything that a server stands on."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from django.core.checks import WARNING, run_checks
from django.db import DatabaseError, connection

from countersign.server.configuration import ServerConfiguration, SourceKind
from countersign.server.diagnosis.cache import cache
from countersign.server.diagnosis.clock import clock
from countersign.server.diagnosis.finding import Finding, broken, note, unsafe, well
from countersign.server.diagnosis.log import log
from countersign.server.diagnosis.models import models
from countersign.server.diagnosis.openings import applications, login, metrics
from countersign.server.diagnosis.references import references
from countersign.server.prepare import pending_migrations

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def examine(configuration: ServerConfiguration) -> tuple[Finding, ...]:
    """Every finding, subject by subject. What cannot be looked at is a finding as well."""
    subjects: dict[str, Callable[[], Iterator[Finding]]] = {
        "keys": lambda: keys(configuration),
        "data folder": lambda: data_folder(configuration),
        "database": database,
        "cache": lambda: cache(configuration),
        "audit log": log,
        "references": lambda: references(configuration),
        "models": lambda: models(configuration),
        "login": lambda: login(configuration),
        "clock": clock,
        "TLS": lambda: transport(configuration),
        "mail": lambda: mail(configuration),
        "applications": lambda: applications(configuration),
        "metrics": lambda: metrics(configuration),
        "Django": lambda: deployment(configuration),
    }
    return tuple(finding for subject, look in subjects.items() for finding in _look(subject, look))


def _look(subject: str, look: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(look())
    except (DatabaseError, OSError, ValueError) as error:
        return [broken(subject, f"could not be looked at ({type(error).__name__})", "the findings above may say why")]


def keys(configuration: ServerConfiguration) -> Iterator[Finding]:
    """Where the keys are, and who can read them."""
    for name in ("secrets.secret_key", "secrets.audit_key", "secrets.signing_key", "metrics.token"):
        if configuration.sources[name].kind is SourceKind.DEFAULT:
            continue
        source = configuration.sources[name]
        path = Path(source.where)
        if source.kind is SourceKind.ENVIRONMENT:
            yield well("keys", f"{name} comes from the environment")
        elif path.is_file() and path.stat().st_mode & _OTHERS:
            yield unsafe("keys", f"{name} is in {path}, which others can read", f"chmod 600 {path}")
        else:
            made = " (made at the first start)" if source.kind is SourceKind.GENERATED else ""
            yield well("keys", f"{name} is in {path}, for its owner only{made}")


def data_folder(configuration: ServerConfiguration) -> Iterator[Finding]:
    """Who can read the data folder."""
    folder = configuration.server.data_dir
    if folder.stat().st_mode & _OTHERS:
        yield unsafe("data folder", f"others can look into {folder}", f"chmod 700 {folder}")
    else:
        yield well("data folder", f"{folder} is for its owner only")


def database() -> Iterator[Finding]:
    """Whether it answers, is of this version, and keeps what it confirmed."""
    connection.ensure_connection()
    pending = pending_migrations()
    if pending:
        yield broken("database", f"{pending} migrations are not applied", "countersign serve --migrate")
    else:
        yield well("database", f"{connection.vendor}, up to date")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA journal_mode")
            if cursor.fetchone()[0] != "wal":
                yield unsafe("database", "SQLite keeps no write-ahead log here", "a local disk, not a network share")
        else:
            cursor.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            row = cursor.fetchone()
            host = str(connection.settings_dict.get("HOST", ""))
            if host and not host.startswith("/") and not (row and row[0]):
                yield note(
                    "database", f"the connection to {host} is not encrypted", "sslmode=verify-full in its address"
                )


def transport(configuration: ServerConfiguration) -> Iterator[Finding]:
    """How browsers reach the server."""
    server = configuration.server
    if not configuration.over_tls:
        yield note("TLS", "plain http, for this machine only", "https origins and server.profile = production")
        return
    if server.hsts_seconds < 31_536_000:
        yield unsafe("TLS", "browsers are not bound to TLS for a year", "server.hsts_seconds of 31536000 or more")
    if server.tls_certificate:
        yield from certificate(server.tls_certificate)
    else:
        count = server.trusted_proxies
        yield well("proxies", f"{count} trusted; each must set X-Forwarded-For and X-Forwarded-Proto itself")


def certificate(path: Path) -> Iterator[Finding]:
    """How long the certificate is good for."""
    expires = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    left = expires - datetime.now(UTC)
    if left < timedelta():
        yield broken("TLS", f"the certificate expired on {expires:%Y-%m-%d}", "renew it")
    elif left < timedelta(days=14):
        yield note("TLS", f"the certificate expires on {expires:%Y-%m-%d}", "renew it")
    else:
        yield well("TLS", f"the certificate is good until {expires:%Y-%m-%d}")


def mail(configuration: ServerConfiguration) -> Iterator[Finding]:
    """Whether people can reset a password."""
    if configuration.mail.url is None:
        yield note("mail", "written to files in the data folder: nobody can reset a password by mail", "set mail.url")
    else:
        yield well("mail", "leaves by a mail server")


def deployment(configuration: ServerConfiguration) -> Iterator[Finding]:
    """Django's own checks."""
    found = run_checks(include_deployment_checks=configuration.in_production)
    serious = [message for message in found if message.level >= WARNING]
    for message in serious:
        yield unsafe("Django", str(message.msg).split("\n", maxsplit=1)[0], str(message.hint or message.id))
    if not serious:
        yield well("Django", "its checks find nothing")
