"""Failure to acquire (ISO/IEC 19795-1, 4.6.2): no usable sample could be had from a presentation. A value, counted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from countersign.core.biometrics import Modality


@unique
class AcquisitionReason(StrEnum):
    """Why there is no sample.

    Attributes:
        advice: one sentence that tells the person what to change.
    """

    advice: str

    def __new__(cls, code: str, advice: str) -> AcquisitionReason:  # noqa: D102
        member = str.__new__(cls, code)
        member._value_ = code
        member.advice = advice
        return member

    NO_FACE = "no_face", "Hold the camera so that your whole face is in the picture."
    SEVERAL_FACES = "several_faces", "Make sure that nobody else is in the picture."
    FACE_TOO_SMALL = "face_too_small", "Come closer."
    TOO_DARK = "too_dark", "Find more light."
    TOO_BRIGHT = "too_bright", "Turn away from the bright light."
    BLURRED = "blurred", "Hold the camera still, and wipe its lens."
    NO_PICTURE = "no_picture", "Allow the camera, and try again."
    NO_SOUND = "no_sound", "Allow the microphone, and try again."
    NO_SPEECH = "no_speech", "We heard no words. Read the words aloud."
    TOO_LITTLE_SPEECH = "too_little_speech", "Read all the words aloud."
    TOO_QUIET = "too_quiet", "Speak louder, or come closer to the microphone."
    TOO_NOISY = "too_noisy", "Find a quieter place."
    TOO_NARROW = "too_narrow", "Use the device's own microphone rather than a headset."
    CLIPPED = "clipped", "Speak more softly, or move away from the microphone."
    TURN_TOO_SMALL = "turn_too_small", "Turn your head further to both sides."
    TURN_TOO_FAST = "turn_too_fast", "Turn your head more slowly."


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureToAcquire:
    """No usable sample of one modality.

    Attributes:
        modality: which.
        reason: stable, also what the person is told (in words from the catalogue).
        detail: for the operator, with figures; no personal data.
    """

    modality: Modality
    reason: AcquisitionReason
    detail: str
