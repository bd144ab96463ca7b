"""Sound to what the acoustic model was trained on: liftered mel cepstra with their first and second differences.

The front end of CMU Sphinx with the settings that the model's own ``feat.params`` asks for: 25 triangular filters from 130
to 6,800 Hz, noise reduction in the mel bands (minimum tracking after Doblinger, 1995, temporal masking and weight smoothing
after Kim and Stern's PNCC, 2012), 13 cepstra, the mean of the recording, or of what is spoken in it, removed.
"""

from __future__ import annotations

import numpy as np

from countersign.core.arrays import Float32Array, Float64Array
from countersign.core.samples import SAMPLE_RATE_HZ

FRAME_S = 0.01
"""Seconds from one frame to the next."""

_SHIFT = 160
_WINDOW = 410
_FFT = 512
_FILTERS = 25
_CEPSTRA = 13
_PRE_EMPHASIS = 0.97
_LIFTER = 22
_FULL_SCALE = 32768.0
"""The model was trained on 16-bit integers, and two floors below are absolute."""
_LOG_FLOOR = 1e-4

_LOUDEST, _SPOKEN = 0.98, 35.0
"""Spoken is what comes within 30 dB of the loudest vowels: the first cepstrum is five times the mean of 25 natural logarithms."""

_MAX_GAIN = 20.0
_TINY = 1e-20
_SMOOTHING = 0.7
_RISE, _FALL = 0.995, 0.5
_MASK_DECAY, _MASK_LEVEL = 0.85, 0.2
_NEIGHBOURS = 4


def features(samples: Float32Array, *, spoken_mean: bool = False) -> Float32Array:
    """`float32[frames, 3, 13]` of `float32[n]` samples at 16 kHz: cepstra, differences, differences of these.

    No frames when there are fewer samples than one window of 25.6 ms.

    Args:
        samples: of one recording.
        spoken_mean: remove the mean of the frames in which something is spoken rather than of all that are not quite silent,
            so that it does not matter how long somebody keeps quiet before or after, as they do while they turn the head.
    """
    bands = mel_bands(samples)
    if not len(bands):
        return np.zeros((0, 3, _CEPSTRA), np.float32)
    cepstra = np.log(reduce_noise(bands) + _LOG_FLOOR) @ _COSINES
    loud = cepstra[:, 0] >= (np.quantile(cepstra[:, 0], _LOUDEST) - _SPOKEN if spoken_mean else 0.0)
    if loud.any():
        cepstra = cepstra - cepstra[loud].mean(axis=0)
    padded = np.concatenate([np.repeat(cepstra[:1], 3, axis=0), cepstra, np.repeat(cepstra[-1:], 3, axis=0)])

    def ahead(frames: int) -> Float64Array:
        return padded[3 + frames : 3 + frames + len(cepstra)]

    first = ahead(2) - ahead(-2)
    second = (ahead(3) - ahead(-1)) - (ahead(1) - ahead(-3))
    return np.stack([cepstra, first, second], axis=1).astype(np.float32)


def mel_bands(samples: Float32Array) -> Float64Array:
    """`float64[frames, 25]` power in the mel bands, of 16-bit integers' scale."""
    count = max(0, 1 + (len(samples) - _WINDOW) // _SHIFT)
    if not count:
        return np.zeros((0, _FILTERS))
    whole = np.clip(np.round(samples.astype(np.float64) * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
    whole[1:] -= _PRE_EMPHASIS * whole[:-1]
    frames = np.lib.stride_tricks.sliding_window_view(whole, _WINDOW)[::_SHIFT][:count]
    spectrum = np.fft.rfft(frames * np.hamming(_WINDOW), _FFT)
    return np.asarray((spectrum.real**2 + spectrum.imag**2) @ _BANK, np.float64)


def reduce_noise(bands: Float64Array) -> Float64Array:
    """Weigh each band by how far it stands out of its tracked noise: `float64[frames, 25]`, at least one frame."""
    power = bands[0]
    noise = floor = bands[0] / _MAX_GAIN
    peak = np.zeros_like(noise)
    gain = np.empty_like(bands)
    for t, now in enumerate(bands):
        power = _SMOOTHING * power + (1.0 - _SMOOTHING) * now
        noise = _lower_envelope(noise, power)
        signal = np.maximum(power - noise, 1.0)
        floor = _lower_envelope(floor, signal)
        peak = _MASK_DECAY * peak
        masked = np.where(signal < _MASK_DECAY * peak, _MASK_LEVEL * peak, signal)
        peak = np.maximum(peak, signal)
        gain[t] = np.maximum(masked, floor) / np.maximum(power, _TINY)
    gain = np.clip(gain, 1.0 / _MAX_GAIN, _MAX_GAIN)
    band = np.arange(_FILTERS)
    low, high = np.maximum(band - _NEIGHBOURS, 0), np.minimum(band + _NEIGHBOURS, _FILTERS - 1) + 1
    running = np.concatenate([np.zeros((len(gain), 1)), np.cumsum(gain, axis=1)], axis=1)
    weighted: Float64Array = bands * (running[:, high] - running[:, low]) / (high - low)
    return weighted


def _lower_envelope(envelope: Float64Array, now: Float64Array) -> Float64Array:
    """Follow `now` down fast and up slowly."""
    keep = np.where(now >= envelope, _RISE, _FALL)
    followed: Float64Array = keep * envelope + (1.0 - keep) * now
    return followed


def _filter_bank(low_hz: float = 130.0, high_hz: float = 6800.0) -> Float64Array:
    """`float64[257, 25]`: triangles of unit area, evenly spaced in mel, corners on whole FFT bins."""
    spacing = SAMPLE_RATE_HZ / _FFT
    low, high = 2595.0 * np.log10(1.0 + np.array([low_hz, high_hz]) / 700.0)
    mel = np.linspace(low, high, _FILTERS + 2)
    corner = np.floor(700.0 * (10.0 ** (mel / 2595.0) - 1.0) / spacing + 0.5) * spacing
    left, centre, right = corner[:-2], corner[1:-1], corner[2:]
    hz = (np.arange(_FFT // 2 + 1) * spacing)[:, np.newaxis]
    rising, falling = (hz - left) / (centre - left), (right - hz) / (right - centre)
    bank: Float64Array = np.maximum(np.minimum(rising, falling), 0.0) * 2.0 / (right - left)
    return bank


def _cosines() -> Float64Array:
    """`float64[25, 13]`: the orthonormal cosine transform and the lifter in one."""
    order = np.arange(_CEPSTRA)
    basis = np.cos(np.pi / _FILTERS * np.outer(np.arange(_FILTERS) + 0.5, order))
    scale = np.where(order == 0, np.sqrt(1.0 / _FILTERS), np.sqrt(2.0 / _FILTERS))
    lifter = 1.0 + _LIFTER / 2.0 * np.sin(np.pi * order / _LIFTER)
    cosines: Float64Array = basis * scale * lifter
    return cosines


_BANK = _filter_bank()
_COSINES = _cosines()
