"""Health without a host name, and without saying what is wrong to strangers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from django.db import OperationalError

from countersign.server.web import health
from countersign.server.web.health import Health, run_checks
from countersign.server.web.limits import Receive, Scope, Send
from tests.server.web.asgi import ask, scope


async def other(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Everything else."""
    await send({"type": "http.response.start", "status": 418, "headers": []})


def fails() -> bool:
    """A database that is gone, and that knows a password."""
    raise OperationalError("password=hunter2")


def status(path: str) -> int:
    return asyncio.run(ask(Health(other), scope(path, method="GET"))).status


def test_a_process_that_answers_is_alive() -> None:
    answer = asyncio.run(ask(Health(other), scope("/healthz", method="GET")))
    assert (answer.status, answer.json["status"]) == (200, "ok")


def test_everything_else_is_handed_on() -> None:
    assert status("/readyz/else") == 418


@pytest.mark.usefixtures("db")
def test_a_server_with_database_tables_and_cache_is_ready() -> None:
    assert run_checks() == {"database": True, "migrations": True, "cache": True}


def test_a_failed_check_is_named_and_not_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    checks: dict[str, Callable[[], bool]] = {"database": fails, "cache": lambda: False, "migrations": lambda: True}
    monkeypatch.setattr(health, "CHECKS", checks)
    answer = asyncio.run(ask(Health(other), scope("/readyz", method="GET")))
    assert answer.status == 503
    assert answer.json == {"status": "unavailable", "checks": {"database": False, "cache": False, "migrations": True}}
    assert b"hunter2" not in answer.body


def test_a_server_whose_models_are_not_loaded_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CHECKS", {})
    answer = asyncio.run(ask(Health(other, {"models": lambda: False}), scope("/readyz", method="GET")))
    assert (answer.status, answer.json["checks"]) == (503, {"models": False})
