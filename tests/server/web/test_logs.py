"""Logs are JSON lines, and nothing personal is in them."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.test import Client

from countersign.server.accounts.models import User
from countersign.server.web.logs import PrivateFormatter
from tests.server.accounts.test_pages import log_in


def formatted(logger: str, message: object, *arguments: object, **extra: object) -> dict[str, Any]:
    record = logging.getLogger(logger).makeRecord(
        logger, logging.WARNING, "file", 1, message, arguments, None, extra=extra or None
    )
    line: dict[str, Any] = json.loads(PrivateFormatter().format(record))
    return line


def test_of_what_others_log_only_the_template_is_kept() -> None:
    line = formatted("django.request", "Not Found: %s", "/accounts/password/reset/key/abc-secret/")
    assert line["event"] == "Not Found: %s"
    assert "secret" not in json.dumps(line)


def test_of_djangos_answers_the_status_is_kept() -> None:
    assert formatted("django.request", "%s: %s", "Not Found", "/x/", status_code=404)["status"] == 404


def test_of_what_we_log_only_known_fields_are_kept() -> None:
    line = formatted("countersign.access", "request", route="account/", status=200, email="ann@example.org")
    assert (line["route"], line["status"]) == ("account/", 200)
    assert "ann@example.org" not in json.dumps(line)


def test_an_exception_is_told_by_type_and_place_without_its_message() -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - any will do
        int("Key (email)=(ann@example.org) already exists")
    error = (raised.type, raised.value, raised.tb)
    record = logging.getLogger("django").makeRecord("django", 40, "f", 1, "Error: %s", ("x",), error)
    line = json.loads(PrivateFormatter().format(record))
    assert line["exception"] == "ValueError"
    assert "test_logs.py" in line["trace"][0]
    assert "ann@example.org" not in json.dumps(line)


def test_a_message_that_is_no_text_is_told_by_its_type() -> None:
    assert formatted("other", ValueError("ann@example.org"))["event"] == "ValueError"


def test_requests_are_logged_by_pattern(person: User, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "countersign.access"):
        log_in(client, "ann@example.org")
        client.get("/accounts/password/reset/key/1-abcdef/")
        client.get("/nowhere/ann@example.org")
    lines = [
        json.loads(PrivateFormatter().format(record))
        for record in caplog.records
        if record.name == "countersign.access"
    ]
    assert [(line["method"], line["status"]) for line in lines] == [("POST", 302), ("GET", 200), ("GET", 404)]
    assert lines[0]["route"] == "accounts/login/"
    assert lines[2]["route"] is None
    assert "ann" not in json.dumps(lines)
    assert "abcdef" not in json.dumps(lines)
    assert len({line["request"] for line in lines}) == 3
