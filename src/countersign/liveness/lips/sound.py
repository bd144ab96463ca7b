"""What a sound asks of the lips: how loud it is in which bands, and which of ten shapes of the mouth it is made with.

The shapes are groups of phones that look alike ("visemes"; Fisher, 1968; here close to those of Jeffers and Barley, 1971);
how likely each is at a time comes from the acoustic model that also listens for the phrase, without any words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from countersign.core.arrays import Float32Array, Float64Array
from countersign.core.samples import SAMPLE_RATE_HZ, AudioClip
from countersign.liveness.acoustics.cepstra import FRAME_S, features, mel_bands, reduce_noise
from countersign.liveness.acoustics.model import FILLERS, AcousticModel

SHAPES = (
    "P B M", "F V", "W UW OW UH OY", "AA AE AY AW AH AO", "IY EY EH IH Y", "S Z T D N L", "K G NG HH",
    "SH CH JH ZH R ER", "TH DH", " ".join(FILLERS),
)  # fmt: skip
"""Lips closed, lip to teeth, rounded, open, spread, tongue behind the teeth, at the back, protruded, between the teeth, no
speech."""
BANDS = 6
MEASURES = 1 + BANDS + len(SHAPES)
AROUND_S = 1.0
"""Sound before and after the words that is looked at as well: for the levels, and for the lags."""

NOISY_DB = 12.0
"""Between the loud and the quiet of a sound, below which noise fills its pauses: white noise 20 dB below the speech leaves 10 to
16, a quiet room 25 to 48."""

_MIDDLE_S = 0.0128
_DEPTH_DB = 35.0
_FLOOR = 1e-3
_COOL = 3.0
"""Likelihoods of frames overstate; a third of their logarithms does not."""
_SMOOTHING = np.hanning(9)[1:-1] / np.hanning(9)[1:-1].sum()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A sound over time.

    Attributes:
        times_s: `float64[n]`, every 10 ms, on the recording's clock.
        measures: `float64[n, 17]`: level of all and of six bands, in decibels below the loud parts, in [-35, ..]; then ten
            times the probability of each of `SHAPES`. Smoothed over 40 ms, about what a picture takes in.
        noisy: less than `NOISY_DB` lie between loud and quiet; then the levels are those of what stands out of the noise.
    """

    times_s: Float64Array = field(repr=False)
    measures: Float64Array = field(repr=False)
    noisy: bool = False


def sound_of(model: AcousticModel, audio: AudioClip, *, from_s: float, to_s: float) -> Sound:
    """Measure what is heard between two times, and a second around."""
    first = max(0, int((from_s - AROUND_S - audio.start_s) * SAMPLE_RATE_HZ))
    last = max(first, int((to_s + AROUND_S - audio.start_s) * SAMPLE_RATE_HZ))
    samples = audio.samples[first:last]
    bands = mel_bands(samples)
    times = audio.start_s + first / SAMPLE_RATE_HZ + _MIDDLE_S + FRAME_S * np.arange(len(bands), dtype=np.float64)
    if not len(bands):
        return Sound(times_s=times, measures=np.zeros((0, MEASURES)))
    noisy = _range_db(bands) < NOISY_DB
    levels = _levels(reduce_noise(bands) if noisy else bands)
    both = np.concatenate([levels, 10.0 * _shapes(model, samples)], axis=1)
    smooth = np.stack([np.convolve(column, _SMOOTHING, "same")[: len(both)] for column in both.T], axis=1)
    return Sound(times_s=times, measures=smooth, noisy=noisy)


def _range_db(bands: Float64Array) -> float:
    """Between the 95th and the 10th percentile of the level."""
    level = 10.0 * np.log10(bands + _FLOOR).mean(axis=1)
    return float(np.percentile(level, 95) - np.percentile(level, 10))


def _levels(bands: Float64Array) -> Float64Array:
    """`float64[n, 7]`, decibels."""
    level = 10.0 * np.log10(bands + _FLOOR)
    edges = np.linspace(0, level.shape[1], BANDS + 1).round().astype(int)
    parts = [level.mean(axis=1)]
    parts += [level[:, low:high].mean(axis=1) for low, high in pairwise(edges)]
    stacked = np.stack(parts, axis=1)
    return np.asarray(np.maximum(stacked - np.percentile(stacked, 95, axis=0), -_DEPTH_DB), np.float64)


def _shapes(model: AcousticModel, samples: Float32Array) -> Float64Array:
    """`float64[n, 10]`: probability of each shape of the mouth."""
    states = np.concatenate([model.states[model.phone(name)] for name in model.names])
    found = features(samples)
    each = model.log_likelihoods(found, states).reshape(len(found), len(model.names), -1).max(axis=2) / _COOL
    likely = np.exp(each - each.max(axis=1, keepdims=True))
    likely /= likely.sum(axis=1, keepdims=True)
    members = [[model.phone(name) for name in group.split() if name in model.names] for group in SHAPES]
    return np.stack([likely[:, group].sum(axis=1) for group in members], axis=1).astype(np.float64)
