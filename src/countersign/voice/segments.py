"""Where somebody speaks: Silero VAD (Silero Team, 2021), read with two thresholds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float32Array, read_only
from countersign.core.samples import SAMPLE_RATE_HZ, AudioClip
from countersign.models.runtime import Model

STEP = 512
"""Samples judged at a time (32 ms)."""

_CONTEXT = 64
_ON, _OFF = 0.5, 0.35
_SHORTEST, _LONGEST_GAP, _MARGIN = 2, 3, 1
"""In steps: a click of one step is not speech; a pause of up to three (96 ms, a plosive) does not end a segment; and one
step is added on either side, for soft onsets and ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechSegment:
    """A stretch of speech.

    Attributes:
        start_s, end_s: seconds on the recording's clock.
    """

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechActivity:
    """Speech or not, over the whole of one sound.

    Attributes:
        probabilities: `float32[steps]` in [0, 1], the model's own, one every 32 ms.
        speech: `bool[steps]`, after thresholds and margins.
        length: samples of the sound; the last step may reach beyond.
        start_s: time of the first sample on the recording's clock.
    """

    probabilities: Float32Array = field(repr=False)
    speech: NDArray[np.bool_] = field(repr=False)
    length: int
    start_s: float = 0.0

    def __post_init__(self) -> None:
        read_only(self.probabilities)
        read_only(self.speech)

    @property
    def speech_s(self) -> float:
        """Seconds judged speech, margins included."""
        return float(self.mask().sum()) / SAMPLE_RATE_HZ

    def mask(self) -> NDArray[np.bool_]:
        """`bool[length]`: which samples are speech."""
        return np.repeat(self.speech, STEP)[: self.length]

    def at(self, samples: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether there is speech at these samples."""
        return self.speech[np.minimum(samples // STEP, len(self.speech) - 1)]

    def segments(self) -> tuple[SpeechSegment, ...]:
        """The stretches of speech, in order."""
        starts, ends = _runs(self.speech)
        end_s = self.length / SAMPLE_RATE_HZ
        return tuple(
            SpeechSegment(
                start_s=self.start_s + start * STEP / SAMPLE_RATE_HZ,
                end_s=self.start_s + min(end * STEP / SAMPLE_RATE_HZ, end_s),
            )
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        )


def find_speech(model: Model, audio: AudioClip) -> SpeechActivity:
    """Judge a sound, in one call of the model.

    Args:
        model: "silero-vad" in its form for whole sequences.
        audio: at least one sample.
    """
    rows = max(1, -(-len(audio.samples) // STEP))
    padded = np.pad(audio.samples, (_CONTEXT, rows * STEP - len(audio.samples)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _CONTEXT + STEP)[::STEP]
    nothing = np.zeros((1, 1, 128), np.float32)
    probabilities = model(np.ascontiguousarray(windows), nothing, nothing)[0].astype(np.float32, copy=False)
    return SpeechActivity(
        probabilities=probabilities,
        speech=steady(probabilities),
        length=len(audio.samples),
        start_s=audio.start_s,
    )


def steady(probabilities: Float32Array) -> NDArray[np.bool_]:
    """From probabilities to speech or not, without flicker.

    Args:
        probabilities: `float32[steps]`.

    Returns:
        `bool[steps]`. Speech begins where the probability reaches 0.5 and lasts while it stays above 0.35.
    """
    speech = np.zeros(len(probabilities), np.bool_)
    for start, end in zip(*_runs(probabilities > _OFF), strict=True):
        sure = np.flatnonzero(probabilities[start:end] >= _ON)
        if len(sure) > 0 and end - start - sure[0] >= _SHORTEST:
            speech[start + sure[0] : end] = True
    for start, end in zip(*_runs(~speech), strict=True):
        if start > 0 and end < len(speech) and end - start <= _LONGEST_GAP:
            speech[start:end] = True
    for start, end in zip(*_runs(speech), strict=True):
        speech[max(0, start - _MARGIN) : end + _MARGIN] = True
    return speech


def _runs(flags: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First index and index after the last of every run of True."""
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
