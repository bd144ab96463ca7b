"""Does the speech bear traces of a synthesiser?

AASIST (Jung et al., 2022; trained on ASVspoof 2019 LA) judges four seconds of the raw sound, pauses included: on speech with
the pauses cut out it is hardly better than chance. It was trained on one recording condition and older synthesisers, so its
score only means something once calibrated, and a policy lets it move a decision, never make it. Its light version takes a
fifth less time and lets many more clones pass.
Figures and counts: ``docs/liveness.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from countersign.core.arrays import Float32Array
from countersign.core.biometrics import Modality, ModelRef
from countersign.core.evidence import Assessment, NotAssessed, Score
from countersign.core.samples import SAMPLE_RATE_HZ, AudioClip
from countersign.models.runtime import Model, Runtime
from countersign.scoring.calibrate import Calibrations
from countersign.voice.segments import SpeechActivity

MODEL = "aasist"
COMPARATOR = "synthetic-speech/1"
WINDOW = 64_600
"""Samples that the model takes, 4.04 s."""
LEAST_SOUND_S = 2.5
"""A shorter sound is not judged: repeated to fill the window, it looks synthetic."""
LEAST_SPEECH_S = 1.0
"""Less speech than this says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticSpeech:
    """The detector. May be used from several threads at once.

    Attributes:
        model: `MODEL`.
        calibrations: of its score.
    """

    model: Model
    calibrations: Calibrations = field(repr=False)

    @classmethod
    def load(cls, runtime: Runtime, calibrations: Calibrations) -> Self | NotAssessed:
        """The check, or why there is none: a model of pack `plus` that is not installed stops nothing.

        Raises:
            ModelError: the model is altered.
        """
        if not runtime.has(MODEL):
            return NotAssessed(reason=f"not installed: {MODEL}")
        return cls(model=runtime.model(MODEL), calibrations=calibrations)

    def warm_up(self) -> None:
        """Run the model once."""
        self.model.warm_up()

    def check(self, audio: AudioClip | None, activity: SpeechActivity | NotAssessed) -> Assessment | NotAssessed:
        """Judge the four seconds with most speech in them.

        Raises:
            ConfigurationError: CALIBRATION_MISSING for this model.
        """
        if audio is None:
            return NotAssessed(reason="the recording has no sound")
        if isinstance(activity, NotAssessed):
            return activity
        if audio.duration_s < LEAST_SOUND_S:
            return NotAssessed(reason=f"the sound is shorter than {LEAST_SOUND_S:.1f} s")
        start = busiest(activity)
        window = audio.samples[start : start + WINDOW]
        speech_s = float(activity.mask()[start : start + WINDOW].sum()) / SAMPLE_RATE_HZ
        if speech_s < LEAST_SPEECH_S:
            return NotAssessed(reason=f"there is less than {LEAST_SPEECH_S:.0f} s of speech")
        score = synthetic_score(self.score(window), self.model.ref)
        measures = {"speech_s": speech_s, "window_start_s": audio.start_s + start / SAMPLE_RATE_HZ}
        return Assessment(llr=self.calibrations.llr(score), score=score.value, measures=measures)

    def score(self, samples: Float32Array) -> float:
        """Natural log-odds of bona fide over synthetic speech, as the model has them.

        Args:
            samples: `float32[n]` at 16 kHz, at least one; repeated up to `WINDOW`, as in training.
        """
        filled = np.resize(samples, WINDOW) if len(samples) < WINDOW else samples[:WINDOW]
        _, logits = self.model(filled.astype(np.float32, copy=False)[np.newaxis])
        return float(logits[0, 1] - logits[0, 0])


def synthetic_score(log_odds: float, ref: ModelRef) -> Score:
    """The score that calibrations are fitted on."""
    return Score(value=log_odds, modality=Modality.VOICE, model=ref, comparator=COMPARATOR)


def busiest(activity: SpeechActivity) -> int:
    """The first sample of the window with most speech in it; of equal ones the first."""
    speech = np.concatenate([[0], np.cumsum(activity.mask())])
    if len(speech) <= WINDOW + 1:
        return 0
    return int(np.argmax(speech[WINDOW:] - speech[:-WINDOW]))
