"""A real server in two processes: guesses at once, and what it does when it is killed or misused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from countersign.server.accounts.models import GuessCounter, User
from countersign.server.audit.keys import chain_keys
from countersign.server.audit.models import AuditEntry
from countersign.server.audit.stored import stored_entries, stored_head
from countersign.server.audit.verification import verify
from tests.server.conftest import PASSWORD
from tests.server.databases import Databases
from tests.server.processes import Server, serving

IDENTIFIERS = ({"username": "ann"}, {"email": "ann@example.org"}, {"phone": "+31612345678"}, {"username": "0012345678"})
LOGIN = "/_allauth/app/v1/auth/login"


@pytest.fixture
def person(own_database: str) -> User:
    person = User.objects.create_user(
        "ann", "ann@example.org", PASSWORD, phone="+31612345678", account_number="0012345678"
    )
    connection.close()
    return person


@pytest.fixture
def server(databases: Databases, own_database: str, person: User, tmp_path: Path) -> Iterator[Server]:
    environment = databases.environment(own_database) | {"COUNTERSIGN_ACCOUNTS_LOGINS_PER_MINUTE": "1000"}
    with serving(environment, tmp_path / "log", "--workers", "2") as server:
        yield server


def log_in(server: Server, number: int, password: str) -> str:
    status, answer = server.ask("POST", LOGIN, IDENTIFIERS[number % 4] | {"password": password})
    if status == 429:  # so many from one address at once that the cache's lock was not to be had
        return "rate"
    return "in" if status == 200 else str(answer["errors"][0]["code"])


@pytest.mark.slow
def test_of_forty_wrong_guesses_at_once_over_four_identifiers_and_two_workers_five_are_looked_at(
    server: Server, person: User
) -> None:
    with ThreadPoolExecutor(20) as pool:
        codes = Counter(pool.map(lambda number: log_in(server, number, f"wrong {number}"), range(40)))
    refused = codes.pop("too_many_login_attempts") + codes.pop("rate", 0)
    assert (refused, sum(codes.values())) == (35, 5)
    assert AuditEntry.objects.filter(account=str(person.pk), kind="password.wrong").count() == 5
    assert GuessCounter.objects.get(key=f"account:{person.pk}").failures == 5
    assert log_in(server, 0, PASSWORD) == "too_many_login_attempts"

    head = stored_head()
    assert verify(stored_entries(head), head, chain_keys()).intact, "written by both workers at once"

    assert server.ask("POST", LOGIN, {"username": "x" * 70_000, "password": "x"})[0] == 413
    assert server.ask("GET", "/healthz")[0] == 200
    assert server.ask("GET", "/", headers={"Host": "evil.example.org"})[0] == 400
    log = server.log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {line["event"] for line in lines} >= {"request", "recorded"}
    for personal in ("ann", "31612345678", "0012345678", "127.0.0.1", PASSWORD):
        assert personal not in log.replace("Countersign (development) on http://127.0.0.1", ""), personal
