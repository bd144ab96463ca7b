"""Sensitive pages ask for face and voice again, where they are enrolled: the password is not enough."""

from __future__ import annotations

import pytest

from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from tests.server.ceremonies.people import Visitor
from tests.server.ceremonies.scripted import ScriptedEngine
from tests.server.conftest import PASSWORD

SENSITIVE = "/accounts/2fa/totp/activate/"


@pytest.fixture
def visitor(enrolled: User) -> Visitor:
    """Logged in at a browser."""
    visitor = Visitor()
    visitor.log_in()
    visitor.attempt()
    return visitor


def test_a_sensitive_page_leads_to_the_recording_and_the_recording_back(visitor: Visitor) -> None:
    asked = visitor.client.get(SENSITIVE)["Location"]
    assert asked.startswith("/accounts/reauthenticate/biometric/?next=")
    config = visitor.client.get(asked).context["config"]
    assert config["purpose"] == "reauthentication"
    before = visitor.client.session.session_key
    answer = visitor.attempt(purpose="reauthentication").json()
    assert answer["outcome"] == "accepted"
    assert visitor.client.session.session_key != before
    resumed = visitor.client.get(config["next"])
    assert resumed["Location"] == SENSITIVE
    assert visitor.client.get(SENSITIVE).status_code == 200
    assert AuditEntry.objects.filter(kind="session.reauthenticated").count() == 1


def test_the_session_stays_in_the_list_of_sessions(visitor: Visitor) -> None:
    visitor.attempt(purpose="reauthentication")
    sessions = visitor.headless("GET", "auth/sessions").json()["data"]
    assert [session["is_current"] for session in sessions] == [True]


def test_a_rejected_recording_opens_nothing(visitor: Visitor) -> None:
    assert visitor.attempt(b"reject", purpose="reauthentication").json() == {
        "outcome": "rejected",
        "attempts_left": 4,
        "fallbacks": [],
    }
    assert visitor.client.get(SENSITIVE).status_code == 302
    assert visitor.client.get("/accounts/reauthenticate/resume/")["Location"] == "/accounts/reauthenticate/"


def test_the_password_is_not_enough_on_the_page(visitor: Visitor) -> None:
    assert visitor.client.post("/accounts/reauthenticate/", {"password": PASSWORD})["Location"] == (
        "/accounts/reauthenticate/biometric/"
    )
    assert visitor.client.get(SENSITIVE).status_code == 302
    assert AuditEntry.objects.filter(kind="password.correct").count() == 1, "not even looked at"


@pytest.mark.parametrize("app", [False, True], ids=["browser", "app"])
def test_the_password_is_not_enough_by_api(enrolled: User, app: bool) -> None:
    visitor = Visitor(app=app)
    visitor.log_in()
    visitor.attempt()
    answer = visitor.headless("POST", "auth/reauthenticate", password=PASSWORD)
    assert answer.status_code == 401
    assert [flow["id"] for flow in answer.json()["data"]["flows"]] == ["biometric"]
    assert visitor.headless("POST", "account/phone", phone="+31600000000").status_code == 401
    assert visitor.attempt(purpose="reauthentication").json()["outcome"] == "accepted"
    assert visitor.headless("POST", "account/phone", phone="+31600000000").status_code in {200, 202}
    assert visitor.is_logged_in()


def test_where_nothing_is_enrolled_the_password_is_what_there_is(person: User, configured: object) -> None:
    configured(biometric_step=False)  # type: ignore[operator]
    visitor = Visitor()
    visitor.log_in()
    assert visitor.client.get(SENSITIVE)["Location"].startswith("/accounts/reauthenticate/?next=")
    page = visitor.client.get("/accounts/reauthenticate/biometric/?next=/account/")
    assert page["Location"] == "/accounts/reauthenticate/?next=%2Faccount%2F"
    visitor.client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert visitor.client.get(SENSITIVE).status_code == 200


def test_purposes_do_not_mix(enrolled: User, visitor: Visitor, engine: ScriptedEngine) -> None:
    assert visitor.api("POST", "/challenges", {"purpose": "login"}).json()["code"] == "request.invalid"
    pending = Visitor()
    pending.log_in()
    answer = pending.api("POST", "/challenges", {"purpose": "reauthentication"})
    assert (answer.status_code, answer.json()["code"]) == (403, "session.pending")
    pending.register()
    challenge = visitor.challenge("reauthentication")
    assert pending.answer(challenge).json()["code"] == "challenge.unknown"


def test_there_is_no_other_page_to_go_on_to_than_our_own(visitor: Visitor) -> None:
    page = visitor.client.get("/accounts/reauthenticate/biometric/?next=https://evil.example.org/")
    assert "evil" not in page.context["config"]["next"]
