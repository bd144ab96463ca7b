"""What the API says about references: never the references themselves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ninja import Schema


class QualityOut(Schema):
    """Figures of a sample; those of the other modality are left out."""

    inter_eye_px: float | None = None
    sharpness: float | None = None
    brightness: float | None = None
    contrast: float | None = None
    speech_s: float | None = None
    snr_db: float | None = None
    level_dbfs: float | None = None


class SampleOut(Schema):
    """One sample. `yaw_deg` is positive to the person's own left, and null for a voice."""

    yaw_deg: float | None
    quality: QualityOut


class ReferenceOut(Schema):
    """What is kept of one modality."""

    id: UUID
    modality: str
    created_at: datetime
    model: str
    samples: list[SampleOut]


class VoiceFiguresOut(Schema):
    """How one sample was spoken. `contour_hz` is the pitch every `contour_step_s`, 0 where the voice does not sound."""

    median_hz: float | None
    low_hz: float | None
    high_hz: float | None
    contour_hz: list[float]
    contour_step_s: float
    tilt_db_per_octave: float
    centroid_hz: float
    syllables_per_s: float
    pauses: int
    mean_pause_s: float


class VoiceProfileOut(Schema):
    """Pitch, tone and cadence of every voice sample."""

    samples: list[VoiceFiguresOut]
