"""Answers to values. What does not fit is `UnexpectedAnswerError`, never guessed at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from countersign.client.problems import UnexpectedAnswerError
from countersign.client.values import (
    Advice,
    AttemptAccepted,
    AttemptRejected,
    AttemptResult,
    AttemptRetry,
    Challenge,
    Enrolment,
    PictureSlot,
    SampleResult,
    VoiceSlot,
)

_T = TypeVar("_T")


def parsed(body: object, parse: Callable[[Mapping[str, object]], _T]) -> _T:
    """`body` through `parse`.

    Raises:
        UnexpectedAnswerError: it is of another form.
    """
    try:
        return parse(_object(body))
    except (KeyError, TypeError, ValueError) as error:
        raise UnexpectedAnswerError(f"the answer is not of the expected form: {error!r}") from error


def challenge(body: Mapping[str, object]) -> Challenge:
    """A challenge."""
    turn = _object(body["turn"])
    return Challenge(
        id=UUID(_text(body["id"])),
        purpose=_text(body["purpose"]),
        mode=_text(body["mode"]),
        language=_text(body["language"]),
        words=tuple(_text(word) for word in _list(body["words"])),
        turn_first=_text(turn["first"]),
        turn_extent_deg=_number(turn["extent_deg"]),
        turn_order=_text(turn["order"]),
        nonce=_text(body["nonce"]),
        issued_at=datetime.fromisoformat(_text(body["issued_at"])),
        expires_at=datetime.fromisoformat(_text(body["expires_at"])),
        longest_s=_number(body["longest_s"]),
    )


def attempt(body: Mapping[str, object]) -> AttemptResult:
    """What became of an attempt."""
    match _text(body["outcome"]):
        case "accepted":
            return AttemptAccepted()
        case "retry":
            return AttemptRetry(advice=advice(body), attempts_left=int(_number(body["attempts_left"])))
        case "rejected":
            fallbacks = tuple(_text(name) for name in _list(body["fallbacks"]))
            return AttemptRejected(attempts_left=int(_number(body["attempts_left"])), fallbacks=fallbacks)
        case other:
            raise ValueError(f"an outcome of {other!r}")


def advice(body: Mapping[str, object]) -> tuple[Advice, ...]:
    """Its advice."""
    entries = [_object(entry) for entry in _list(body["advice"])]
    return tuple(Advice(code=_text(entry["code"]), text=_text(entry["text"])) for entry in entries)


def enrolment(body: Mapping[str, object]) -> Enrolment:
    """An enrolment."""
    return Enrolment(
        id=UUID(_text(body["id"])),
        nonce=_text(body["nonce"]),
        complete=_text(body["state"]) == "complete",
        pictures=tuple(_picture(_object(entry)) for entry in _list(body["pictures"])),
        voices=tuple(_voice(_object(entry)) for entry in _list(body["voices"])),
    )


def sample(body: Mapping[str, object]) -> SampleResult:
    """What became of a sample."""
    accepted = body["accepted"]
    if not isinstance(accepted, bool):
        raise TypeError("accepted is no boolean")
    return SampleResult(accepted=accepted, advice=advice(body), enrolment=enrolment(_object(body["enrolment"])))


def device_id(body: Mapping[str, object]) -> UUID:
    """The id that the server gave a device."""
    return UUID(_text(body["id"]))


def _picture(entry: Mapping[str, object]) -> PictureSlot:
    low, high = (_number(bound) for bound in _list(entry["yaw_deg"]))
    return PictureSlot(
        slot=int(_number(entry["slot"])),
        pose=_text(entry["pose"]),
        yaw_deg=(low, high),
        accepted=_text(entry["state"]) == "accepted",
    )


def _voice(entry: Mapping[str, object]) -> VoiceSlot:
    return VoiceSlot(
        slot=int(_number(entry["slot"])), text=_text(entry["text"]), accepted=_text(entry["state"]) == "accepted"
    )


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"{type(value).__name__} is no object")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"{type(value).__name__} is no array")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} is no string")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{type(value).__name__} is no number")
    return value
