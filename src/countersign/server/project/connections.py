"""Addresses in the configuration to what Django calls databases, caches and mail."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from psycopg.conninfo import conninfo_to_dict

from countersign.server.configuration import Secret, ServerConfiguration

_DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def databases(configuration: ServerConfiguration) -> dict[str, dict[str, object]]:
    """The database, and the one of the cache where that is no Redis.

    The cache has connections of its own: a limit that was used up stays used up when a transaction is rolled back, and
    nobody waits for the disk for what may be lost with the power.
    """
    url = configuration.storage.database_url
    if url is None:
        folder = configuration.server.data_dir
        found = {
            "default": sqlite(folder / "countersign.sqlite3"),
            "cache": sqlite(folder / "cache.sqlite3", durable=False),
        }
    else:
        found = {"default": postgresql(url), "cache": postgresql(url, durable=False)}
    if configuration.storage.cache_url is not None:
        del found["cache"]
    return found


def sqlite(path: Path, *, durable: bool = True) -> dict[str, object]:
    """SQLite with a write-ahead log, so that readers and the writer do not wait for each other.

    Transactions take the write lock when they begin: one that reads first and writes later cannot fail halfway.
    ``synchronous=FULL``: what was committed is on the disk, so an audit row outlives a power cut as well.
    ``secure_delete``: what is deleted, such as the key to somebody's references, is overwritten in the file.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={'FULL' if durable else 'OFF'}; "
            f"PRAGMA secure_delete={'ON' if durable else 'OFF'};",
        },
    }


def postgresql(url: Secret, *, durable: bool = True) -> dict[str, object]:
    """PostgreSQL, with a pool of connections in each process."""
    parts = conninfo_to_dict(url.reveal())
    named = {django: str(parts.pop(name)) for name, django in _DJANGO_NAMES.items() if parts.get(name)}
    options = {key: value for key, value in parts.items() if value is not None}
    if not durable:
        options["options"] = f"{options.get('options', '')} -c synchronous_commit=off".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8 if durable else 4, "timeout": 5}, **options},
        **named,
    }


def cache(configuration: ServerConfiguration) -> dict[str, object]:
    """One cache that all processes share: a cache of each process alone would multiply every limit by their number."""
    url = configuration.storage.cache_url
    if url is not None:
        return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url.reveal()}
    return {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "countersign_cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},  # Django's own 300 would forget limits under load
    }


def mail_transport(configuration: ServerConfiguration) -> str:
    """Django's backend that mail leaves by."""
    return f"django.core.mail.backends.{'filebased' if configuration.mail.url is None else 'smtp'}.EmailBackend"


def mail(configuration: ServerConfiguration) -> Mapping[str, object]:
    """Django's settings for that backend."""
    if configuration.mail.url is None:
        return {"EMAIL_FILE_PATH": configuration.server.data_dir / "mail"}
    parts = urlsplit(configuration.mail.url.reveal())
    default_port = {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme]
    return {
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or default_port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": 15,
    }
