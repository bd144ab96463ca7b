"""Requests that Django itself cannot read are refused, never an error of the server."""

from __future__ import annotations

import pytest
from django.test import Client

_TOO_MANY = "&".join(f"field{number}=1" for number in range(300))
UNREADABLE = [
    ("multipart/form-data", "no boundary"),
    (f"multipart/form-data; boundary={'y' * 300}", "a boundary that is too long"),
    ("multipart/form-data; boundary=é", "a boundary that is no ASCII"),
    ("application/x-www-form-urlencoded; charset=utf-16", "name=value"),
    ("application/x-www-form-urlencoded", _TOO_MANY),
]


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(("content_type", "body"), UNREADABLE)
@pytest.mark.parametrize("path", ["/accounts/login/", "/api/v1/devices", "/api/v1/attempts"])
def test_a_form_that_cannot_be_read_is_refused(path: str, content_type: str, body: str) -> None:
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.get("/accounts/login/")  # only who has the cookie has the form looked into
    answer = browser.post(path, body, content_type=content_type)
    is_api = path.startswith("/api/")
    assert answer.status_code == (422 if is_api else 400)
    if is_api:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "request.invalid"
