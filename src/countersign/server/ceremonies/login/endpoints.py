"""The login ceremony's part of the API."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from countersign.core.decisions import Accepted, Retry
from countersign.server.ceremonies.callers import Caller, authenticated, pending
from countersign.server.ceremonies.login import ceremony, completion, devices
from countersign.server.ceremonies.models import Attempt, AttemptState, ChallengeRecord, Purpose, SigningDevice
from countersign.server.ceremonies.problem_schema import PROBLEMS
from countersign.server.ceremonies.uploads import to_base64url

LONGEST_S = 12
"""Of a recording, as clients are told."""
_SHOWN_ATTEMPTS = 50
_BEING_JUDGED = timedelta(minutes=2)

router = Router(tags=["login"])


class DeviceIn(Schema):
    """A key: P-256, SubjectPublicKeyInfo in DER, base64url."""

    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\u0000-\u001f\u007f]*$")]
    public_key: Annotated[str, Field(max_length=300)]


class DeviceOut(Schema):
    """A registered device. Before a pending login is complete, one registered in it is good there alone."""

    id: uuid.UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    current: bool


class ChallengeIn(Schema):
    """What it is for."""

    purpose: Literal["login", "reauthentication"]


class Turn(Schema):
    """First to that side of one's own, at least so far, then over to the other and back."""

    first: Literal["left", "right"]
    extent_deg: int
    order: Literal["before_words", "after_words"]


class ChallengeOut(Schema):
    """Read these words, facing the camera, and turn the head before or after."""

    id: uuid.UUID
    purpose: Literal["login", "reauthentication"]
    mode: Literal["words", "digits"]
    language: str
    words: list[str]
    turn: Turn
    nonce: str
    issued_at: datetime
    expires_at: datetime
    longest_s: int


class Advice(Schema):
    """What to change."""

    code: str
    text: str


class AcceptedOut(Schema):
    """It is you. An app goes on with the new token."""

    outcome: Literal["accepted"] = "accepted"
    next: str
    session_token: str | None = None


class RetryOut(Schema):
    """It could not be judged."""

    outcome: Literal["retry"] = "retry"
    advice: list[Advice]
    attempts_left: int
    fallbacks: list[str]


class RejectedOut(Schema):
    """It did not work. Why is for the operator alone."""

    outcome: Literal["rejected"] = "rejected"
    attempts_left: int
    fallbacks: list[str]


class AttemptOut(Schema):
    """One line of the login history."""

    id: uuid.UUID
    at: datetime
    outcome: Literal["accepted", "retry", "rejected", "unreadable", "in_progress", "broken_off"]
    purpose: Literal["login", "reauthentication"]
    device: str | None


class NextOut(Schema):
    """Where to go on."""

    next: str


def _caller(request: HttpRequest) -> Caller:
    caller = request.auth  # type: ignore[attr-defined]  # set by the API from what `SessionAuth` returned
    assert isinstance(caller, Caller)  # noqa: S101 - every endpoint here has one
    return caller


@router.post("/devices", auth=pending, response={201: DeviceOut, **PROBLEMS}, summary="Register a device's key")
def register_device(request: HttpRequest, device: DeviceIn) -> Status[DeviceOut]:
    """In a session for good; in a pending login for that login alone, and for good once it is complete."""
    caller = _caller(request)
    registered = devices.register(caller, name=device.name, public_key=device.public_key)
    return Status(201, _device_out(registered, current=devices.current_device(caller)))


@router.get("/devices", auth=authenticated, response={200: list[DeviceOut], **PROBLEMS}, summary="List devices")
def list_devices(request: HttpRequest) -> list[DeviceOut]:
    """Devices whose uploads are taken."""
    caller = _caller(request)
    current = devices.current_device(caller)
    return [_device_out(device, current=current) for device in devices.registered(caller)]


@router.delete("/devices/{device}", auth=authenticated, response={204: None, **PROBLEMS}, summary="Remove a device")
def remove_device(request: HttpRequest, device: uuid.UUID) -> Status[None]:
    """Its uploads are refused from now on."""
    devices.remove(_caller(request), device)
    return Status(204, None)


@router.post("/challenges", auth=pending, response={201: ChallengeOut, **PROBLEMS}, summary="Ask for a challenge")
def issue_challenge(request: HttpRequest, wanted: ChallengeIn) -> Status[ChallengeOut]:
    """`login` while the flow `biometric` is pending, `reauthentication` in a session. It is good for 90 seconds, once."""
    issued = ceremony.issue(_caller(request), Purpose(wanted.purpose))
    return Status(201, _challenge_out(issued))


@router.post(
    "/attempts",
    auth=pending,
    response={200: AcceptedOut | RetryOut | RejectedOut, **PROBLEMS},
    summary="Answer a challenge with one recording",
)
def answer_challenge(
    request: HttpRequest,
    challenge: Form[uuid.UUID],
    device: Form[uuid.UUID],
    signature: Form[Annotated[str, Field(max_length=200)]],
    media: File[UploadedFile],
) -> AcceptedOut | RetryOut | RejectedOut:
    """The stage of the login: the recording, signed by the device.

    The signature is ECDSA with SHA-256 over P-256, r and s of 32 bytes each, base64url, over the text:

        countersign-upload-v1
        {purpose}/{challenge id}
        {nonce}
        {SHA-256 of the media, hexadecimal}

    Whatever the answer but 503 `request.busy`, the challenge is used up once the recording was looked at.
    """
    outcome = ceremony.answer(
        request, _caller(request), challenge=challenge, media=media, device=device, signature=signature
    )
    return _outcome_out(outcome)


@router.get("/attempts", auth=authenticated, response={200: list[AttemptOut], **PROBLEMS}, summary="Login history")
def list_attempts(request: HttpRequest) -> list[AttemptOut]:
    """The latest attempts, newest first, without figures."""
    rows = Attempt.objects.filter(account=_caller(request).account).select_related("device")[:_SHOWN_ATTEMPTS]
    return [_attempt_out(row) for row in rows]


@router.post("/fallback", auth=pending, response={200: NextOut, **PROBLEMS}, summary="Use another second factor")
def choose_fallback(request: HttpRequest) -> NextOut:
    """Where an answer offered `fallbacks`: the flow `mfa_authenticate` is then pending instead."""
    return NextOut(next=completion.choose_fallback(request, _caller(request)))


def _device_out(device: SigningDevice, *, current: uuid.UUID | None) -> DeviceOut:
    return DeviceOut(
        id=device.pk,
        name=device.name,
        created_at=device.created_at,
        last_used_at=device.last_used_at,
        current=current is not None and device.known_device_id == current,
    )


def _challenge_out(issued: ChallengeRecord) -> ChallengeOut:
    return ChallengeOut.model_validate(
        {
            "id": issued.pk,
            "purpose": str(issued.purpose),
            "mode": str(issued.mode),
            "language": issued.language,
            "words": issued.words,
            "turn": {"first": str(issued.first), "extent_deg": issued.extent_deg, "order": str(issued.order)},
            "nonce": to_base64url(bytes(issued.nonce)),
            "issued_at": issued.issued_at,
            "expires_at": issued.expires_at,
            "longest_s": LONGEST_S,
        }
    )


def _outcome_out(outcome: ceremony.Outcome) -> AcceptedOut | RetryOut | RejectedOut:
    left, fallbacks = outcome.attempts_left, list(outcome.fallbacks)
    match outcome.decision:
        case Accepted():
            assert outcome.completed is not None  # noqa: S101 - what an acceptance leads to
            return AcceptedOut(next=outcome.completed.next, session_token=outcome.completed.session_token)
        case Retry(failures=failures):
            advice = [Advice(code=each.reason.value, text=_(each.reason.advice)) for each in failures]
            return RetryOut(advice=advice, attempts_left=left, fallbacks=fallbacks)
        case _:
            return RejectedOut(attempts_left=left, fallbacks=fallbacks)


def _attempt_out(row: Attempt) -> AttemptOut:
    outcome = str(row.state)
    if row.state == AttemptState.RESERVED:
        outcome = "in_progress" if timezone.now() - row.at < _BEING_JUDGED else "broken_off"
    return AttemptOut.model_validate(
        {
            "id": row.pk,
            "at": row.at,
            "outcome": outcome,
            "purpose": str(row.purpose),
            "device": row.device.name if row.device else None,
        }
    )
