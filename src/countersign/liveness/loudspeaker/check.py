"""Does the speech come from a person's mouth rather than from a loudspeaker?

Whoever films the answer to a challenge and plays it from a screen has to play the sound as well. What that does to speech is
measured (`acoustics`), added up (`weights`) and calibrated. A good loudspeaker near the microphone does next to nothing to it,
and passes. Figures and counts: ``docs/liveness.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import Modality
from countersign.core.evidence import Assessment, CheckResult, NotAssessed
from countersign.core.samples import AudioClip
from countersign.liveness.loudspeaker.acoustics import FEWEST_VOICED, NAMES, NARROW_DB, measure, treble_db
from countersign.liveness.loudspeaker.weights import Weights
from countersign.scoring.calibrate import Calibrations
from countersign.voice.segments import SpeechActivity


@dataclass(frozen=True, slots=True, kw_only=True)
class LoudspeakerCheck:
    """Judges what the voice came from. May be used from several threads at once.

    Attributes:
        weights: of the measures.
        calibrations: of their sum.
    """

    weights: Weights
    calibrations: Calibrations = field(repr=False)

    @classmethod
    def load(cls, calibrations: Calibrations) -> Self:
        """With the weights that come with Countersign.

        Raises:
            ConfigurationError: the weights are malformed.
        """
        return cls(weights=Weights.shipped(), calibrations=calibrations)

    def check(self, audio: AudioClip | None, activity: SpeechActivity | NotAssessed) -> CheckResult:
        """Judge a recording's speech.

        Returns:
            TOO_LITTLE_SPEECH without enough of a voice; TOO_NARROW where the sound came through a telephone band, which
            takes away the same low end and could hide a loudspeaker.

        Raises:
            ConfigurationError: CALIBRATION_MISSING for these weights.
        """
        if audio is None or not len(audio.samples):
            return NotAssessed(reason="the recording has no sound")
        if isinstance(activity, NotAssessed):
            return activity
        return self._judge(audio, activity.mask())

    def _judge(self, audio: AudioClip, speech: NDArray[np.bool_]) -> CheckResult:
        if not speech.any():
            return _failure(AcquisitionReason.NO_SPEECH, "no speech found")
        treble = treble_db(audio.samples, speech)
        if treble < NARROW_DB:
            return _failure(AcquisitionReason.TOO_NARROW, f"{treble:.0f} dB above 4.5 kHz, needs {NARROW_DB:.0f} dB")
        measured = measure(audio.samples, speech)
        if measured is None:
            return _failure(AcquisitionReason.TOO_LITTLE_SPEECH, f"fewer than {FEWEST_VOICED} frames of a voice")
        if not np.isfinite(measured).all():
            return NotAssessed(reason="a measure of the speech is not finite")
        score = self.weights.score(measured)
        measures = {**dict(zip(NAMES, measured.tolist(), strict=True)), "treble_db": treble}
        return Assessment(llr=self.calibrations.llr(score), score=score.value, measures=measures)


def _failure(reason: AcquisitionReason, detail: str) -> FailureToAcquire:
    return FailureToAcquire(modality=Modality.VOICE, reason=reason, detail=detail)
