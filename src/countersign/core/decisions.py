"""The closed union a decision is. Never a bool: a caller that forgets a case fails the type check, not the login."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TypeAlias

from countersign.core.acquisition import FailureToAcquire
from countersign.core.evidence import CheckName


@unique
class RejectionReason(StrEnum):
    """For the operator and the audit log. The person in front of the camera is told only that it did not work."""

    FUSED_TOO_LOW = "fused_too_low"
    FACE_TOO_LOW = "face_too_low"
    VOICE_TOO_LOW = "voice_too_low"
    CHECK_TOO_LOW = "check_too_low"
    NOT_ASSESSED = "not_assessed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The evidence satisfies the profile."""

    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """No judgement was possible; the person can do something about it.

    Attributes:
        failures: at least one.
    """

    profile: str
    failures: tuple[FailureToAcquire, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The evidence does not satisfy the profile.

    Attributes:
        reasons: at least one; operator only.
        checks: those that CHECK_TOO_LOW or NOT_ASSESSED speak of, where they speak of a check; operator only.
    """

    profile: str
    reasons: tuple[RejectionReason, ...]
    checks: tuple[CheckName, ...] = ()


Decision: TypeAlias = Accepted | Retry | Rejected
