"""What the API speaks of, as types. Scores are not among them: the server keeps those from the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What to do in front of the camera.

    Attributes:
        purpose: "login" or "reauthentication".
        words: to be read in this order, facing the camera.
        turn_first: side that the head is turned to first, "left" or "right", the person's own; then to the other.
        turn_extent_deg: how far at least.
        turn_order: "before_words" or "after_words".
        nonce: goes into the signature of the answer.
        longest_s: seconds that the recording may last.
    """

    id: UUID
    purpose: str
    mode: str
    language: str
    words: tuple[str, ...]
    turn_first: str
    turn_extent_deg: float
    turn_order: str
    nonce: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    longest_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do better next time.

    Attributes:
        code: stable.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptAccepted:
    """Logged in; the client goes on with the new session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRetry:
    """Nothing could be judged. Take a new challenge and try again."""

    advice: tuple[Advice, ...]
    attempts_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRejected:
    """It did not work.

    Attributes:
        fallbacks: other ways that the person has and the profile allows: "totp", "recovery_codes", "webauthn".
    """

    attempts_left: int
    fallbacks: tuple[str, ...]


AttemptResult: TypeAlias = AttemptAccepted | AttemptRetry | AttemptRejected


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedUp:
    """An account was made.

    Attributes:
        verification_pending: an e-mail with a code or link has to be answered before the first login.
    """

    verification_pending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSlot:
    """One picture that enrolment asks for.

    Attributes:
        yaw_deg: from and to, positive towards the person's own left.
        accepted: whether there is one already.
    """

    slot: int
    pose: str
    yaw_deg: tuple[float, float]
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSlot:
    """One voice sample that enrolment asks for.

    Attributes:
        text: to be read aloud.
        accepted: whether there is one already.
    """

    slot: int
    text: str
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """An enrolment under way, or complete."""

    id: UUID
    nonce: str = field(repr=False)
    complete: bool
    pictures: tuple[PictureSlot, ...]
    voices: tuple[VoiceSlot, ...]

    @property
    def wanted_pictures(self) -> tuple[PictureSlot, ...]:
        """Those that are not there yet."""
        return tuple(slot for slot in self.pictures if not slot.accepted)

    @property
    def wanted_voices(self) -> tuple[VoiceSlot, ...]:
        """Those that are not there yet."""
        return tuple(slot for slot in self.voices if not slot.accepted)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleResult:
    """What became of one picture or voice sample.

    Attributes:
        enrolment: as it stands now.
    """

    accepted: bool
    advice: tuple[Advice, ...]
    enrolment: Enrolment


Json: TypeAlias = Mapping[str, object]
