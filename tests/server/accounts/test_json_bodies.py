"""Whatever is sent to allauth's API, it is refused and nothing breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.test import Client, override_settings

FIELDS = {
    "auth/login": {"username": "ann", "password": "correct horse battery staple"},
    "auth/signup": {"email": "a@example.org", "username": "ann", "password": "correct horse battery staple"},
    "auth/password/request": {"email": "a@example.org"},
    "auth/password/reset": {"key": "a-b", "password": "correct horse battery staple"},
    "auth/email/verify": {"key": "a"},
    "auth/webauthn/login": {"credential": "{}"},
}
VALUES = [
    *('"a\\u0000b"', '"\\ud800"', '"\\u202e"', '" "', "1", "-1", "1e999", "NaN", "null", "true", "[]", '{"a": 1}'),
    "9" * 5000,
    "[" * 900 + "]" * 900,
    "[" * 30_000 + "]" * 30_000,
]
BODIES = [b"\xff\xfe{", b'{"username": "\xff"}', b"{", b"[1]", b'"x"', b"9" * 5000, b"[" * 60_000, b"\xef\xbb\xbf{}"]


@pytest.fixture(autouse=True)
def _no_rates() -> Iterator[None]:
    with override_settings(ACCOUNT_RATE_LIMITS=False):
        yield


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("path", FIELDS)
def test_hostile_values_are_refused(path: str) -> None:
    for field in FIELDS[path]:
        for value in VALUES:
            others = {name: json.dumps(given) for name, given in FIELDS[path].items()}
            body = ", ".join(f'"{name}": {text}' for name, text in (others | {field: value}).items())
            assert _status(path, f"{{{body}}}".encode()) < 500, f"{field}: {value[:20]}"


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("path", FIELDS)
def test_hostile_bodies_are_malformed(path: str) -> None:
    for body in BODIES:
        assert _status(path, body) == 400, body[:20]


def _status(path: str, body: bytes) -> int:
    client = Client(raise_request_exception=False)
    answer = client.post(f"/_allauth/app/v1/{path}", body, content_type="application/json")
    status: int = answer.status_code
    return status
