"""The same through the headless API, for apps and for browsers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from countersign.server.accounts.middleware import DEVICE_HEADER
from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from tests.server.conftest import PASSWORD


class App:
    """A mobile app: no cookies, a session token and a device token in headers."""

    def __init__(self, device: str = "") -> None:
        self._client = Client()
        self.session = ""
        self.device = device

    def call(self, method: str, path: str, **body: object) -> tuple[int, dict[str, Any]]:
        headers = {"X-Session-Token": self.session} if self.session else {}
        headers |= {DEVICE_HEADER: self.device} if self.device else {}
        response = self._client.generic(
            method, f"/_allauth/app/v1/{path}", json.dumps(body), content_type="application/json", headers=headers
        )
        answer: dict[str, Any] = response.json() if response.content else {}
        self.session = answer.get("meta", {}).get("session_token", self.session)
        self.device = response.headers.get(DEVICE_HEADER, self.device)
        assert not response.cookies
        return response.status_code, answer

    def log_in(self, password: str = PASSWORD, **identifier: str) -> tuple[int, dict[str, Any]]:
        return self.call("POST", "auth/login", password=password, **identifier)


SIGN_UP = {
    "name": "Bob Other",
    "username": "bob",
    "email": "bob@example.org",
    "phone": "+31687654321",
    "account_number": "99887766",
    "password": PASSWORD,
}


@pytest.mark.usefixtures("db")
def test_an_app_signs_a_person_up() -> None:
    app = App()
    status, answer = app.call("POST", "auth/signup", **SIGN_UP)
    assert status == 200, answer
    bob = User.objects.get(username="bob")
    assert (bob.name, bob.phone, bob.account_number) == ("Bob Other", "+31687654321", "99887766")
    assert app.call("GET", "auth/session")[0] == 200
    assert app.device


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("username", "ANN", "username_taken"),
        ("email", "ann@example.org", "email_taken"),
        ("phone", "+31612345678", "phone_taken"),
        ("account_number", "0012345678", "account_number_taken"),
        ("password", "short", "password_too_short"),
        ("password", "bob@example.org", "password_too_similar"),
    ],
)
def test_errors_have_a_code_and_name_their_field(person: User, field: str, value: str, code: str) -> None:
    status, answer = App().call("POST", "auth/signup", **(SIGN_UP | {field: value}))
    assert status == 400
    assert [(error["param"], error["code"]) for error in answer["errors"]] == [(field, code)]


@pytest.mark.parametrize(
    "identifier",
    [{"username": "Ann"}, {"email": "ann@example.org"}, {"phone": "+31612345678"}, {"username": "0012345678"}],
)
def test_an_app_logs_in_by_any_identifier(person: User, identifier: dict[str, str]) -> None:
    app = App()
    status, answer = app.log_in(**identifier)
    assert status == 200, answer
    assert answer["data"]["user"]["username"] == "ann"
    assert [method["method"] for method in answer["data"]["methods"]] == ["password"]


def test_app_and_pages_count_guesses_together(person: User) -> None:
    for _ in range(3):
        Client().post("/accounts/login/", {"login": "0012345678", "password": "wrong"})
    codes = [App().log_in("wrong", email="ann@example.org")[1]["errors"][0]["code"] for _ in range(4)]
    assert codes == [*["email_password_mismatch"] * 2, *["too_many_login_attempts"] * 2]
    assert App().log_in(phone="+31612345678")[1]["errors"][0]["code"] == "too_many_login_attempts"


def test_failures_at_other_phone_numbers_do_not_keep_anybody_out(person: User) -> None:
    for number in range(10):
        App().log_in("wrong", phone=f"+3169999999{number}")
    assert App().log_in(phone="+31612345678")[0] == 200


def test_an_app_that_the_account_knows_is_not_kept_out_by_strangers(person: User) -> None:
    app = App()
    app.log_in(username="ann")
    app.call("DELETE", "auth/session")
    for _ in range(10):
        App().log_in("wrong", username="ann")
    again = App(device=app.device)
    assert again.log_in(username="ann")[0] == 200
    assert App().log_in(username="ann")[0] == 400


def test_changing_the_password_by_api_counts_wrong_ones(person: User) -> None:
    app = App()
    app.log_in(username="ann")
    for _ in range(5):
        app.call("POST", "account/password/change", current_password="wrong", new_password="a much better password")  # noqa: S106
    for _ in range(5):
        app.call("POST", "auth/reauthenticate", password="wrong")  # noqa: S106
    assert AuditEntry.objects.filter(kind="password.wrong").count() == 5


def test_sessions_are_listed_and_revoked(person: User) -> None:
    here, there = App(), App()
    for app in (here, there):
        app.log_in(username="ann")
    _, answer = here.call("GET", "auth/sessions")
    other = [session["id"] for session in answer["data"] if not session["is_current"]]
    assert len(other) == 1
    assert here.call("DELETE", "auth/sessions", sessions=other)[0] == 200
    assert there.call("GET", "auth/session")[0] in {401, 410}
    assert AuditEntry.objects.filter(kind="session.revoked").count() == 1


def test_logging_out_ends_the_session(person: User) -> None:
    app = App()
    app.log_in(username="ann")
    app.call("DELETE", "auth/session")
    assert app.call("GET", "auth/session")[0] in {401, 410}
    assert AuditEntry.objects.filter(kind="session.ended").count() == 1


def test_browser_clients_need_their_token(person: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    body = json.dumps({"username": "ann", "password": PASSWORD})
    url = "/_allauth/browser/v1/auth/login"
    assert strict.post(url, body, content_type="application/json").status_code == 403
    strict.get("/_allauth/browser/v1/config")
    token = strict.cookies["csrf"].value
    answer = strict.post(url, body, content_type="application/json", headers={"X-CSRFToken": token})
    assert answer.status_code == 200
    assert "device" in strict.cookies


def test_a_phone_number_is_changed_after_giving_the_password_again(person: User) -> None:
    User.objects.create_user("bob", phone="+31687654321")
    app = App()
    app.log_in(username="ann")
    assert app.call("POST", "account/phone", phone="+31600000000")[0] == 401
    assert app.call("POST", "auth/reauthenticate", password=PASSWORD)[0] == 200
    status, answer = app.call("POST", "account/phone", phone="+31687654321")
    assert (status, answer["errors"][0]["code"]) == (400, "phone_taken")
    assert app.call("POST", "account/phone", phone="+31600000000")[0] in {200, 202}
    assert app.call("GET", "account/phone")[1]["data"] == [{"phone": "+31600000000", "verified": False}]
    assert App().call("GET", "account/phone")[0] == 401


def test_who_comes_a_moment_later_is_told_so(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken_meanwhile(*_args: object, **_kwargs: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(User, "save", taken_meanwhile)
    status, answer = App().call("POST", "auth/signup", **SIGN_UP)
    assert (status, answer["errors"][0]["code"]) == (409, "just_taken")


@pytest.mark.parametrize(
    "body", ["[]", "{", "5", '{"username": 5, "password": 7}', '{"username": {"a": 1}, "password": "x"}']
)
def test_nonsense_is_no_server_error(person: User, body: str) -> None:
    answer = Client().post("/_allauth/app/v1/auth/login", body, content_type="application/json")
    assert answer.status_code == 400
