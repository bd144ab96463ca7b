"""What a loudspeaker and a second room leave in speech, as numbers that each mean something.

- The low end. A mouth gives its fundamental; a membrane of a few centimetres gives what its size allows. So the first four
  harmonics of every voiced frame are measured where they lie, against the whole of the voice, and drawn over their frequency:
  a high pass shows as a slope, whoever speaks and however the microphone colours the rest.
- The room. Reflections make the long-term spectrum uneven from one narrow band to the next, which voices are not on the mean
  (Schroeder, "Statistical parameters of the frequency response curves of large rooms", 1954), and blur the pulses of the voice
  (Gillespie, Malvar and Florencio, 2001).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.stats import kurtosis

from countersign.core.arrays import Float32Array, Float64Array
from countersign.core.samples import SAMPLE_RATE_HZ

NAMES = (
    "pitch_octaves",
    "first_db",
    "low_db",
    "low_slope_db_octave",
    "low_bend_db_octave2",
    "rise_db_octave",
    "ripple_db",
    "pulses_log",
)
"""What `measure` gives, in this order: median pitch, in octaves above 150 Hz; first harmonic against the voice from 300 to
3,000 Hz; level, slope and bend, at 200 Hz, of a parabola through the harmonics below 500 Hz; slope of those below 400 Hz;
unevenness of the mean spectrum from 500 to 4,000 Hz; logarithm of the kurtosis of the whitened voice."""
FEWEST_VOICED = 12
"""Frames of 16 ms."""
NARROW_DB = -48.0
"""Power from 4.5 to 7 kHz against that from 500 to 3,000 Hz, below which a sound came through a telephone band: such
a microphone takes what a loudspeaker takes."""

_WINDOW, _HOP = 1024, 256
_HZ = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE_HZ)
_LAGS = slice(SAMPLE_RATE_HZ // 400, SAMPLE_RATE_HZ // 65)
_PERIODIC, _RANGE_DB = 0.55, 25.0
_VOICE = (_HZ >= 300) & (_HZ < 3000)
_HARMONICS = (1, 2, 3, 4)
_LONG = 2048
_SMOOTH_BINS = 33
"""Of 7.8 Hz: what is wider than 260 Hz is the voice's, or the microphone's."""
_CLEAR = 10.0
"""Power above the noise's from which on a bin is looked at."""
_FEWEST_SEEN = 8
_MOST_PULSES = 80
_WHITENED = (_HZ > 300) & (_HZ < 4000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectra:
    """Of a whole sound.

    Attributes:
        power: `float32[frames, bins]`.
        speech: `bool[frames]`.
        noise: `float[bins]`, between the words.
    """

    power: Float32Array = field(repr=False)
    speech: NDArray[np.bool_] = field(repr=False)
    noise: NDArray[np.floating] = field(repr=False)

    @classmethod
    def of(cls, samples: Float32Array, speech: NDArray[np.bool_], *, window: int, hop: int) -> Spectra:
        """Windows of `window` samples, one every `hop`."""
        transformed = _transformed(samples, window, hop)
        power = transformed.real**2 + transformed.imag**2 + np.float32(1e-12)
        centres = np.arange(len(power)) * hop + window // 2
        spoken = speech[np.minimum(centres, len(speech) - 1)]
        silent = power[~spoken]
        # The median of an exponential distribution is ln 2 of its mean.
        noise = np.median(silent, axis=0) / np.log(2) if len(silent) >= 10 else np.quantile(power, 0.05, axis=0)
        return cls(power=power, speech=spoken, noise=noise)


def measure(samples: Float32Array, speech: NDArray[np.bool_]) -> Float64Array | None:
    """All of `NAMES`; None where hardly any voiced speech is found.

    Args:
        samples: `float32[n]` at 16 kHz, at least one.
        speech: `bool[n]`.
    """
    spectra = Spectra.of(samples, speech, window=_WINDOW, hop=_HOP)
    pitch = _pitch(spectra)
    if int((pitch > 0).sum()) < FEWEST_VOICED:
        return None
    ripple = _ripple(Spectra.of(samples, speech, window=_LONG, hop=_LONG // 4))
    return np.array([*_low_end(spectra, pitch), ripple, _pulses(samples, spectra, pitch)])


def treble_db(samples: Float32Array, speech: NDArray[np.bool_]) -> float:
    """Power from 4.5 to 7 kHz against that from 500 to 3,000 Hz, while there is speech, less the noise's."""
    spectra = Spectra.of(samples, speech, window=_WINDOW, hop=_WINDOW)
    if not spectra.speech.any():
        return 0.0
    mean = spectra.power[spectra.speech].mean(axis=0)
    bands = ((_HZ >= 4500) & (_HZ < 7000), (_HZ >= 500) & (_HZ < 3000))
    treble, body = (max(mean[band].sum() - spectra.noise[band].sum(), 1e-12) for band in bands)
    return float(10 * np.log10(treble / body))


def _transformed(samples: Float32Array, window: int, hop: int) -> NDArray[np.complex64]:
    padded = np.pad(samples, (0, max(0, window - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    spectra: NDArray[np.complex64] = scipy.fft.rfft(frames * np.hanning(window).astype(np.float32), axis=1)
    return spectra


def _db(power: NDArray[np.floating]) -> NDArray[np.floating]:
    decibels: NDArray[np.floating] = 10 * np.log10(np.maximum(power, 1e-12))
    return decibels


def _pitch(spectra: Spectra) -> Float64Array:
    """`float64[frames]` in Hz, 0 where the voice does not sound, by autocorrelation (Boersma, 1993)."""
    if not spectra.speech.any():
        return np.zeros(len(spectra.power))
    window = scipy.fft.irfft(np.abs(scipy.fft.rfft(np.hanning(_WINDOW), 2 * _WINDOW)) ** 2)[: _LAGS.stop]
    heard = np.where((_HZ > 60) & (_HZ < 1500), spectra.power, 0.0)
    around = scipy.fft.irfft(heard, axis=1)[:, : _LAGS.stop]
    alike = around / np.maximum(around[:, :1], 1e-20) / (window / window[0])
    # A little is taken from long lags, so that two periods are not taken for one.
    handicap = 0.02 * np.log2(np.arange(_LAGS.start, _LAGS.stop))
    place = np.argmax(alike[:, _LAGS] - handicap, axis=1) + _LAGS.start
    periodic = alike[np.arange(len(alike)), place] > _PERIODIC
    level = heard.sum(axis=1)
    loud = level > 10 ** (-_RANGE_DB / 10) * np.quantile(level[spectra.speech], 0.95)
    return np.where(periodic & loud & spectra.speech, SAMPLE_RATE_HZ / place, 0.0)


def _low_end(spectra: Spectra, pitch: Float64Array) -> tuple[float, ...]:
    """The first six of `NAMES`."""
    voiced = np.flatnonzero(pitch)
    power, hertz = spectra.power[voiced], pitch[voiced]
    voice = _db(power[:, _VOICE].sum(axis=1))
    octaves, levels = [], []
    for number in _HARMONICS:
        places = np.clip(np.round(number * hertz / _HZ[1]).astype(int)[:, None] + np.arange(-1, 2), 0, len(_HZ) - 1)
        noise = spectra.noise[places].sum(axis=1)
        harmonic = np.maximum(power[np.arange(len(power))[:, None], places].sum(axis=1) - noise, 0.2 * noise)
        octaves.append(np.log2(number * hertz / 200.0))
        levels.append(_db(harmonic) - voice)
    x, y = np.concatenate(octaves), np.concatenate(levels)
    low = x < np.log2(500 / 200)
    # Of least norm, for who hums on one note gives fewer than three places.
    bend, slope, level = np.linalg.lstsq(np.vander(x[low], 3), y[low], rcond=1e-6)[0]
    lower = x < np.log2(400 / 200)
    away = x[lower] - x[lower].mean()
    # Who speaks on one note shows no slope; 0.17 octaves of made-up spread keep it from being made up.
    rise = float(away @ (y[lower] - y[lower].mean()) / (away @ away + 0.03 * len(away)))
    median = float(np.log2(np.median(hertz) / 150.0))
    return median, float(np.median(levels[0])), float(level), float(slope), float(bend), rise


def _ripple(spectra: Spectra) -> float:
    """Deviation, in decibels, of the mean logarithmic spectrum from a smooth one, less what chance gives."""
    power = spectra.power[spectra.speech]
    clear = power > _CLEAR * spectra.noise
    detail = _db(power)
    detail = detail - uniform_filter1d(detail, _SMOOTH_BINS, axis=1)
    seen = clear.sum(axis=0)
    hertz = np.fft.rfftfreq(_LONG, 1 / SAMPLE_RATE_HZ)
    used = (hertz >= 500) & (hertz < 4000) & (seen >= _FEWEST_SEEN)
    if int(used.sum()) < _SMOOTH_BINS:
        return 0.0
    mean = (detail * clear).sum(axis=0)[used] / seen[used]
    spread = ((detail[:, used] - mean) ** 2 * clear[:, used]).sum(axis=0) / seen[used] ** 2
    # Windows overlap by three quarters, so that they are fewer than they seem.
    return float(np.sqrt(max(float(mean.var()) - 1.5 * float(spread.mean()), 0.0)))


def _pulses(samples: Float32Array, spectra: Spectra, pitch: Float64Array) -> float:
    """How peaked the loudest voiced frames are, their envelope (first 32 cepstral coefficients, 2 ms) divided out."""
    level = np.where(pitch > 0, spectra.power[:, _WHITENED].sum(axis=1), 0.0)
    chosen = np.argsort(-level, kind="stable")[: min(_MOST_PULSES, int((pitch > 0).sum()))]
    spectrum = _transformed(samples, _WINDOW, _HOP)[chosen]
    cepstrum = scipy.fft.irfft(np.log(np.abs(spectrum) + 1e-9), axis=1)
    cepstrum[:, 32:-31] = 0.0
    white = np.where(_WHITENED, spectrum / np.exp(scipy.fft.rfft(cepstrum, axis=1).real), 0.0)
    middle = scipy.fft.irfft(white, axis=1)[:, _WINDOW // 4 : -_WINDOW // 4]
    return float(np.median(np.log(kurtosis(middle, axis=1, fisher=False))))
