"""Stable codes of the API's problems. Apart from `problems`, so that the reference page is written without a server."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class ProblemCode(StrEnum):
    """Codes that clients may rely on, beside those of `countersign.core.errors`.

    Attributes:
        status: of the answer.
        meaning: one sentence; the title of the answer, and a row of the reference page.
    """

    status: int
    meaning: str

    def __new__(cls, code: str, status: int, meaning: str) -> ProblemCode:  # noqa: D102
        member = str.__new__(cls, code)
        member._value_ = code
        member.status = status
        member.meaning = meaning
        return member

    SESSION_REQUIRED = "session.required", 401, "Log in first."
    SESSION_UNKNOWN = "session.unknown", 401, "The session token is unknown or has ended."
    SESSION_PENDING = "session.pending", 403, "The login is not complete yet."
    REAUTHENTICATION_REQUIRED = "session.reauthentication_required", 403, "Prove again that it is you, then ask again."
    CSRF = "request.csrf", 403, "The token against forged requests is missing or wrong."
    DEVICE_UNKNOWN = "device.unknown", 403, "This device is not registered. Register its key, then try again."
    SIGNATURE_INVALID = (
        "upload.signature_invalid",
        403,
        "The upload is not what the device signed, or it was signed for something else.",
    )
    CHALLENGE_UNKNOWN = "challenge.unknown", 409, "There is no such challenge for this login."
    CHALLENGE_USED = "challenge.used", 409, "The challenge was answered already, or replaced by a newer one."
    CHALLENGE_EXPIRED = "challenge.expired", 409, "The challenge has expired. Ask for another."
    ATTEMPT_HELD_UP = "attempt.held_up", 429, "Too many failed attempts. Wait a while."
    ENROLMENT_MISSING = "enrolment.missing", 409, "No face and voice are enrolled, or they have to be enrolled anew."
    ENROLMENT_UNKNOWN = "enrolment.unknown", 409, "There is no such enrolment, or it is finished or replaced."
    ENROLMENT_EXPIRED = "enrolment.expired", 409, "The enrolment has expired. Begin again."
    ENROLMENT_ELSEWHERE = "enrolment.elsewhere", 409, "The enrolment goes on in another session. Resume it here first."
    ENROLMENT_INCOMPLETE = "enrolment.incomplete", 409, "Samples are still missing."
    CONSENT_MISSING = "consent.missing", 409, "Consent to the processing of face and voice comes first."
    CONSENT_OUTDATED = "consent.outdated", 409, "The text of the consent has changed. Read it again, then consent."
    FALLBACK_UNAVAILABLE = "fallback.unavailable", 409, "There is no other way to complete this login now."
    INVALID = "request.invalid", 422, "The request is malformed; the errors say where."
    NOT_FOUND = "request.not_found", 404, "There is no such thing, or it is not yours."
    METHOD = "request.method_not_allowed", 405, "That cannot be done here."
    BUSY = "request.busy", 503, "Too many people at once. Try again shortly."
    TOO_MANY = "request.too_many", 429, "Too many requests. Try again later."
    TOO_LARGE = "request.too_large", 413, "The request is larger than allowed."
    INTERNAL = (
        "server.internal",
        500,
        "Something failed here that nobody foresaw. It is in the log, by the request's number.",
    )
    TOO_SLOW = "request.too_slow", 408, "The request took too long to arrive."
