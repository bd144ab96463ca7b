"""Figures are for who may read them, and say nothing about anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.db import OperationalError

from countersign.server.accounts.models import User
from countersign.server.configuration import Metrics, Secret
from countersign.server.metrics.endpoint import MetricsEndpoint
from countersign.server.web.limits import Message, Receive, Scope, Send
from tests.server.conftest import PASSWORD
from tests.server.databases import Databases
from tests.server.processes import serving
from tests.server.web.asgi import Answer, ask, scope

TOKEN = "token-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz"  # noqa: S105 - of nobody
BEARER = (b"authorization", f"Bearer {TOKEN}".encode())


async def nothing(_scope: Scope, _receive: Receive, send: Send) -> None:
    start: Message = {"type": "http.response.start", "status": 404, "headers": []}
    await send(start)
    await send({"type": "http.response.body", "body": b""})


def read(settings: Metrics, *headers: tuple[bytes, bytes], client: str = "127.0.0.1", path: str = "/metrics") -> Answer:
    request = scope(path, headers, "GET") | {"client": (client, 1)}
    return asyncio.run(ask(MetricsEndpoint(nothing, settings), request))


@pytest.mark.usefixtures("db")
def test_events_of_the_audit_log_are_counted_by_kind() -> None:
    User.objects.create_user("ann", password=PASSWORD)
    endpoint = MetricsEndpoint(nothing, Metrics())
    text = endpoint.text().decode()
    assert 'countersign_events_total{kind="account.created"} 1.0' in text
    assert 'countersign_events_total{kind="password.wrong"} 0.0' in text
    assert "countersign_audit_entries 1.0" in text
    User.objects.create_user("bob", password=PASSWORD)
    assert 'countersign_events_total{kind="account.created"} 2.0' in endpoint.text().decode()
    for nothing_of_anybody in ("ann", "bob", str(User.objects.get(username="ann").pk)):
        assert nothing_of_anybody not in text.replace("countersign", "")


@pytest.mark.parametrize(
    ("settings", "headers", "client", "status"),
    [
        (Metrics(), [], "127.0.0.1", 200),
        (Metrics(), [], "::1", 200),
        (Metrics(), [], "192.0.2.1", 403),
        (Metrics(networks=("192.0.2.0/24",)), [], "192.0.2.1", 200),
        (Metrics(networks=()), [], "127.0.0.1", 403),
        (Metrics(), [(b"x-forwarded-for", b"127.0.0.1")], "127.0.0.1", 403),
        (Metrics(), [(b"forwarded", b"for=127.0.0.1")], "127.0.0.1", 403),
        (Metrics(token=Secret(TOKEN)), [BEARER, (b"x-forwarded-for", b"192.0.2.1")], "127.0.0.1", 200),
        (Metrics(token=Secret(TOKEN)), [(b"authorization", b"Bearer guessed")], "192.0.2.1", 403),
        (Metrics(), [BEARER], "192.0.2.1", 403),
        (Metrics(), [(b"authorization", b"Bearer ")], "192.0.2.1", 403),
    ],
)
def test_only_networks_that_may_and_who_has_the_token_read_them(
    settings: Metrics,
    headers: Iterable[tuple[bytes, bytes]],
    client: str,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(MetricsEndpoint, "text", lambda _endpoint: b"figures")
    assert read(settings, *headers, client=client).status == status


def test_other_addresses_are_handed_on() -> None:
    assert read(Metrics(), path="/metrics/more").status == 404


def test_without_a_database_the_process_still_tells_what_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_args: object) -> None:
        raise OperationalError("the database is gone")

    monkeypatch.setattr("countersign.server.metrics.events.EventCounts._counted", gone)
    text = MetricsEndpoint(nothing, Metrics()).text()
    assert b"countersign_responses_total" in text
    assert b"countersign_events_total" not in text


@pytest.mark.slow
def test_whichever_process_is_asked_adds_up_what_all_of_them_did(
    databases: Databases, own_database: str, tmp_path: Path
) -> None:
    User.objects.create_user("ann", password=PASSWORD)
    with serving(databases.environment(own_database), tmp_path / "log", "--workers", "2") as server:
        for _visit in range(30):
            assert server.ask("GET", "/accounts/login/").status == 200
        for _scrape in range(4):
            text = server.ask("GET", "/metrics").body.decode()
            assert 'countersign_responses_total{status="200"} 30.0' in text
            assert 'countersign_events_total{kind="account.created"} 1.0' in text
        assert server.ask("POST", "/metrics").status == 403
