"""Enrolments to bytes and back, exactly. No pickle, one layout, one encoding for each enrolment.

All numbers are little-endian. Version 1::

    "CSEN"  version: u8 = 1  face: section  voice: section
    section  = count: u8, and if it is not 0: model  dimension: u16  sample * count
    model    = name length: u8  name: UTF-8  SHA-256: 32 bytes
    sample   = figures  vector: f32 * dimension
    figures of a face:  yaw pitch roll inter_eye_px sharpness brightness contrast detector_score: f64 each
    figures of a voice: speech_s level_dbfs clipped bandwidth_hz: f64 each  has_snr: u8 (0 or 1)  snr_db: f64 (or 0)
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence

import numpy as np

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
from countersign.core.errors import ErrorCode, VaultError
from countersign.core.quality import FaceQuality, HeadPose, SpeechQuality

VERSION = 1
MAX_SAMPLES = 64
"""Of one modality. An enrolment makes eight pictures and five recordings; adding samples later must stay possible."""
MAX_DIMENSION = 2048

_MAGIC = b"CSEN"
_COUNT = struct.Struct("<B")
_DIMENSION = struct.Struct("<H")
_FACE = struct.Struct("<8d")
_VOICE = struct.Struct("<4dBd")
_SHA256 = re.compile(r"[0-9a-f]{64}")

MAX_BYTES = (
    len(_MAGIC)
    + 1
    + 2 * (1 + 1 + 255 + 32 + _DIMENSION.size)
    + MAX_SAMPLES * (_FACE.size + _VOICE.size + 2 * 4 * MAX_DIMENSION)
)
"""No encoded enrolment is longer."""


def encode(enrolment: Enrolment) -> bytes:
    """Bytes that `decode` turns back into an equal enrolment.

    Raises:
        VaultError: VAULT_MALFORMED for samples of several models, a figure that is not finite, or a reference without
            samples; VAULT_TOO_LARGE for more than `MAX_SAMPLES` of one modality or `MAX_DIMENSION` numbers in a vector.
    """
    parts = [_MAGIC, _COUNT.pack(VERSION)]
    if enrolment.face is not None:
        _write(parts, Modality.FACE, [(sample.embedding, _face_figures(sample)) for sample in enrolment.face.samples])
    else:
        parts.append(_COUNT.pack(0))
    if enrolment.voice is not None:
        _write(
            parts, Modality.VOICE, [(sample.embedding, _voice_figures(sample)) for sample in enrolment.voice.samples]
        )
    else:
        parts.append(_COUNT.pack(0))
    return b"".join(parts)


def decode(data: bytes) -> Enrolment:
    """The enrolment that `encode` was given.

    Raises:
        VaultError: VAULT_UNKNOWN_FORMAT, VAULT_TOO_LARGE, or VAULT_MALFORMED for anything else that `encode` would not
            have written.
    """
    if len(data) > MAX_BYTES:
        raise VaultError(ErrorCode.VAULT_TOO_LARGE, f"encoded references may have {MAX_BYTES} bytes at most")
    if data[: len(_MAGIC)] != _MAGIC or len(data) <= len(_MAGIC):
        raise VaultError(ErrorCode.VAULT_MALFORMED, "these bytes are not encoded references")
    if data[len(_MAGIC)] != VERSION:
        raise VaultError(ErrorCode.VAULT_UNKNOWN_FORMAT, "these references are encoded in an unknown version")
    reader = _Reader(data, len(_MAGIC) + 1)
    face = tuple(_face_sample(embedding, figures) for embedding, figures in reader.section(Modality.FACE, _FACE))
    voice = tuple(_voice_sample(embedding, figures) for embedding, figures in reader.section(Modality.VOICE, _VOICE))
    if not reader.at_end:
        raise _malformed("something stands behind the last sample")
    return Enrolment(
        face=FaceReference(samples=face) if face else None,
        voice=VoiceReference(samples=voice) if voice else None,
    )


def _write(parts: list[bytes], modality: Modality, samples: Sequence[tuple[Embedding, bytes]]) -> None:
    if not samples:
        raise _malformed("a reference needs at least one sample")
    first = samples[0][0]
    name = first.model.name.encode()
    if len(samples) > MAX_SAMPLES or first.vector.size > MAX_DIMENSION:
        raise VaultError(
            ErrorCode.VAULT_TOO_LARGE,
            f"a reference may hold {MAX_SAMPLES} samples of {MAX_DIMENSION} numbers at most",
        )
    if not 0 < len(name) <= 255 or not _SHA256.fullmatch(first.model.sha256):
        raise _malformed("the model has no proper name and hash")
    parts += [_COUNT.pack(len(samples)), _COUNT.pack(len(name)), name, bytes.fromhex(first.model.sha256)]
    parts.append(_DIMENSION.pack(first.vector.size))
    for embedding, figures in samples:
        if embedding.model != first.model or embedding.modality is not modality:
            raise _malformed("the samples of a reference are of one model and one modality")
        if embedding.vector.shape != first.vector.shape or embedding.vector.dtype != np.float32:
            raise _malformed("the vectors of a reference are float32 and have one length")
        parts += [figures, embedding.vector.astype("<f4").tobytes()]


def _face_figures(sample: FaceSample) -> bytes:
    pose, quality = sample.pose, sample.quality
    figures = (
        *(pose.yaw, pose.pitch, pose.roll),
        *(quality.inter_eye_px, quality.sharpness, quality.brightness, quality.contrast, quality.detector_score),
    )
    _require_finite(figures)
    return _FACE.pack(*figures)


def _voice_figures(sample: VoiceSample) -> bytes:
    quality = sample.quality
    snr_db = 0.0 if quality.snr_db is None else quality.snr_db
    figures = (quality.speech_s, quality.level_dbfs, quality.clipped, quality.bandwidth_hz)
    _require_finite((*figures, snr_db))
    return _VOICE.pack(*figures, quality.snr_db is not None, snr_db)


def _face_sample(embedding: Embedding, figures: bytes) -> FaceSample:
    values = _FACE.unpack(figures)
    _require_finite(values)
    yaw, pitch, roll, inter_eye_px, sharpness, brightness, contrast, detector_score = values
    return FaceSample(
        embedding=embedding,
        pose=HeadPose(yaw=yaw, pitch=pitch, roll=roll),
        quality=FaceQuality(
            inter_eye_px=inter_eye_px,
            sharpness=sharpness,
            brightness=brightness,
            contrast=contrast,
            detector_score=detector_score,
        ),
    )


def _voice_sample(embedding: Embedding, figures: bytes) -> VoiceSample:
    speech_s, level_dbfs, clipped, bandwidth_hz, has_snr, snr_db = _VOICE.unpack(figures)
    _require_finite((speech_s, level_dbfs, clipped, bandwidth_hz, snr_db))
    if has_snr > 1 or (not has_snr and figures[-8:] != bytes(8)):
        raise _malformed("a figure that is absent has a value")
    return VoiceSample(
        embedding=embedding,
        quality=SpeechQuality(
            speech_s=speech_s,
            snr_db=snr_db if has_snr else None,
            level_dbfs=level_dbfs,
            clipped=clipped,
            bandwidth_hz=bandwidth_hz,
        ),
    )


class _Reader:
    """Reads from front to back and never past the end."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data = data
        self._at = start

    @property
    def at_end(self) -> bool:
        return self._at == len(self._data)

    def section(self, modality: Modality, figures: struct.Struct) -> list[tuple[Embedding, bytes]]:
        count = self._integer(_COUNT)
        if count == 0:
            return []
        model = self._model()
        dimension = self._integer(_DIMENSION)
        if count > MAX_SAMPLES or dimension > MAX_DIMENSION:
            raise VaultError(ErrorCode.VAULT_TOO_LARGE, "a reference holds more samples, or larger ones, than allowed")
        samples = []
        for _ in range(count):
            values = self._take(figures.size)
            vector = np.frombuffer(self._take(4 * dimension), "<f4").astype(np.float32)
            if not (np.abs(vector) < 2).all():  # or not a number; the norm of larger ones could overflow
                raise _malformed("a vector is not a unit vector")
            try:
                samples.append((Embedding(vector=vector, modality=modality, model=model), values))
            except ValueError:
                raise _malformed("a vector is not a unit vector") from None
        return samples

    def _model(self) -> ModelRef:
        name = self._take(self._integer(_COUNT))
        if not name:
            raise _malformed("the model has no name")
        try:
            return ModelRef(name=name.decode(), sha256=self._take(32).hex())
        except UnicodeDecodeError:
            raise _malformed("the name of the model is not UTF-8") from None

    def _integer(self, layout: struct.Struct) -> int:
        value: int = layout.unpack(self._take(layout.size))[0]
        return value

    def _take(self, count: int) -> bytes:
        if self._at + count > len(self._data):
            raise _malformed("the bytes end early")
        taken = self._data[self._at : self._at + count]
        self._at += count
        return taken


def _require_finite(figures: Sequence[float]) -> None:
    if not all(map(math.isfinite, figures)):
        raise _malformed("a figure is not a finite number")


def _malformed(what: str) -> VaultError:
    return VaultError(ErrorCode.VAULT_MALFORMED, f"the references are malformed: {what}")
