"""Fusion adds up what each modality says, passes one alone through, and never gives a figure that is not finite."""

from __future__ import annotations

import math

import pytest

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import Modality, ModelRef
from countersign.core.evidence import LLR, Comparison, NotAssessed, Score
from countersign.scoring.fuse import SUM, Fusion

FAILED = FailureToAcquire(modality=Modality.VOICE, reason=AcquisitionReason.NO_SPEECH, detail="0 s")
ABSENT = NotAssessed(reason="no sound was given")


def compared(modality: Modality, llr: float) -> Comparison:
    model = ModelRef(name="any", sha256="00" * 32)
    score = Score(value=0.5, modality=modality, model=model, comparator="any/1")
    return Comparison(score=score, llr=LLR(value=llr, calibration=f"{modality}@0"))


def test_independent_evidence_adds_up() -> None:
    fused = SUM.fuse(compared(Modality.FACE, 3.0), compared(Modality.VOICE, -1.0))
    assert fused == LLR(value=2.0, calibration="sum(face@0,voice@0)")


def test_trained_weights_apply_to_each_modality() -> None:
    fusion = Fusion(name="logistic", bias=0.5, face=0.9, voice=1.1)
    fused = fusion.fuse(compared(Modality.FACE, 2.0), compared(Modality.VOICE, 4.0))
    assert isinstance(fused, LLR)
    assert fused.value == pytest.approx(0.5 + 1.8 + 4.4)


@pytest.mark.parametrize("gone", [FAILED, ABSENT])
def test_one_modality_alone_goes_through_as_it_is(gone: FailureToAcquire | NotAssessed) -> None:
    face, voice = compared(Modality.FACE, 3.0), compared(Modality.VOICE, 2.0)
    assert SUM.fuse(face, gone) == face.llr
    assert SUM.fuse(gone, voice) == voice.llr


def test_nothing_compared_is_not_assessed() -> None:
    assert isinstance(SUM.fuse(FAILED, ABSENT), NotAssessed)


@pytest.mark.parametrize(("face", "voice"), [(math.nan, 1.0), (math.inf, 1.0), (math.inf, -math.inf), (1.0, math.nan)])
def test_a_figure_that_is_not_finite_is_never_passed_on(face: float, voice: float) -> None:
    assert isinstance(SUM.fuse(compared(Modality.FACE, face), compared(Modality.VOICE, voice)), NotAssessed)
    assert isinstance(SUM.fuse(compared(Modality.FACE, math.nan), FAILED), NotAssessed)


@pytest.mark.parametrize("weights", [(0.0, -1.0, 1.0), (0.0, 1.0, 0.0), (math.nan, 1.0, 1.0)])
def test_weights_against_the_evidence_are_refused(weights: tuple[float, float, float]) -> None:
    bias, face, voice = weights
    with pytest.raises(ValueError, match="weights"):
        Fusion(name="wrong", bias=bias, face=face, voice=voice)
