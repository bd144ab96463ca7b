"""Failure to acquire (ISO/IEC 19795-1, 4.6.2): no usable sample could be had from a presentation. A value, counted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from countersign.core.biometrics import Modality


@unique
class AcquisitionReason(StrEnum):
    """Why there is no sample. Each has one sentence that tells the person what to change."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    FACE_TOO_SMALL = "face_too_small"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BLURRED = "blurred"
    NO_PICTURE = "no_picture"
    NO_SOUND = "no_sound"
    NO_SPEECH = "no_speech"
    TOO_LITTLE_SPEECH = "too_little_speech"
    TOO_QUIET = "too_quiet"
    TOO_NOISY = "too_noisy"
    CLIPPED = "clipped"


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
