"""Enrolments for the vault's tests: random unit vectors with plausible figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import settings

from countersign.core.arrays import Float32Array
from countersign.core.biometrics import (
    Embedding,
    Enrolment,
    FaceReference,
    FaceSample,
    Modality,
    ModelRef,
    VoiceReference,
    VoiceSample,
)
from countersign.core.quality import FaceQuality, HeadPose, SpeechQuality

STEADY = settings(deadline=None, derandomize=True)
"""For property tests: no time limit for a busy machine, the same examples everywhere."""

FACE_MODEL = ModelRef(name="dlib-resnet", sha256="a1" * 32)
VOICE_MODEL = ModelRef(name="ge2e", sha256="b2" * 32)


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, by: timedelta) -> None:
        self.time += by


def unit_vectors(count: int, dimension: int, *, seed: int) -> Float32Array:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def face_sample(vector: Float32Array, *, yaw: float = 0.0) -> FaceSample:
    return FaceSample(
        embedding=Embedding(vector=vector, modality=Modality.FACE, model=FACE_MODEL),
        pose=HeadPose(yaw=yaw, pitch=-3.5, roll=1.25),
        quality=FaceQuality(inter_eye_px=61.5, sharpness=210.0, brightness=0.45, contrast=0.2, detector_score=0.99),
    )


def voice_sample(vector: Float32Array, *, snr_db: float | None = 21.5) -> VoiceSample:
    return VoiceSample(
        embedding=Embedding(vector=vector, modality=Modality.VOICE, model=VOICE_MODEL),
        quality=SpeechQuality(speech_s=3.9, snr_db=snr_db, level_dbfs=-24.0, clipped=0.0, bandwidth_hz=7600.0),
    )


def enrolment(*, seed: int = 0, faces: int = 8, voices: int = 5) -> Enrolment:
    face = [face_sample(row, yaw=10.0 * i) for i, row in enumerate(unit_vectors(faces, 128, seed=2 * seed))]
    voice = [voice_sample(row) for row in unit_vectors(voices, 256, seed=2 * seed + 1)]
    return Enrolment(
        face=FaceReference(samples=tuple(face)) if face else None,
        voice=VoiceReference(samples=tuple(voice)) if voice else None,
    )


def vectors_of(enrolled: Enrolment) -> list[Float32Array]:
    face = [] if enrolled.face is None else [sample.embedding.vector for sample in enrolled.face.samples]
    voice = [] if enrolled.voice is None else [sample.embedding.vector for sample in enrolled.voice.samples]
    return face + voice


def same(first: Enrolment, second: Enrolment, *, within: float = 1e-6) -> bool:
    """Whether the vectors agree within rounding and all else exactly."""
    ours, theirs = vectors_of(first), vectors_of(second)
    close = len(ours) == len(theirs) and all(
        np.abs(one - other).max() <= within for one, other in zip(ours, theirs, strict=True)
    )
    return close and figures_of(first) == figures_of(second)


def figures_of(enrolled: Enrolment) -> list[object]:
    face = () if enrolled.face is None else enrolled.face.samples
    voice = () if enrolled.voice is None else enrolled.voice.samples
    return [(s.embedding.model, s.embedding.modality, s.pose, s.quality) for s in face] + [
        (s.embedding.model, s.embedding.modality, s.quality) for s in voice
    ]
