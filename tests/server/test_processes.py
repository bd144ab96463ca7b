"""A real server in two processes: guesses at once, known devices, limits, logs."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from countersign.server.accounts.middleware import DEVICE_HEADER
from countersign.server.accounts.models import GuessCounter, User
from countersign.server.audit.keys import chain_keys
from countersign.server.audit.models import AuditEntry
from countersign.server.audit.stored import stored_entries, stored_head
from countersign.server.audit.verification import verify
from tests.server.conftest import PASSWORD
from tests.server.databases import Databases
from tests.server.processes import Server, serving

IDENTIFIERS = ({"username": "ann"}, {"email": "ann@example.org"}, {"phone": "+31612345678"}, {"username": "0012345678"})
TOKEN_LENGTH = 43
LOGIN = "/_allauth/app/v1/auth/login"


@pytest.fixture
def person(own_database: str) -> User:
    person = User.objects.create_user(
        "ann", "ann@example.org", PASSWORD, phone="+31612345678", account_number="0012345678"
    )
    connection.close()
    return person


@pytest.fixture
def environment(databases: Databases, own_database: str) -> dict[str, str]:
    many = {"COUNTERSIGN_ACCOUNTS_LOGINS_PER_MINUTE": "1000"}
    return databases.environment(own_database) | many


@pytest.fixture
def server(environment: dict[str, str], person: User, tmp_path: Path) -> Iterator[Server]:
    with serving(environment, tmp_path / "log", "--workers", "2") as server:
        yield server


def log_in(server: Server, number: int, password: str, device: str = "") -> str:
    """The device's token if the login succeeds, else why not."""
    headers = {DEVICE_HEADER: device} if device else {}
    answer = server.ask("POST", LOGIN, IDENTIFIERS[number % 4] | {"password": password}, headers)
    if answer.status == 429:  # so many from one address at once that the cache's lock was not to be had
        return "rate"
    return answer.headers[DEVICE_HEADER.lower()] if answer.status == 200 else str(answer.body["errors"][0]["code"])


@pytest.mark.slow
def test_of_forty_wrong_guesses_at_once_over_four_identifiers_and_two_workers_five_are_looked_at(
    server: Server, person: User
) -> None:
    device = log_in(server, 0, PASSWORD)
    with ThreadPoolExecutor(20) as pool:
        codes = Counter(pool.map(lambda number: log_in(server, number, f"wrong {number}"), range(40)))
    refused = codes.pop("too_many_login_attempts") + codes.pop("rate", 0)
    assert (refused, sum(codes.values())) == (35, 5)
    assert AuditEntry.objects.filter(account=str(person.pk), kind="password.wrong").count() == 5
    assert GuessCounter.objects.get(key=f"account:{person.pk}").failures == 5
    assert log_in(server, 0, PASSWORD) == "too_many_login_attempts"
    assert log_in(server, 0, PASSWORD, device) == device, "strangers do not keep the person out where they are known"

    head = stored_head()
    assert verify(stored_entries(head), head, chain_keys()).intact, "written by both workers at once"

    assert server.ask("POST", LOGIN, {"username": "x" * 70_000, "password": "x"}).status == 413
    assert server.ask("GET", "/healthz").status == 200
    assert server.ask("GET", "/", headers={"Host": "evil.example.org"}).status == 400
    log = server.log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {line["event"] for line in lines} >= {"request", "recorded"}
    for personal in ("ann", "31612345678", "0012345678", "127.0.0.1", PASSWORD, device):
        assert personal not in log.replace("Countersign (development) on http://127.0.0.1", ""), personal


@pytest.mark.slow
def test_a_server_that_is_killed_while_people_log_in_leaves_nothing_half(
    server: Server, environment: dict[str, str], own_database: str, tmp_path: Path
) -> None:
    def log_in_until_the_end(number: int) -> int:
        done = 0
        try:
            while True:
                done += len(log_in(server, number, PASSWORD)) == TOKEN_LENGTH
        except (OSError, http.client.HTTPException):
            return done

    with ThreadPoolExecutor(4) as pool:
        busy = [pool.submit(log_in_until_the_end, number) for number in range(4)]
        while AuditEntry.objects.filter(kind="session.began").count() < 5:
            time.sleep(0.05)
        server.kill()
        answered = sum(future.result() for future in busy)

    sessions = [session for session in Session.objects.all() if "_auth_user_id" in session.get_decoded()]
    assert len(sessions) == AuditEntry.objects.filter(kind="session.began").count() >= answered
    head = stored_head()
    assert verify(stored_entries(head), head, chain_keys()).intact
    with serving(environment, tmp_path / "second log") as again:
        found, deadline = "rate", time.monotonic() + 30
        while found == "rate" and time.monotonic() < deadline:  # a lock of the cache outlives its holder by ten seconds
            found = log_in(again, 0, PASSWORD)
        assert len(found) == TOKEN_LENGTH, "and the next start works"
