"""One function for each thing the API does. Each is a conversation (`exchange.Call`); `drive` carries it out."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from countersign.client import parse
from countersign.client.device_key import DeviceKey
from countersign.client.exchange import Answer, Ask, Call, Upload
from countersign.client.problems import ProblemError, UnexpectedAnswerError, problem_of
from countersign.client.values import AttemptResult, Challenge, Enrolment, Json, SampleResult, SignedUp

ACCOUNTS = "/_allauth/app/v1"
API = "/api/v1"
_PENDING = 401
"""Allauth's answer where a step is left to do, with a session token to do it with."""


def sign_up(details: Mapping[str, str]) -> Call[SignedUp]:
    """Make an account: name, username, email, phone, account_number, password."""
    answer = yield _ask("POST", f"{ACCOUNTS}/auth/signup", details, accepted={200, _PENDING})
    pending = _pending_flows(answer)
    if answer.status == _PENDING and not pending:
        raise _refused(answer)
    return SignedUp(verification_pending="verify_email" in pending)


def begin_login(*, password: str, **identifier: str) -> Call[frozenset[str]]:
    """Hand in an identifier (username, email or phone) and the password.

    Returns:
        What is left to do, "biometric" among it; empty when nothing is.
    """
    body = {"password": password, **identifier}
    answer = yield _ask("POST", f"{ACCOUNTS}/auth/login", body, accepted={200, _PENDING})
    pending = _pending_flows(answer)
    if answer.status == _PENDING and not pending:
        raise _refused(answer)
    return pending


def log_out() -> Call[None]:
    """End the session. Allauth answers 401 when there is none any more, which is what was asked for."""
    yield _ask("DELETE", f"{ACCOUNTS}/auth/session", accepted={200, _PENDING})


def is_logged_in() -> Call[bool]:
    """Whether the session is whole: nothing is left to do."""
    answer = yield _ask("GET", f"{ACCOUNTS}/auth/session", accepted={200, 401, 410})
    return answer.status == 200


def register_device(key: DeviceKey, *, name: str) -> Call[UUID]:
    """Register this device's key; gives its id."""
    answer = yield _ask("POST", f"{API}/devices", {"name": name, "public_key": key.public_key})
    return parse.parsed(answer.body, parse.device_id)


def take_challenge(purpose: str) -> Call[Challenge]:
    """A new challenge, for "login" or "reauthentication". It voids the one before."""
    answer = yield _ask("POST", f"{API}/challenges", {"purpose": purpose})
    return parse.parsed(answer.body, parse.challenge)


def answer_challenge(
    challenge: Challenge, media: bytes, *, media_type: str, key: DeviceKey, device: UUID
) -> Call[AttemptResult]:
    """Hand in the one recording that answers `challenge`."""
    purpose = f"{challenge.purpose}/{challenge.id}"
    upload = signed_upload(media, media_type, purpose=purpose, nonce=challenge.nonce, key=key, device=device)
    fields = {**upload.fields, "challenge": str(challenge.id)}
    answer = yield Ask(
        method="POST",
        path=f"{API}/attempts",
        upload=Upload(media=upload.media, media_type=media_type, fields=fields),
    )
    return parse.parsed(answer.body, parse.attempt)


def consent_version() -> Call[str]:
    """The version of the text that consent is asked to. Show the text itself (`consent`) to the person."""
    answer = yield _ask("GET", f"{API}/consent")
    return parse.parsed(answer.body, lambda body: str(body["version"]))


def give_consent(version: str) -> Call[None]:
    """Record that the person agreed to that version of the text."""
    yield _ask("POST", f"{API}/consent", {"version": version})


def open_enrolment() -> Call[Enrolment]:
    """A new enrolment, or the one under way."""
    answer = yield _ask("POST", f"{API}/enrolments", {})
    return parse.parsed(answer.body, parse.enrolment)


def add_sample(
    enrolment: Enrolment, kind: str, slot: int, media: bytes, *, media_type: str, key: DeviceKey, device: UUID
) -> Call[SampleResult]:
    """Hand in one picture ("picture") or voice sample ("voice")."""
    purpose = f"enrolment/{enrolment.id}/{kind}/{slot}"
    upload = signed_upload(media, media_type, purpose=purpose, nonce=enrolment.nonce, key=key, device=device)
    answer = yield Ask(method="POST", path=f"{API}/enrolments/{enrolment.id}/{kind}s/{slot}", upload=upload)
    return parse.parsed(answer.body, parse.sample)


def complete_enrolment(enrolment: Enrolment) -> Call[None]:
    """Make the references of what was gathered."""
    yield _ask("POST", f"{API}/enrolments/{enrolment.id}/completion", {})


def fetch(path: str) -> Call[object]:
    """What stands under a path of the API, as JSON: "references", "devices", "attempts", "consent", "export"."""
    answer = yield _ask("GET", f"{API}/{path}")
    return answer.body


def remove(path: str) -> Call[None]:
    """Delete what stands under a path of the API: "references", "consent", "account", "devices/{id}"."""
    yield _ask("DELETE", f"{API}/{path}")


def signed_upload(media: bytes, media_type: str, *, purpose: str, nonce: str, key: DeviceKey, device: UUID) -> Upload:
    """A file with the device's signature."""
    signature = key.sign_upload(media, purpose=purpose, nonce=nonce)
    return Upload(media=media, media_type=media_type, fields={"device": str(device), "signature": signature})


def _ask(method: str, path: str, body: Json | None = None, *, accepted: set[int] | None = None) -> Ask:
    if accepted is None:
        return Ask(method=method, path=path, body=body)
    return Ask(method=method, path=path, body=body, accepted=frozenset(accepted))


def _pending_flows(answer: Answer) -> frozenset[str]:
    body = answer.body if isinstance(answer.body, dict) else {}
    data = body.get("data")
    flows = data.get("flows") if isinstance(data, dict) else None
    if answer.status == _PENDING and flows is None and not body.get("errors"):
        raise UnexpectedAnswerError("neither logged in nor told what is left to do")
    return frozenset(str(flow["id"]) for flow in flows or [] if isinstance(flow, dict) and flow.get("is_pending"))


def _refused(answer: Answer) -> ProblemError:
    return problem_of(answer.status, {}, answer.body)
