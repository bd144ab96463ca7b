"""Mel power spectra exactly as the GE2E speaker encoder was trained on them, without librosa.

That is `librosa.feature.melspectrogram(y, sr=16000, n_fft=400, hop_length=160, n_mels=40)`: a periodic Hann window of
25 ms every 10 ms, centred, the power spectrum (not its logarithm), and triangles on Slaney's mel scale, each of unit area
("Auditory Toolbox", 1998). The tests hold vectors recorded from librosa 0.11.
"""

from __future__ import annotations

from functools import cache
from typing import cast

import numpy as np
import scipy.fft

from countersign.core.arrays import Float32Array, Float64Array, read_only
from countersign.core.samples import SAMPLE_RATE_HZ

CHANNELS = 40
WINDOW = 400
HOP = 160
FRAMES_PER_S = SAMPLE_RATE_HZ // HOP

_LINEAR_HZ_PER_MEL = 200.0 / 3.0
_BREAK_HZ = 1000.0
_BREAK_MEL = _BREAK_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0
"""Slaney's scale is linear up to 1 kHz and logarithmic beyond: 27 mels for a factor of 6.4."""


def mel_spectrum(samples: Float32Array) -> Float32Array:
    """Mel power spectrum of a sound.

    Args:
        samples: `float32[n]` at 16 kHz, in [-1, 1].

    Returns:
        `float32[1 + n // 160, 40]`, one row every 10 ms, row t centred on sample 160 t. Scales with the square of the
        samples. The first and last row see zeros beyond the ends of the sound.
    """
    padded = np.pad(samples, WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    spectra = scipy.fft.rfft(frames * _hann(), axis=1)
    power = spectra.real**2 + spectra.imag**2
    return cast("Float32Array", power @ _filters())


@cache
def _hann() -> Float32Array:
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    read_only(window)
    return window


@cache
def _filters() -> Float32Array:
    """`float32[201, 40]`: what each frequency adds to each channel."""
    corners = _mel_to_hz(np.linspace(0.0, _hz_to_mel(SAMPLE_RATE_HZ / 2), CHANNELS + 2))
    lower, centre, upper = corners[:-2], corners[1:-1], corners[2:]
    bins = np.linspace(0.0, SAMPLE_RATE_HZ / 2, WINDOW // 2 + 1)[:, None]
    rising, falling = (bins - lower) / (centre - lower), (upper - bins) / (upper - centre)
    filters = (np.maximum(0.0, np.minimum(rising, falling)) * 2.0 / (upper - lower)).astype(np.float32)
    read_only(filters)
    return filters


def _hz_to_mel(hz: float) -> float:
    """Of a frequency above the break, in hertz."""
    return float(_BREAK_MEL + np.log(hz / _BREAK_HZ) / _LOG_STEP)


def _mel_to_hz(mels: Float64Array) -> Float64Array:
    beyond = _BREAK_HZ * np.exp(_LOG_STEP * (mels - _BREAK_MEL))
    return np.where(mels < _BREAK_MEL, mels * _LINEAR_HZ_PER_MEL, beyond)
