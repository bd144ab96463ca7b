"""How somebody speaks: pitch, tone and cadence. For the operator and the enrolment page; nothing here decides anything.

Pitch changes with mood, health and the time of day, tone with the microphone, and cadence with the text. That makes them
useful to a person who looks at two recordings, and poor evidence of identity beside the speaker encoder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pyworld
import scipy.fft
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from countersign.core.arrays import Float32Array, Float64Array, read_only
from countersign.core.samples import SAMPLE_RATE_HZ, AudioClip
from countersign.voice.segments import SpeechActivity

_HOP = 160
_WINDOW = 400
_FLOOR_HZ, _CEILING_HZ = 60.0, 450.0
_TILT_BANDS_HZ = 250.0 * 2.0 ** (np.arange(13) / 3.0)
"""Centres of thirds of octaves from 250 Hz to 4 kHz: within what a telephone carries (its slopes apart)."""

_SYLLABLE_DIP_DB, _SYLLABLE_RANGE_DB = 1.0, 25.0
_SYLLABLE_APART = 8
"""Frames of 10 ms: nobody speaks more than twelve syllables a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitch:
    """Fundamental frequency.

    Attributes:
        times_s: `float64[n]`, on the recording's clock, every 10 ms.
        track_hz: `float64[n]`, 0 where the voice does not sound.
        median_hz: of the voiced frames.
        low_hz, high_hz: their 5th and 95th percentiles.
    """

    times_s: Float64Array = field(repr=False)
    track_hz: Float64Array = field(repr=False)
    median_hz: float
    low_hz: float
    high_hz: float

    def __post_init__(self) -> None:
        read_only(self.times_s)
        read_only(self.track_hz)

    @property
    def range_semitones(self) -> float:
        """From low to high; 12 to the octave."""
        return 12.0 * float(np.log2(self.high_hz / self.low_hz))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """The long-term spectrum of the speech, bright or dark.

    Attributes:
        tilt_db_per_octave: slope of the levels of thirds of octaves from 250 Hz to 4 kHz; steeper (more negative) for a
            softer voice.
        centroid_hz: mean frequency, weighted by power.
    """

    tilt_db_per_octave: float
    centroid_hz: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """The rhythm of the speech.

    Attributes:
        syllables: loudness peaks in voiced sound, after de Jong and Wempe (2009); an estimate.
        syllables_per_s: of speech, pauses left out.
        pauses: silences between segments of speech.
        mean_pause_s: seconds; 0 without a pause.
    """

    syllables: int
    syllables_per_s: float
    pauses: int
    mean_pause_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prosody:
    """How somebody speaks, in one recording.

    Attributes:
        pitch: None if no voiced sound was found (a whisper).
    """

    pitch: Pitch | None
    tone: Tone
    cadence: Cadence


def measure_prosody(audio: AudioClip, activity: SpeechActivity) -> Prosody | None:
    """Measure a recording.

    Args:
        audio: the sound.
        activity: where there is speech in it.

    Returns:
        None without speech.
    """
    if not activity.speech.any():
        return None
    track = _pitch_track(audio.samples)
    track[~activity.at(np.arange(len(track)) * _HOP)] = 0.0
    power = _power_spectra(audio.samples)
    return Prosody(
        pitch=_pitch(track, audio.start_s),
        tone=_tone(power[activity.at(np.arange(len(power)) * _HOP)].mean(axis=0)),
        cadence=_cadence(power.sum(axis=1), track > 0, activity),
    )


def _pitch_track(samples: Float32Array) -> Float64Array:
    """WORLD's DIO, refined by StoneMask (Morise et al., 2009, 2016): Harvest is steadier and thirty times slower."""
    sound = samples.astype(np.float64)
    rough, times = pyworld.dio(
        sound, SAMPLE_RATE_HZ, f0_floor=_FLOOR_HZ, f0_ceil=_CEILING_HZ, frame_period=1000 * _HOP / SAMPLE_RATE_HZ
    )
    track: Float64Array = pyworld.stonemask(sound, rough, times, SAMPLE_RATE_HZ)
    return track


def _pitch(track: Float64Array, start_s: float) -> Pitch | None:
    voiced = track[track > 0]
    if len(voiced) == 0:
        return None
    low, median, high = np.quantile(voiced, [0.05, 0.5, 0.95]).tolist()
    times = start_s + np.arange(len(track)) * _HOP / SAMPLE_RATE_HZ
    return Pitch(times_s=times, track_hz=track, median_hz=median, low_hz=low, high_hz=high)


def _power_spectra(samples: Float32Array) -> Float64Array:
    """`float64[1 + n // 160, 257]`, rows of 10 ms centred as those of the pitch track."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, _WINDOW // 2), _WINDOW)[::_HOP]
    spectra = scipy.fft.rfft(frames * np.hanning(_WINDOW), n=512, axis=1)
    power: Float64Array = spectra.real**2 + spectra.imag**2
    return power


def _tone(spectrum: Float64Array) -> Tone:
    """Of a mean power spectrum, `float64[257]`."""
    frequencies = np.linspace(0.0, SAMPLE_RATE_HZ / 2, len(spectrum))
    edge = 2.0 ** (1.0 / 6.0)
    bands = [
        spectrum[(frequencies >= centre / edge) & (frequencies < centre * edge)].mean() for centre in _TILT_BANDS_HZ
    ]
    levels = 10.0 * np.log10(np.array(bands) + np.finfo(np.float64).tiny)
    slope = np.polyfit(np.log2(_TILT_BANDS_HZ), levels, 1)[0]
    return Tone(
        tilt_db_per_octave=float(slope), centroid_hz=float(frequencies @ spectrum / max(spectrum.sum(), 1e-300))
    )


def _cadence(energy: Float64Array, voiced: NDArray[np.bool_], activity: SpeechActivity) -> Cadence:
    loudness = gaussian_filter1d(10.0 * np.log10(energy + 1e-12), 1.5)
    # A fade-in at the edge of the sound is not a dip, so the contour is given silence to rise from.
    contour = np.pad(loudness, 1, constant_values=loudness.max() - 2.0 * _SYLLABLE_RANGE_DB)
    peaks = find_peaks(
        contour,
        height=np.quantile(loudness, 0.95) - _SYLLABLE_RANGE_DB,
        prominence=_SYLLABLE_DIP_DB,
        distance=_SYLLABLE_APART,
    )[0]
    syllables = int(voiced[np.minimum(peaks - 1, len(voiced) - 1)].sum())
    segments = activity.segments()
    pauses = [later.start_s - earlier.end_s for earlier, later in pairwise(segments)]
    return Cadence(
        syllables=syllables,
        syllables_per_s=syllables / max(activity.speech_s, 1e-3),
        pauses=len(pauses),
        mean_pause_s=float(np.mean(pauses)) if pauses else 0.0,
    )
