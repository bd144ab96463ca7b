"""Features and what they are compared as: probes and references (ISO/IEC 2382-37, 37.03)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import TypeAlias

import numpy as np

from countersign.core.arrays import Float32Array, read_only
from countersign.core.quality import FaceQuality, HeadPose, SpeechQuality


@unique
class Modality(StrEnum):
    """A kind of biometric characteristic."""

    FACE = "face"
    VOICE = "voice"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRef:
    """Names one exact set of weights. Nothing is ever compared across two of them.

    Attributes:
        name: catalogue name, for example "dlib-resnet".
        sha256: of the file that the runtime loads, lower-case hexadecimal.
    """

    name: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.name}@{self.sha256[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """A unit vector made by one model. Made here from media, never accepted from a client.

    Attributes:
        vector: `float32[d]`, Euclidean norm 1 within 1e-3, read-only.
    """

    vector: Float32Array = field(repr=False)
    modality: Modality
    model: ModelRef

    def __post_init__(self) -> None:
        norm = float(np.linalg.norm(self.vector))
        if self.vector.ndim != 1 or not abs(norm - 1.0) < 1e-3:
            raise ValueError(f"an embedding is one unit vector, got shape {self.vector.shape} and norm {norm}")
        read_only(self.vector)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceSample:
    """One face in one picture, embedded."""

    embedding: Embedding
    pose: HeadPose
    quality: FaceQuality


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSample:
    """The speech of one recording, embedded."""

    embedding: Embedding
    quality: SpeechQuality


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceProbe:
    """What a presentation gives of the face: at least one sample, all of one model."""

    samples: tuple[FaceSample, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceProbe:
    """What a presentation gives of the voice: at least one sample, all of one model."""

    samples: tuple[VoiceSample, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceReference:
    """What is stored of a person's face: the enrolment samples, kept apart so that poses can be matched."""

    samples: tuple[FaceSample, ...]

    @property
    def model(self) -> ModelRef:
        """The model that made all samples."""
        return self.samples[0].embedding.model


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceReference:
    """What is stored of a person's voice: one sample a sentence."""

    samples: tuple[VoiceSample, ...]

    @property
    def model(self) -> ModelRef:
        """The model that made all samples."""
        return self.samples[0].embedding.model


Probe: TypeAlias = FaceProbe | VoiceProbe
Reference: TypeAlias = FaceReference | VoiceReference


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A person's references. Who the person is stands elsewhere (ISO/IEC 24745 keeps the two apart)."""

    face: FaceReference | None
    voice: VoiceReference | None

    def needs_reenrolment(self, *, face_model: ModelRef, voice_model: ModelRef) -> bool:
        """Whether a reference was made by another model than the one in use, so that it can no longer be compared."""
        return (self.face is not None and self.face.model != face_model) or (
            self.voice is not None and self.voice.model != voice_model
        )
