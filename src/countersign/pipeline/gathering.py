"""Several recordings of one presentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import FaceSample, Modality, VoiceSample
from countersign.core.evidence import Features, NotAssessed

_Sample = TypeVar("_Sample", FaceSample, VoiceSample)


def gathered(features: Sequence[Features]) -> Features:
    """Features of all: every sample, and the time that all took.

    A modality has failed only if no recording gave a sample of it; then the first failure stands for all.
    """
    timings: dict[str, float] = {}
    for part in features:
        for stage, milliseconds in part.timings_ms.items():
            timings[stage] = timings.get(stage, 0.0) + milliseconds
    return Features(
        face=_samples([part.face for part in features], Modality.FACE),
        voice=_samples([part.voice for part in features], Modality.VOICE),
        timings_ms=timings,
    )


def _samples(
    parts: Sequence[tuple[_Sample, ...] | FailureToAcquire | NotAssessed], modality: Modality
) -> tuple[_Sample, ...] | FailureToAcquire | NotAssessed:
    samples = tuple(sample for part in parts if isinstance(part, tuple) for sample in part)
    if samples:
        return samples
    failures = [part for part in parts if isinstance(part, FailureToAcquire)]
    if failures:
        return failures[0]
    nothing = AcquisitionReason.NO_PICTURE if modality is Modality.FACE else AcquisitionReason.NO_SOUND
    return NotAssessed(reason=nothing.value)
