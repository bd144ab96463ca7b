"""Fusion: what face and voice say together.

Log-likelihood ratios of independent evidence add up, so the plain sum is right exactly as far as each modality's
calibration is. Quality enters there, as side information of each calibration: a poor sample's LLR is already nearer to
nought when it gets here. `Fusion` can also carry trained weights (logistic fusion, Brümmer et al., 2007); the measured
comparison of the two stands in `docs/decisions/0005-calibration-and-fusion.md`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from countersign.core.evidence import LLR, Comparison, ModalityResult, NotAssessed


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """LLR = bias + face * LLR of the face + voice * LLR of the voice, all in nats.

    Attributes:
        name: stands in the calibration id of what it fuses.
    """

    name: str
    bias: float
    face: float
    voice: float

    def __post_init__(self) -> None:
        weights = (self.bias, self.face, self.voice)
        if not all(map(math.isfinite, weights)) or self.face <= 0 or self.voice <= 0:
            raise ValueError("weights of a fusion are finite, and those of the modalities positive")

    def fuse(self, face: ModalityResult, voice: ModalityResult) -> LLR | NotAssessed:
        """Both together; one alone goes through as it is; never a figure that is not finite."""
        match face, voice:
            case Comparison(), Comparison():
                value = self.bias + self.face * face.llr.value + self.voice * voice.llr.value
                fused = LLR(value=value, calibration=f"{self.name}({face.llr.calibration},{voice.llr.calibration})")
            case Comparison(), _:
                fused = face.llr
            case _, Comparison():
                fused = voice.llr
            case _:
                return NotAssessed(reason="neither face nor voice was compared")
        if not math.isfinite(fused.value):
            return NotAssessed(reason="a log-likelihood ratio is not finite")
        return fused


SUM = Fusion(name="sum", bias=0.0, face=1.0, voice=1.0)
"""Independent evidence adds up."""
