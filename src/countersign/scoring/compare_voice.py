"""How alike a probe's voice and a reference's are.

The simplest comparator, `VoiceComparator.simple()`, is the cosine between the two average embeddings. The default one
takes it after the back-end of a cohort (`countersign.scoring.voice_cohort`), and lowers it for voices that are like
several others; `docs/voice.md` has what each step is worth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from countersign.core.arrays import Float32Array
from countersign.core.biometrics import Modality, ModelRef, VoiceProbe, VoiceReference, VoiceSample
from countersign.core.errors import ComparisonError, ErrorCode
from countersign.core.evidence import Score
from countersign.scoring.voice_cohort import BackEnd, VoiceCohort, shipped_cohort

_REFERENCE_SHARE, _PROBE_SHARE = 0.2, 0.4
"""How much of the commonness of reference and probe is taken off a score. The probe's single sample says it less surely
of its speaker, but it is the probe whose accidents a chance likeness hangs on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedVoice:
    """Samples laid out for many comparisons.

    Attributes:
        mean: `float32[d]`, of the unit vectors.
        projected: `float32[d]`, through the back-end; the mean itself, as a unit vector, without one.
        commonness: how much it is like the cohort's nearest speakers; 0 without a cohort.
        known: speakers of the cohort whose recordings are among the samples.
        speech_s: seconds of speech in all samples together.
        model: of all samples.
    """

    mean: Float32Array = field(repr=False)
    projected: Float32Array = field(repr=False)
    commonness: float
    known: frozenset[int]
    speech_s: float
    model: ModelRef


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoiceComparator:
    """Compares voices. Deterministic.

    Attributes:
        name: what its scores carry, with a revision that changes whenever its scores do.
        cohort: other people's voices, or None to do without.
    """

    name: str
    cohort: VoiceCohort | None

    @classmethod
    def simple(cls) -> VoiceComparator:
        """The cosine between the mean probe embedding and the mean reference embedding."""
        return cls(name="voice-mean/1", cohort=None)

    @classmethod
    def default(cls) -> VoiceComparator:
        """The comparator that calibrations are made for."""
        return cls(name="voice-cohort/1", cohort=shipped_cohort())

    def compare(self, probe: VoiceProbe, reference: VoiceReference) -> Score:
        """The score of `probe` against `reference`, in [-1.6, 1].

        Side information: `log_speech_s` and `log_reference_speech_s`, natural logarithms of the seconds of speech.

        Raises:
            ComparisonError: COMPARISON_ACROSS_MODELS, or COMPARISON_NO_REFERENCE when there is no sample on a side.
        """
        return self.compare_prepared(self.prepare(probe.samples), self.prepare(reference.samples))

    def prepare(self, samples: tuple[VoiceSample, ...]) -> PreparedVoice:
        """Lay the samples of a probe or a reference out for `compare_prepared`.

        Raises:
            ComparisonError: COMPARISON_NO_REFERENCE without samples; COMPARISON_ACROSS_MODELS when they are of several
                models, or of another than the cohort's.
        """
        if not samples:
            raise ComparisonError(ErrorCode.COMPARISON_NO_REFERENCE, "There is no voice sample to compare")
        models = {sample.embedding.model for sample in samples}
        if self.cohort is not None:
            models.add(self.cohort.model)
        if len(models) > 1:
            raise _across(*sorted(models, key=str)[:2])
        vectors = np.stack([sample.embedding.vector for sample in samples])
        known = frozenset[int]() if self.cohort is None else self.cohort.speakers_of(vectors)
        mean = vectors.mean(axis=0)
        mean /= np.linalg.norm(mean)
        projected, commonness = self._projected(mean, known)
        return PreparedVoice(
            mean=mean,
            projected=projected,
            commonness=commonness,
            known=known,
            speech_s=sum(sample.quality.speech_s for sample in samples),
            model=samples[0].embedding.model,
        )

    def compare_prepared(self, probe: PreparedVoice, reference: PreparedVoice) -> Score:
        """As `compare`, for callers with many comparisons; both sides prepared by this comparator.

        Raises:
            ComparisonError: COMPARISON_ACROSS_MODELS.
        """
        if probe.model != reference.model:
            raise _across(probe.model, reference.model)
        known = probe.known | reference.known
        p, p_common = self._seen_without(known, probe)
        r, r_common = self._seen_without(known, reference)
        return Score(
            value=float(r @ p) - _REFERENCE_SHARE * r_common - _PROBE_SHARE * p_common,
            modality=Modality.VOICE,
            model=probe.model,
            comparator=self.name,
            side={
                "log_speech_s": math.log(max(probe.speech_s, 0.1)),
                "log_reference_speech_s": math.log(max(reference.speech_s, 0.1)),
            },
        )

    def _seen_without(self, known: frozenset[int], prepared: PreparedVoice) -> tuple[Float32Array, float]:
        if known == prepared.known:
            return prepared.projected, prepared.commonness
        return self._projected(prepared.mean, known)

    def _projected(self, mean: Float32Array, known: frozenset[int]) -> tuple[Float32Array, float]:
        if self.cohort is None:
            return mean, 0.0
        back_end = _fitted(self.cohort, known)
        projected = back_end.project(mean)
        return projected, back_end.commonness(projected)


@lru_cache(maxsize=128)
def _fitted(cohort: VoiceCohort, leaving_out: frozenset[int]) -> BackEnd:
    # Fitted when first needed: 20 ms for a login; an evaluation on people of the cohort needs one for each pair of them.
    return cohort.fit(leaving_out)


def _across(one: ModelRef, other: ModelRef) -> ComparisonError:
    return ComparisonError(
        ErrorCode.COMPARISON_ACROSS_MODELS, f"Voices embedded by {one} and {other} cannot be compared"
    )
