"""Every test of the server that touches the database runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import django
import pytest

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.server.settings"
django.setup()

from django.conf import settings  # noqa: E402 - after the set-up
from django.core.cache import cache  # noqa: E402
from django.test import Client  # noqa: E402
from pytest_django.plugin import DjangoDbBlocker  # noqa: E402

from countersign.server.accounts.models import User  # noqa: E402
from countersign.server.configuration import Accounts, ServerConfiguration  # noqa: E402
from tests.server import postgresql  # noqa: E402
from tests.server.databases import Databases, PostgreSQLCluster, SQLiteFiles, connected, copied, make_template  # noqa: E402

PASSWORD = "correct horse battery staple"  # noqa: S105 - of people who do not exist
TOTP_PERIOD = 58_000_000
"""Of thirty seconds, since 1970: no code of an authenticator app grows old while a test is at work with it."""


@pytest.fixture(scope="session")
def _servers(django_db_blocker: DjangoDbBlocker) -> Iterator[Callable[[str], Databases]]:
    """Each kind of database is started when the first test wants it."""
    folder = Path(settings.COUNTERSIGN.server.data_dir)
    started: dict[str, Databases] = {}
    with ExitStack() as stack:

        def start(kind: str) -> Databases:
            if kind not in started:
                if kind == "postgresql":
                    reason = postgresql.reason_against()
                    if reason is not None:
                        pytest.skip(reason)
                    started[kind] = PostgreSQLCluster(stack.enter_context(postgresql.cluster()), folder)
                else:
                    started[kind] = SQLiteFiles(folder)
                with django_db_blocker.unblock():
                    make_template(started[kind])
                    started[kind].copy("template_of_all", "shared")
            return started[kind]

        yield start


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, _servers: Callable[[str], Databases]) -> Databases:
    """The kind of database that the test runs on."""
    return _servers(request.param)


@pytest.fixture(scope="session")
def django_db_setup(databases: Databases, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What pytest-django's `db` stands on: one database, in which every test is rolled back."""
    with connected(databases, "shared"):
        yield


@pytest.fixture
def own_database(databases: Databases, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database of the test's own, where what is committed stays: for threads and processes."""
    with django_db_blocker.unblock(), copied(databases) as name:
        yield name


@pytest.fixture(autouse=True)
def _nothing_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr("countersign.server.accounts.models.guess_counter.TIDY_EVERY", 10**9)
    frozen = SimpleNamespace(time=lambda: 30 * TOTP_PERIOD + 15)
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", frozen)


@pytest.fixture
def person(db: None) -> User:
    """Somebody with every kind of identifier."""
    return User.objects.create_user(
        "ann",
        "ann@example.org",
        PASSWORD,
        name="Ann Other",
        phone="+31612345678",
        account_number="0012345678",
    )


@pytest.fixture
def client() -> Client:
    """A browser."""
    return Client()


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ServerConfiguration]:
    """Change settings of accounts for one test."""

    def change(**values: object) -> ServerConfiguration:
        current: ServerConfiguration = settings.COUNTERSIGN
        accounts: Accounts = replace(current.accounts, **values)  # type: ignore[arg-type]  # named by the test
        changed = replace(current, accounts=accounts)
        monkeypatch.setattr(settings, "COUNTERSIGN", changed)
        return changed

    return change
