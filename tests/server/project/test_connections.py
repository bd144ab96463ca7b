"""Addresses in the configuration become what Django connects with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from countersign.server.configuration import Mail, Secret, ServerConfiguration, Storage
from countersign.server.project.connections import cache, databases, mail, mail_transport, postgresql

CURRENT: ServerConfiguration = settings.COUNTERSIGN


def test_sqlite_lies_in_the_data_folder() -> None:
    found = databases(CURRENT)
    assert found["default"]["NAME"] == CURRENT.server.data_dir / "countersign.sqlite3"
    assert found["cache"]["NAME"] == CURRENT.server.data_dir / "cache.sqlite3"


def test_postgresql_is_taken_by_one_address() -> None:
    found = postgresql(Secret("postgresql://me:p%40ss@db.example.org:5433/countersign?sslmode=verify-full"))
    assert {name: found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "countersign",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.example.org",
        "PORT": "5433",
    }
    options = found["OPTIONS"]
    assert isinstance(options, dict)
    assert options["sslmode"] == "verify-full"
    assert "pool" in options


def test_a_given_database_outweighs_the_file() -> None:
    storage = Storage(database_url=Secret("postgresql:///countersign?options=-c%20statement_timeout%3D9"))
    found = databases(replace(CURRENT, storage=storage))
    assert {settings["ENGINE"] for settings in found.values()} == {"django.db.backends.postgresql"}
    options = [settings["OPTIONS"] for settings in found.values()]
    assert [str(settings["options"]) for settings in options if isinstance(settings, dict)] == [
        "-c statement_timeout=9",
        "-c statement_timeout=9 -c synchronous_commit=off",
    ]


def test_the_cache_is_always_one_that_processes_share() -> None:
    assert cache(CURRENT)["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"
    redis = replace(CURRENT, storage=Storage(cache_url=Secret("redis://localhost/1")))
    assert "cache" not in databases(redis)
    assert cache(redis) == {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://localhost/1"}


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp+tls://u:p%40@mail.example.org", 587, True, False),
        ("smtps://u:p%40@mail.example.org", 465, False, True),
        ("smtp://u:p%40@localhost:2525", 2525, False, False),
    ],
)
def test_mail_leaves_by_its_address(url: str, port: int, tls: bool, ssl: bool) -> None:
    configured = replace(CURRENT, mail=Mail(url=Secret(url)))
    found = mail(configured)
    assert mail_transport(configured).endswith("smtp.EmailBackend")
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (port, tls, ssl)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("u", "p@")


def test_without_an_address_mail_is_written_to_the_data_folder() -> None:
    folder = mail(CURRENT)["EMAIL_FILE_PATH"]
    assert isinstance(folder, Path)
    assert folder.parent == CURRENT.server.data_dir


def test_sqlite_keeps_what_it_confirmed_and_locks_when_it_begins(own_database: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own settings")
    with connection.cursor() as cursor:
        for pragma, value in {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}.items():
            cursor.execute(f"PRAGMA {pragma}")
            assert cursor.fetchone() == (value,)
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
