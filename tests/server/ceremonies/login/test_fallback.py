"""When face and voice do not work: what the person set up besides, offered late, recorded, and never less than a factor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

from countersign.server.accounts.models import GuessCounter, User
from countersign.server.audit.models import AuditEntry
from countersign.server.configuration.schema import LoginProfile
from tests.server.ceremonies.people import Visitor
from tests.server.conftest import TOTP_PERIOD

FIRST = pytest.mark.parametrize("app", [False, True], ids=["browser", "app"])


@pytest.fixture
def secret(person: User) -> str:
    """Somebody with an authenticator app and recovery codes."""
    secret: str = generate_totp_secret()
    TOTP.activate(person, secret)
    RecoveryCodes.activate(person)
    return secret


def code(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, TOTP_PERIOD)))


def failed(visitor: Visitor, times: int) -> dict[str, object]:
    visitor.log_in()
    found: dict[str, object] = {}
    for _ in range(times):
        found = visitor.attempt(b"reject").json()
    return found


def test_it_is_offered_after_three_failed_attempts_of_this_login(enrolled: User, secret: str) -> None:
    visitor = Visitor()
    assert failed(visitor, 2)["fallbacks"] == []
    answer = visitor.api("POST", "/fallback")
    assert (answer.status_code, answer.json()["code"]) == (409, "fallback.unavailable")
    assert visitor.client.post("/accounts/biometric/fallback/")["Location"] == "/accounts/biometric/"
    assert visitor.attempt(b"retry").json()["fallbacks"] == ["totp", "recovery_codes"]
    assert visitor.client.get("/accounts/biometric/").context["config"]["fallbacks"] == ["totp", "recovery_codes"]
    another = Visitor()
    another.log_in()
    assert another.api("POST", "/fallback").status_code == 409, "another login starts at the beginning"


def test_it_may_be_offered_at_once_for_people_without_a_camera(
    enrolled: User, secret: str, with_policy: Callable[..., None]
) -> None:
    with_policy(fallback_after=0)
    visitor = Visitor()
    visitor.log_in()
    assert visitor.client.get("/accounts/biometric/").context["config"]["fallbacks"] == ["totp", "recovery_codes"]
    assert visitor.client.post("/accounts/biometric/fallback/")["Location"] == "/accounts/2fa/authenticate/"
    assert not visitor.is_logged_in(), "the other factor is still to be given"
    visitor.client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert visitor.is_logged_in()


def test_who_set_nothing_up_is_offered_nothing(enrolled: User) -> None:
    visitor = Visitor()
    assert failed(visitor, 4)["fallbacks"] == []
    assert visitor.api("POST", "/fallback").status_code == 409


def test_recovery_codes_without_what_they_recover_are_no_factor(enrolled: User, secret: str) -> None:
    Authenticator.objects.filter(type="totp").delete()
    assert failed(Visitor(), 3)["fallbacks"] == []


def test_the_page_leads_to_the_other_factor_and_that_completes_the_login(enrolled: User, secret: str) -> None:
    visitor = Visitor()
    failed(visitor, 3)
    assert visitor.client.post("/accounts/biometric/fallback/")["Location"] == "/accounts/2fa/authenticate/"
    assert not visitor.is_logged_in(), "not yet"
    assert visitor.client.get("/accounts/biometric/")["Location"] == "/accounts/login/"
    assert visitor.api("POST", "/challenges", {"purpose": "login"}).status_code == 401
    assert visitor.client.post("/accounts/2fa/authenticate/", {"code": code(secret)})["Location"] == "/account/"
    assert visitor.is_logged_in()
    chosen = AuditEntry.objects.get(kind="login.fallback_chosen")
    assert chosen.details == '{"types":"totp.recovery_codes"}'
    assert AuditEntry.objects.get(kind="session.began").details == '{"methods":"mfa.password"}'
    assert GuessCounter.objects.get(key=f"attempt:{enrolled.pk}").failures == 0, "a whole login starts the count anew"


def test_an_app_does_the_same(enrolled: User, secret: str) -> None:
    app = Visitor(app=True)
    failed(app, 3)
    assert app.api("POST", "/fallback").json() == {"next": "/accounts/2fa/authenticate/"}
    flows = app.headless("GET", "auth/session").json()["data"]["flows"]
    assert [flow["id"] for flow in flows if flow.get("is_pending")] == ["mfa_authenticate"]
    assert app.headless("POST", "auth/2fa/authenticate", code="000000").status_code == 400
    assert app.headless("POST", "auth/2fa/authenticate", code=code(secret)).status_code == 200
    assert app.is_logged_in()


@FIRST
def test_the_other_factor_is_not_asked_for_beside_face_and_voice(enrolled: User, secret: str, app: bool) -> None:
    visitor = Visitor(app=app)
    visitor.log_in()
    assert visitor.attempt().json()["next"] == "/account/"
    assert visitor.is_logged_in()


def test_a_factor_that_went_away_after_it_was_chosen_ends_the_login(enrolled: User, secret: str) -> None:
    visitor = Visitor()
    failed(visitor, 3)
    visitor.client.post("/accounts/biometric/fallback/")
    Authenticator.objects.all().delete()
    visitor.client.get("/accounts/2fa/authenticate/")
    visitor.client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert not visitor.is_logged_in()


def test_codes_are_guessed_five_times_and_then_no_more(enrolled: User, secret: str) -> None:
    visitor = Visitor()
    failed(visitor, 3)
    visitor.client.post("/accounts/biometric/fallback/")
    for _ in range(5):
        visitor.client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    visitor.client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert not visitor.is_logged_in()
    assert AuditEntry.objects.filter(kind="authenticator.wrong").count() == 5


def test_who_has_nothing_enrolled_but_another_factor_gives_that_first(person: User, secret: str) -> None:
    """A stolen password alone must not be enough to enrol another face."""
    visitor = Visitor()
    assert visitor.log_in()["Location"] == "/accounts/2fa/authenticate/"
    assert visitor.api("POST", "/enrolments", {}).status_code == 401
    assert visitor.client.post("/accounts/2fa/authenticate/", {"code": code(secret)})["Location"] == "/account/"
    assert visitor.is_logged_in()


def test_the_strict_profile_takes_a_passkey_alone_and_at_once(
    enrolled: User, secret: str, with_policy: Callable[..., None]
) -> None:
    with_policy(profile=LoginProfile.NIST_63B4)
    visitor = Visitor()
    visitor.log_in()
    assert visitor.register().json()["code"] == "device.unknown", "a device is registered in a session"
    assert visitor.api("POST", "/fallback").status_code == 409
    Authenticator.objects.create(user=enrolled, type="webauthn", data={"name": "key"})
    assert visitor.api("POST", "/fallback").json()["next"] == "/accounts/2fa/authenticate/"


def test_the_strict_profile_wants_a_passkey_beside_the_face(
    enrolled: User, secret: str, with_policy: Callable[..., None]
) -> None:
    visitor = Visitor()
    visitor.log_in()
    visitor.attempt()
    visitor.client.post("/accounts/logout/")
    with_policy(profile=LoginProfile.NIST_63B4)
    visitor.log_in()
    assert visitor.attempt().json()["next"] == "/accounts/2fa/webauthn/signup/", "who has none makes one"
    assert not visitor.is_logged_in()
    assert visitor.client.get("/accounts/2fa/webauthn/signup/").status_code == 200
    flows = visitor.headless("GET", "auth/session").json()["data"]["flows"]
    assert [flow["id"] for flow in flows if flow.get("is_pending")] == ["mfa_signup_webauthn"]
    assert visitor.headless("GET", "auth/webauthn/signup").status_code == 200
    assert visitor.headless("POST", "auth/webauthn/signup", email="bob@example.org").status_code == 405

    Authenticator.objects.create(user=enrolled, type="webauthn", data={"name": "key"})
    visitor.client.post("/accounts/logout/")
    visitor.log_in()
    assert visitor.attempt().json()["next"] == "/accounts/2fa/authenticate/", "who has one uses it"
    visitor.client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert not visitor.is_logged_in(), "and nothing else in its place"


def test_references_of_other_models_ask_to_be_made_anew(enrolled: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.server.ceremonies.scripted.FACE_MODEL", None)
    visitor = Visitor()
    visitor.log_in()
    answer = visitor.attempt()
    assert (answer.status_code, answer.json()["code"]) == (409, "enrolment.missing")
