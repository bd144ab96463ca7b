"""Requests that Django itself cannot read are refused; where something fails that nobody foresaw, programs get a problem."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from countersign.server.accounts.models import User
from countersign.server.audit.keys import chain_keys
from countersign.server.audit.models import AuditEntry
from countersign.server.audit.stored import stored_entries, stored_head
from countersign.server.audit.verification import verify
from countersign.server.ceremonies.models import Consent
from countersign.server.ceremonies.privacy import consent
from countersign.server.ceremonies.problem_codes import ProblemCode
from countersign.server.web.logs import PrivateFormatter

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


@pytest.fixture
def stranger() -> Client:
    """Who is answered whatever happens, as by a real server."""
    return Client(raise_request_exception=False)


def fails(*_: object, **__: object) -> None:
    """As nobody foresaw, quoting a row."""
    raise RuntimeError("Key (email)=(ann@example.org) already exists")


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/api/v1/openapi.json", "countersign.server.ceremonies.api.as_problems"),
        ("/_allauth/app/v1/auth/session", "allauth.headless.account.views.SessionView.get"),
        ("/api/v1/attempts", "django.contrib.sessions.middleware.SessionMiddleware.process_request"),
    ],
    ids=["our own", "allauth's", "before any endpoint"],
)
def test_what_nobody_foresaw_is_a_problem_too_and_the_log_has_it_under_its_number(
    stranger: Client, path: str, place: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(place, fails)
    answer = stranger.get(path)
    code = ProblemCode.INTERNAL
    assert answer.headers["Content-Type"] == "application/problem+json"
    number = answer.headers["X-Request-Id"]
    assert answer.json() == {
        "type": "about:blank",
        "status": 500,
        "title": code.meaning,
        "code": "server.internal",
        "request": number,
    }
    (record,) = (record for record in caplog.records if record.name == "django.request")
    line = json.loads(PrivateFormatter().format(record))
    assert (line["level"], line["status"], line["request"], line["exception"]) == ("ERROR", 500, number, "RuntimeError")
    assert any(__file__ in place for place in line["trace"])
    assert "ann@example.org" not in json.dumps(line)


@pytest.mark.usefixtures("db")
def test_a_page_that_fails_as_nobody_foresaw_stays_a_page(stranger: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allauth.account.views.LoginView.get", fails)
    answer = stranger.get("/accounts/login/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert b"Something went wrong" in answer.content
    assert b"ann@example.org" not in answer.content


def test_a_change_that_fails_as_nobody_foresaw_leaves_nothing_half_and_the_audit_log_whole(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(person, "countersign.server.accounts.backends.IdentifierBackend")
    monkeypatch.setattr("countersign.server.ceremonies.privacy.consent.record", fails)
    before = AuditEntry.objects.count()
    answer = browser.post("/api/v1/consent", {"version": consent.CURRENT.version}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (500, "server.internal")
    assert not Consent.objects.exists()
    assert AuditEntry.objects.count() == before
    head = stored_head()
    assert verify(stored_entries(head), head, chain_keys()).intact
