"""The client against a scripted server: what it sends, what it keeps, and that it never guesses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

from countersign.client import (
    AsyncClient,
    AttemptAccepted,
    AttemptRejected,
    AttemptRetry,
    Client,
    NoAnswerError,
    PictureSlot,
    ProblemError,
    SampleRefusedError,
    UnexpectedAnswerError,
    VoiceSlot,
)

DEVICE = "11111111-2222-3333-4444-555555555555"
CHALLENGE = {
    "id": "99999999-2222-3333-4444-555555555555",
    "purpose": "login",
    "mode": "words",
    "language": "en",
    "words": ["amber", "kettle", "river", "window"],
    "turn": {"first": "left", "extent_deg": 25, "order": "before_words"},
    "nonce": "bm9uY2U",
    "issued_at": "2026-01-02T03:04:05Z",
    "expires_at": "2026-01-02T03:05:35Z",
    "longest_s": 12,
}
PENDING = {"status": 401, "data": {"flows": [{"id": "biometric", "is_pending": True}]}, "meta": {"session_token": "s1"}}
ENROLMENT = {
    "id": "77777777-2222-3333-4444-555555555555",
    "nonce": "ZW5yb2w",
    "state": "open",
    "pictures": [
        {"slot": 0, "pose": "front", "yaw_deg": [-10, 10], "state": "accepted"},
        {"slot": 1, "pose": "left", "yaw_deg": [15, 30], "state": "wanted"},
    ],
    "voices": [{"slot": 0, "text": "amber kettle", "state": "wanted"}],
}
Handler = Callable[[httpx.Request], httpx.Response]


class Script:
    """A server of a few routes, that remembers what it was sent."""

    def __init__(self, **answers: tuple[int, object]) -> None:
        self.sent: list[httpx.Request] = []
        self._answers = {"login": (401, PENDING), "devices": (201, {"id": DEVICE}), "challenges": (201, CHALLENGE)}
        self._answers |= answers

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.sent.append(request)
        name = next(part for part in reversed(request.url.path.split("/")) if not part.isdigit())
        status, body = self._answers[name]
        headers = {"X-Device-Token": "d1"} if name == "login" else {"Retry-After": "7"} if status == 503 else {}
        return httpx.Response(status, json=body, headers=headers) if body is not None else httpx.Response(status)

    def client(self) -> Client:
        return Client("https://x", http=httpx.Client(base_url="https://x", transport=httpx.MockTransport(self)))


def film(challenge: object) -> tuple[bytes, str]:
    return b"film", "video/webm"


def log_in(script: Script) -> object:
    return script.client().log_in(film, username="ann", password="a password")  # noqa: S106


def test_a_login_sends_the_film_signed_for_its_challenge() -> None:
    script = Script(
        attempts=(200, {"outcome": "accepted", "next": "/account/", "session_token": "s2"}), session=(200, {})
    )
    client = script.client()
    assert client.log_in(film, username="ann", password="a password") == AttemptAccepted()  # noqa: S106
    assert [request.url.path for request in script.sent] == [
        "/_allauth/app/v1/auth/login",
        "/api/v1/devices",
        "/api/v1/challenges",
        "/api/v1/attempts",
    ]
    upload = script.sent[-1]
    assert upload.headers["X-Session-Token"] == "s1"
    assert upload.headers["X-Device-Token"] == "d1"
    for field in (b'name="challenge"', CHALLENGE["id"], b'name="signature"', DEVICE, b"film"):
        assert (field if isinstance(field, bytes) else str(field).encode()) in upload.content
    assert client.is_logged_in()
    assert script.sent[-1].headers["X-Session-Token"] == "s2"
    assert client.device == UUID(DEVICE)


def test_a_device_that_is_registered_is_not_registered_again() -> None:
    script = Script(attempts=(200, {"outcome": "rejected", "attempts_left": 2, "fallbacks": ["totp"]}))
    client = script.client()
    client.log_in(film, username="ann", password="a password")  # noqa: S106
    assert client.try_again(film) == AttemptRejected(attempts_left=2, fallbacks=("totp",))
    assert [request.url.path for request in script.sent].count("/api/v1/devices") == 1


def test_advice_comes_with_its_codes() -> None:
    advice = [{"code": "too_dark", "text": "Find more light."}]
    result = log_in(Script(attempts=(200, {"outcome": "retry", "advice": advice, "attempts_left": 2})))
    assert isinstance(result, AttemptRetry)
    assert [item.code for item in result.advice] == ["too_dark"]


def test_a_refusal_is_an_error_with_code_and_waiting_time() -> None:
    problem = {"type": "about:blank", "status": 503, "title": "Busy.", "code": "request.busy"}
    with pytest.raises(ProblemError, match="Busy") as refused:
        log_in(Script(attempts=(503, problem)))
    assert (refused.value.code, refused.value.retry_after_s) == ("request.busy", 7)


def test_field_errors_of_signing_up_are_told_by_field() -> None:
    errors = {"status": 400, "errors": [{"param": "username", "code": "username_taken", "message": "Taken."}]}
    with pytest.raises(ProblemError) as refused:
        Script(signup=(400, errors)).client().sign_up(username="ann")
    assert [(error.field, error.code) for error in refused.value.errors] == [("username", "username_taken")]


@pytest.mark.parametrize(
    "answer",
    [
        {"outcome": "maybe"},
        {"outcome": "retry", "advice": "none", "attempts_left": 1},
        ["accepted"],
        None,
        {"outcome": "rejected", "attempts_left": True, "fallbacks": []},
    ],
)
def test_an_answer_of_another_form_is_never_taken_for_an_acceptance(answer: object) -> None:
    with pytest.raises(UnexpectedAnswerError):
        log_in(Script(attempts=(200, answer)))


def test_a_refused_password_is_an_error_and_not_a_pending_login() -> None:
    body = {"status": 400, "errors": [{"code": "username_password_mismatch", "message": "No.", "param": "password"}]}
    with pytest.raises(ProblemError) as refused:
        log_in(Script(login=(400, body)))
    assert refused.value.code == "username_password_mismatch"


def test_a_broken_connection_is_told_apart_from_a_refusal() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(NoAnswerError):
        Client(
            "https://x", http=httpx.Client(base_url="https://x", transport=httpx.MockTransport(broken))
        ).is_logged_in()


def test_enrolment_hands_in_only_what_is_wanted_and_completes() -> None:
    sample = {"accepted": True, "advice": [], "enrolment": ENROLMENT}
    script = Script(
        consent=(200, {"version": "1", "text": "…", "given_at": None}),
        enrolments=(201, ENROLMENT),
        pictures=(200, sample),
        voices=(200, sample),
        completion=(200, {"references": []}),
    )
    asked = []

    def take(slot: object) -> tuple[bytes, str]:
        asked.append(slot)
        return b"sample", "image/jpeg"

    enrolment = script.client().enrol(take)
    assert [type(slot).__name__ for slot in asked] == ["PictureSlot", "VoiceSlot"]
    paths = [request.url.path.removeprefix(f"/api/v1/enrolments/{enrolment.id}") for request in script.sent]
    assert paths[-3:] == ["/pictures/1", "/voices/0", "/completion"]
    consents = [request for request in script.sent if request.url.path.endswith("consent")]
    assert json.loads(consents[-1].content) == {"version": "1"}


def test_a_sample_that_stays_bad_ends_the_enrolment_with_its_advice() -> None:
    advice = [{"code": "too_dark", "text": "Find more light."}]
    script = Script(
        consent=(200, {"version": "1", "text": "…", "given_at": None}),
        enrolments=(201, ENROLMENT),
        pictures=(200, {"accepted": False, "advice": advice, "enrolment": ENROLMENT}),
    )
    with pytest.raises(SampleRefusedError) as refused:
        script.client().enrol(lambda _slot: (b"sample", "image/jpeg"), tries=2)
    assert refused.value.advice == ("too_dark",)
    assert sum("pictures" in request.url.path for request in script.sent) == 2


def test_words_that_were_not_understood_are_taken_from_the_answer() -> None:
    accepted = ENROLMENT | {"pictures": []}
    refused = accepted | {"voices": [{"slot": 0, "text": "river window", "state": "wanted"}]}
    advice = [{"code": "other_words", "text": "We did not catch that. Here are other words."}]
    script = Script(
        consent=(200, {"version": "1", "text": "…", "given_at": None}),
        enrolments=(201, accepted),
        voices=(200, {"accepted": False, "advice": advice, "enrolment": refused}),
    )
    asked = []

    def read(slot: PictureSlot | VoiceSlot) -> tuple[bytes, str]:
        assert isinstance(slot, VoiceSlot)
        asked.append(slot.text)
        return b"sample", "audio/webm"

    with pytest.raises(SampleRefusedError) as error:
        script.client().enrol(read, tries=3)
    assert asked == ["amber kettle", "river window", "river window"]
    assert isinstance(error.value.slot, VoiceSlot)
    assert error.value.slot.text == "river window", "what would be asked next"


def test_asyncio_has_the_same_conversations() -> None:
    script = Script(attempts=(200, {"outcome": "accepted", "next": "/account/", "session_token": "s2"}))

    async def conversation() -> object:
        http = httpx.AsyncClient(base_url="https://x", transport=httpx.MockTransport(script))
        async with AsyncClient("https://x", http=http) as client:
            assert await client.begin_login(username="ann", password="a password") == {"biometric"}  # noqa: S106
            challenge = await client.take_challenge()
            return await client.answer_challenge(challenge, b"film", media_type="video/webm")

    assert asyncio.run(conversation()) == AttemptAccepted()
