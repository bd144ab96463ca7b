"""From the sound of a recording to one voice sample, or to why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from countersign.core.acquisition import FailureToAcquire
from countersign.core.biometrics import ModelRef, VoiceSample
from countersign.core.samples import AudioClip
from countersign.models.runtime import Model, Runtime
from countersign.voice.embed import embed
from countersign.voice.mel import HOP, mel_spectrum
from countersign.voice.prosody import Prosody, measure_prosody
from countersign.voice.quality import find_fault, measure_quality
from countersign.voice.segments import SpeechActivity, find_speech


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePath:
    """What turns sound into voice samples. May be used from several threads at once.

    Attributes:
        detector: "silero-vad".
        encoder: "ge2e".
    """

    detector: Model
    encoder: Model

    @classmethod
    def load(cls, runtime: Runtime) -> Self:
        """The path of pack `core`; pack `plus` has no better encoder.

        Raises:
            ModelError: a model is missing or altered.
        """
        return cls(detector=runtime.model("silero-vad"), encoder=runtime.model("ge2e"))

    @property
    def model(self) -> ModelRef:
        """The model that makes the embeddings."""
        return self.encoder.ref

    def warm_up(self) -> None:
        """Run every model once, so that the first person does not wait for it."""
        self.detector.warm_up()
        self.encoder.warm_up()

    def extract(self, audio: AudioClip) -> VoiceSample | FailureToAcquire:
        """One sample of all speech in a sound. How loud it was recorded does not matter.

        A failure's reason is NO_SPEECH, TOO_LITTLE_SPEECH, TOO_QUIET, TOO_NOISY or CLIPPED.
        """
        return self.sample(audio, self.find_speech(audio))

    def sample(self, audio: AudioClip, activity: SpeechActivity) -> VoiceSample | FailureToAcquire:
        """The same, where it is known already where there is speech."""
        quality = measure_quality(audio, activity)
        fault = find_fault(quality)
        if fault is not None:
            return fault
        mels = mel_spectrum(audio.samples) * np.float32(10.0 ** (-quality.level_dbfs / 10.0))
        speech = activity.at(np.arange(len(mels)) * HOP)
        return VoiceSample(embedding=embed(self.encoder, mels, speech), quality=quality)

    def find_speech(self, audio: AudioClip) -> SpeechActivity:
        """Where there is speech in a sound."""
        return find_speech(self.detector, audio)

    def measure_prosody(self, audio: AudioClip) -> Prosody | None:
        """Pitch, tone and cadence of a sound, for people to look at; None without speech."""
        return measure_prosody(audio, self.find_speech(audio))
