"""The login stage: nobody comes past it without a recording that was accepted, or what stands in for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.utils import timezone

from countersign.media.decode import LOGIN_FPS
from countersign.server.accounts.models import GuessCounter, User
from countersign.server.audit.models import AuditEntry
from countersign.server.ceremonies.models import Attempt, ChallengeRecord, SigningDevice
from tests.server.ceremonies.people import Visitor
from tests.server.ceremonies.scripted import DECODER, SCORE, ScriptedEngine

BOTH = pytest.mark.parametrize("app", [False, True], ids=["browser", "app"])


def kinds(account: User) -> list[str]:
    return list(AuditEntry.objects.filter(account=str(account.pk)).values_list("kind", flat=True))


@BOTH
def test_a_password_alone_opens_nothing(enrolled: User, app: bool) -> None:
    visitor = Visitor(app=app)
    visitor.log_in()
    assert not visitor.is_logged_in()
    answer = visitor.api("GET", "/devices")
    assert (answer.status_code, answer.json()["code"]) == (403, "session.pending")
    if not app:
        assert visitor.client.get("/account/").status_code == 302
        assert visitor.client.get("/accounts/2fa/").status_code == 302
        assert visitor.client.get("/accounts/email/")["Location"].startswith("/accounts/login/")


@BOTH
def test_an_accepted_recording_opens_a_session_under_a_new_key(
    enrolled: User, app: bool, engine: ScriptedEngine
) -> None:
    visitor = Visitor(app=app)
    visitor.log_in()
    before = visitor.session if app else visitor.client.session.session_key
    answer = visitor.attempt()
    assert answer.status_code == 200, answer.content
    assert (answer.json()["outcome"], answer.json()["next"]) == ("accepted", "/account/")
    assert visitor.is_logged_in()
    after = visitor.session if app else visitor.client.session.session_key
    assert after != before
    assert bool(answer.json()["session_token"]) is app
    (attempt,) = Attempt.objects.all()
    assert (attempt.state, attempt.purpose, attempt.profile) == ("accepted", "login", "standard")
    assert kinds(enrolled)[-1] == "attempt.accepted"
    assert "session.began" in kinds(enrolled)
    began = AuditEntry.objects.get(kind="session.began")
    assert began.details == '{"methods":"biometric.password"}'
    assert DECODER.asked_fps[-1] == LOGIN_FPS, "lips are not to be read at fewer pictures a second"
    (judged,) = engine.judged
    assert len(judged[1].words) == 5


def test_the_flow_is_shown_to_apps_as_pending(enrolled: User) -> None:
    app = Visitor(app=True)
    answer = app.log_in()
    assert answer.status_code == 401
    assert {"id": "biometric", "is_pending": True} in answer.json()["data"]["flows"]


def test_the_page_of_the_stage_is_for_the_pending_login_alone(enrolled: User) -> None:
    visitor = Visitor()
    assert visitor.client.get("/accounts/biometric/")["Location"] == "/accounts/login/"
    assert visitor.log_in()["Location"] == "/accounts/biometric/"
    page = visitor.client.get("/accounts/biometric/")
    assert page.status_code == 200
    assert page.context["config"]["purpose"] == "login"
    visitor.attempt()
    assert visitor.client.get("/accounts/biometric/")["Location"] == "/account/"


def test_where_the_person_wanted_to_go_is_kept(enrolled: User) -> None:
    visitor = Visitor()
    visitor.client.post(
        "/accounts/login/?next=/account/details/", {"login": "ann", "password": "correct horse battery staple"}
    )
    assert visitor.attempt().json()["next"] == "/account/details/"


@BOTH
def test_a_rejected_recording_says_nothing_but_that(enrolled: User, app: bool) -> None:
    visitor = Visitor(app=app)
    visitor.log_in()
    answer = visitor.attempt(b"reject")
    assert answer.json() == {"outcome": "rejected", "attempts_left": 4, "fallbacks": []}
    assert not visitor.is_logged_in()
    assert kinds(enrolled)[-1] == "attempt.rejected"
    found: Any = Attempt.objects.get().findings
    assert found["face"]["score"] == SCORE
    assert found["reasons"][0] == "face_too_low"
    assert found["checks"]["lips"]["measures"] == {"offset_ms": 1.5}
    assert found["timings_ms"]["voice"] is None, "what is not a number is not stored as one"


def test_a_retry_says_what_to_change(enrolled: User) -> None:
    visitor = Visitor()
    visitor.log_in()
    answer = visitor.attempt(b"retry").json()
    assert answer == {
        "outcome": "retry",
        "advice": [{"code": "too_dark", "text": "Find more light."}],
        "attempts_left": 4,
        "fallbacks": [],
    }
    assert visitor.attempt().json()["outcome"] == "accepted"


def test_a_recording_that_cannot_be_opened_counts_as_an_attempt(enrolled: User) -> None:
    visitor = Visitor()
    visitor.log_in()
    answer = visitor.attempt(b"unreadable")
    assert (answer.status_code, answer.json()["code"]) == (422, "media.truncated")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert Attempt.objects.get().state == "unreadable"
    assert GuessCounter.objects.get(key=f"attempt:{enrolled.pk}").failures == 1


def test_no_answer_holds_a_figure(enrolled: User) -> None:
    visitor = Visitor()
    visitor.log_in()
    bodies = [visitor.attempt(script) for script in (b"reject", b"retry", b"unreadable", b"accept")]
    bodies += [visitor.api("GET", "/attempts"), visitor.api("GET", "/devices")]
    for answer in bodies:
        text = answer.content.decode()
        for telling in (str(SCORE), "llr", "score", "reason", "check", "9.0", "face_too_low", "scripted"):
            assert telling not in text, text


def test_the_history_is_the_persons_own(enrolled: User) -> None:
    visitor = Visitor()
    visitor.log_in()
    visitor.attempt(b"reject")
    visitor.attempt()
    history = visitor.api("GET", "/attempts").json()
    assert [line["outcome"] for line in history] == ["accepted", "rejected"]
    assert {line["device"] for line in history} == {"A phone"}
    assert set(history[0]) == {"id", "at", "outcome", "purpose", "device"}


def test_a_challenge_is_good_once(enrolled: User, engine: ScriptedEngine) -> None:
    visitor = Visitor()
    visitor.log_in()
    visitor.register()
    challenge = visitor.challenge()
    assert visitor.answer(challenge, b"reject").status_code == 200
    again = visitor.answer(challenge)
    assert (again.status_code, again.json()["code"]) == (409, "challenge.used")
    assert len(engine.judged) == 1


def test_a_challenge_expires(enrolled: User, engine: ScriptedEngine) -> None:
    visitor = Visitor()
    visitor.log_in()
    visitor.register()
    challenge = visitor.challenge()
    late = timezone.now() - timedelta(seconds=91)
    ChallengeRecord.objects.update(issued_at=late, expires_at=late + timedelta(seconds=90))
    answer = visitor.answer(challenge)
    assert (answer.status_code, answer.json()["code"]) == (409, "challenge.expired")
    assert engine.judged == []


def test_a_newer_challenge_replaces_the_older(enrolled: User) -> None:
    visitor = Visitor()
    visitor.log_in()
    visitor.register()
    older, newer = visitor.challenge(), visitor.challenge()
    assert visitor.answer(older).json()["code"] == "challenge.used"
    assert visitor.answer(newer).json()["outcome"] == "accepted"


def test_a_challenge_of_another_session_is_unknown(enrolled: User, engine: ScriptedEngine) -> None:
    thief, person = Visitor(), Visitor()
    thief.log_in()
    thief.register()
    person.log_in()
    answer = thief.answer(person.challenge())
    assert (answer.status_code, answer.json()["code"]) == (409, "challenge.unknown")
    assert engine.judged == []


def test_one_bit_of_the_recording_changed_is_refused(enrolled: User, engine: ScriptedEngine) -> None:
    visitor = Visitor()
    visitor.log_in()
    visitor.register()
    challenge = visitor.challenge()
    answer = visitor.answer(challenge, b"reject", sent=b"rejecu")
    assert (answer.status_code, answer.json()["code"]) == (403, "upload.signature_invalid")
    assert kinds(enrolled)[-1] == "upload.refused"
    assert engine.judged == []
    assert visitor.answer(challenge).json()["outcome"] == "accepted", "nothing was used up"


@pytest.mark.parametrize("signature", ["", "AAAA", "A" * 86, "not base64url!", "é" * 10])
def test_what_is_no_signature_is_refused(enrolled: User, signature: str) -> None:
    visitor = Visitor()
    visitor.log_in()
    visitor.register()
    answer = visitor.answer(visitor.challenge(), signature=signature)
    assert answer.status_code in {403, 422}
    assert answer.json()["code"] in {"upload.signature_invalid", "request.invalid"}


def test_a_signature_for_another_purpose_or_device_is_refused(enrolled: User) -> None:
    visitor = Visitor()
    visitor.log_in()
    visitor.register()
    challenge = visitor.challenge()
    other = challenge | {"purpose": "enrolment"}
    assert visitor.answer(other).json()["code"] == "upload.signature_invalid"
    assert visitor.answer(challenge | {"nonce": "AAAA"}).json()["code"] == "upload.signature_invalid"
    stranger = Visitor()
    stranger.log_in()
    stranger.register()
    answer = visitor.answer(challenge, device=stranger.device)
    assert (answer.status_code, answer.json()["code"]) == (403, "device.unknown")


def test_failed_attempts_are_held_up_as_guesses_are(enrolled: User) -> None:
    visitor = Visitor()
    visitor.log_in()
    left = [visitor.attempt(b"reject").json()["attempts_left"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    answer = visitor.api("POST", "/challenges", {"purpose": "login"})
    assert (answer.status_code, answer.json()["code"]) == (429, "attempt.held_up")
    assert 0 < int(answer.headers["Retry-After"]) <= 30
    assert "attempt.held_up" in kinds(enrolled)
    again = Visitor()
    again.log_in()
    assert again.api("POST", "/challenges", {"purpose": "login"}).status_code == 429, "for the account, not the session"


def test_a_known_device_has_attempts_of_its_own(enrolled: User) -> None:
    visitor = Visitor()
    visitor.log_in()
    visitor.attempt()
    visitor.client.post("/accounts/logout/")
    thief = Visitor()
    thief.log_in()
    for _ in range(5):
        thief.attempt(b"reject")
    assert thief.api("POST", "/challenges", {"purpose": "login"}).status_code == 429
    visitor.log_in()
    assert visitor.attempt().json()["outcome"] == "accepted"


def test_a_new_password_gives_the_attempts_back_that_somebody_with_the_old_one_used_up(
    enrolled: User, mailoutbox: list[EmailMessage]
) -> None:
    EmailAddress.objects.create(user=enrolled, email="ann@example.org", primary=True, verified=True)
    thief = Visitor()
    thief.log_in()
    for _ in range(5):
        thief.attempt(b"reject")
    person = Visitor()
    person.client.post("/accounts/password/reset/", {"email": "ann@example.org"})
    found = re.search(r"http://testserver(/\S+)", str(mailoutbox[-1].body))
    assert found is not None
    page = person.client.get(found[1])["Location"]
    new = "a quite different secret"
    assert person.client.post(page, {"password1": new, "password2": new}).status_code == 302
    person.log_in(new)
    assert person.attempt().json()["outcome"] == "accepted"


def test_an_acceptance_starts_the_count_anew(enrolled: User) -> None:
    visitor = Visitor()
    visitor.log_in()
    for _ in range(4):
        visitor.attempt(b"reject")
    visitor.attempt()
    assert GuessCounter.objects.get(key=f"attempt:{enrolled.pk}").failures == 0


def test_a_login_whose_password_was_changed_meanwhile_goes_no_further(enrolled: User) -> None:
    visitor = Visitor()
    visitor.log_in()
    visitor.register()
    challenge = visitor.challenge()
    enrolled.set_password("a quite different secret")
    enrolled.save()
    assert visitor.answer(challenge).status_code == 401
    assert visitor.client.get("/accounts/biometric/")["Location"] == "/accounts/login/"


def test_an_account_that_was_switched_off_meanwhile_goes_no_further(enrolled: User) -> None:
    visitor = Visitor()
    visitor.log_in()
    visitor.register()
    challenge = visitor.challenge()
    enrolled.is_active = False
    enrolled.save()
    assert visitor.answer(challenge).status_code == 401


def test_of_what_fails_halfway_nothing_stays_but_a_failed_attempt(
    enrolled: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the power went out")

    for app in (False, True):
        visitor = Visitor(app=app)
        visitor.client.raise_request_exception = False
        visitor.log_in()
        visitor.register()
        challenge = visitor.challenge()
        with monkeypatch.context() as patch:
            patch.setattr("countersign.server.ceremonies.login.completion._settle_device", fail)
            assert visitor.answer(challenge).status_code == 500
        assert not visitor.is_logged_in()
    assert set(Attempt.objects.values_list("state", flat=True)) == {"reserved"}
    assert "session.began" not in kinds(enrolled)
    assert GuessCounter.objects.get(key=f"attempt:{enrolled.pk}").failures == 2


def test_an_engine_that_fails_leaves_an_attempt_that_counts(enrolled: User) -> None:
    visitor = Visitor()
    visitor.client.raise_request_exception = False
    visitor.log_in()
    assert visitor.attempt(b"explode").status_code == 500
    assert Attempt.objects.get().state == "reserved"


def test_without_the_step_a_password_is_enough(enrolled: User, configured: Callable[..., Any]) -> None:
    configured(biometric_step=False)
    visitor = Visitor()
    assert visitor.log_in()["Location"] == "/account/"


def test_who_has_nothing_enrolled_is_led_there_and_to_nothing_else(person: User) -> None:
    visitor = Visitor()
    assert visitor.log_in()["Location"] == "/accounts/biometric/"
    assert visitor.client.get("/accounts/biometric/")["Location"] == "/accounts/enrol/"
    assert visitor.client.get("/account/").status_code == 302
    answer = visitor.api("POST", "/challenges", {"purpose": "login"})
    assert (answer.status_code, answer.json()["code"]) == (409, "enrolment.missing")


def test_a_key_of_a_pending_login_is_registered_with_its_acceptance(
    enrolled: User, mailoutbox: list[EmailMessage]
) -> None:
    EmailAddress.objects.create(user=enrolled, email="ann@example.org", primary=True, verified=True)
    visitor = Visitor()
    visitor.log_in()
    assert visitor.register().status_code == 201
    assert SigningDevice.objects.get().pending
    visitor.attempt()
    assert not SigningDevice.objects.get().pending
    assert "new device" in mailoutbox[-1].subject
    assert "A phone" in mailoutbox[-1].body
    assert "signing_device.added" in kinds(enrolled)
    (device,) = visitor.api("GET", "/devices").json()
    assert device["current"]
    assert device["last_used_at"]


def test_a_request_from_elsewhere_is_refused(enrolled: User) -> None:
    visitor = Visitor()
    visitor.client.handler.enforce_csrf_checks = True
    answer = visitor.api("POST", "/challenges", {"purpose": "login"})
    assert (answer.status_code, answer.json()["code"]) == (403, "request.csrf")


def test_unknown_tokens_and_no_token_are_told(enrolled: User) -> None:
    app = Visitor(app=True)
    app.session = "unknown"
    answer = app.api("POST", "/challenges", {"purpose": "login"})
    assert (answer.status_code, answer.json()["code"]) == (401, "session.unknown")
    answer = Visitor().api("POST", "/challenges", {"purpose": "login"})
    assert (answer.status_code, answer.json()["code"]) == (401, "session.required")
