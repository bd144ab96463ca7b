"""How alike a probe's face and a reference's are.

The simplest comparator, `FaceComparator.simple()`, is the cosine between two average embeddings. The default one compares
the probe with an average made for it: a reference sample counts more the more it is like the probe, and less the further
the head is turned beyond the probe's own pose. `docs/decisions/0003-face-detection-and-comparison.md` has what each is
worth, and why samples of the same pose are not simply preferred.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import numpy as np

from countersign.core.arrays import Float32Array
from countersign.core.biometrics import FaceProbe, FaceReference, FaceSample, Modality, ModelRef
from countersign.core.errors import ComparisonError, ErrorCode
from countersign.core.evidence import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedFace:
    """Samples laid out for many comparisons.

    Attributes:
        vectors: `float32[n, d]`, unit rows.
        turns_deg: `float32[n]`, absolute yaw.
        log_inter_eye_px: natural logarithm of the mean distance between the eyes.
        model: of all samples.
    """

    vectors: Float32Array
    turns_deg: Float32Array
    log_inter_eye_px: float
    model: ModelRef


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceComparator:
    """Compares faces. Deterministic; keeps nothing.

    Attributes:
        name: what its scores carry, with a revision that changes whenever its scores do.
        spread_deg: a reference sample turned this much further than the probe counts exp(-1) of one that is not.
        temperature: a reference sample whose cosine to the probe is lower by this much counts exp(-1).
    """

    name: str
    spread_deg: float
    temperature: float

    @classmethod
    def simple(cls) -> FaceComparator:
        """The cosine between the mean probe embedding and the mean reference embedding."""
        return cls(name="face-mean/1", spread_deg=math.inf, temperature=math.inf)

    @classmethod
    def default(cls) -> FaceComparator:
        """The comparator that calibrations are made for."""
        return cls(name="face-poses/1", spread_deg=40.0, temperature=0.3)

    def compare(self, probe: FaceProbe, reference: FaceReference) -> Score:
        """The score of `probe` against `reference`, in [-1, 1].

        Side information: `yaw_gap_deg`, how far the probe is turned beyond the nearest reference sample, at least 0;
        `log_inter_eye_px`, size of the smaller side.

        Raises:
            ComparisonError: COMPARISON_ACROSS_MODELS, or COMPARISON_NO_REFERENCE when there is no sample on a side.
        """
        return self.compare_prepared(prepare(probe.samples), prepare(reference.samples))

    def compare_prepared(self, probe: PreparedFace, reference: PreparedFace) -> Score:
        """As `compare`, for callers with many comparisons.

        Raises:
            ComparisonError: COMPARISON_ACROSS_MODELS.
        """
        if probe.model != reference.model:
            raise _across(probe.model, reference.model)
        vector, turn = self._presented(probe)
        cosines = reference.vectors @ vector
        beyond = np.maximum(reference.turns_deg - turn, 0.0) / self.spread_deg
        weights = np.exp((cosines - cosines.max()) / self.temperature - beyond**2)
        made_for_probe = weights @ reference.vectors
        return Score(
            value=float(made_for_probe @ vector) / _norm(made_for_probe),
            modality=Modality.FACE,
            model=probe.model,
            comparator=self.name,
            side={
                "yaw_gap_deg": float(np.maximum(turn - reference.turns_deg, 0.0).min()),
                "log_inter_eye_px": min(probe.log_inter_eye_px, reference.log_inter_eye_px),
            },
        )

    def _presented(self, probe: PreparedFace) -> tuple[Float32Array, float]:
        """One unit vector and one absolute yaw for all samples of a probe, those turned the least counting most."""
        if len(probe.vectors) == 1:
            return probe.vectors[0], float(probe.turns_deg[0])
        beyond = (probe.turns_deg - probe.turns_deg.min()) / self.spread_deg
        weights = np.exp(-(beyond**2))
        total = cast("Float32Array", weights @ probe.vectors)
        return total / _norm(total), float(weights @ probe.turns_deg / weights.sum())


def prepare(samples: tuple[FaceSample, ...]) -> PreparedFace:
    """Lay the samples of a probe or a reference out for comparison.

    Raises:
        ComparisonError: COMPARISON_NO_REFERENCE without samples, COMPARISON_ACROSS_MODELS when they are of several models.
    """
    if not samples:
        raise ComparisonError(ErrorCode.COMPARISON_NO_REFERENCE, "There is no face sample to compare")
    models = {sample.embedding.model for sample in samples}
    if len(models) > 1:
        raise _across(*sorted(models, key=str)[:2])
    sizes = [sample.quality.inter_eye_px for sample in samples]
    return PreparedFace(
        vectors=np.stack([sample.embedding.vector for sample in samples]),
        turns_deg=np.array([abs(sample.pose.yaw) for sample in samples], dtype=np.float32),
        log_inter_eye_px=math.log(max(sum(sizes) / len(sizes), 1.0)),
        model=samples[0].embedding.model,
    )


def _norm(vector: Float32Array) -> float:
    return max(math.sqrt(float(vector @ vector)), float(np.finfo(np.float32).tiny))


def _across(one: ModelRef, other: ModelRef) -> ComparisonError:
    return ComparisonError(
        ErrorCode.COMPARISON_ACROSS_MODELS, f"Faces embedded by {one} and {other} cannot be compared"
    )
