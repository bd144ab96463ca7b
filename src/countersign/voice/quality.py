"""Whether a sound holds enough good speech to know a voice by (ISO/IEC 29794-1: quality is what predicts comparison)."""

from __future__ import annotations

import math

import numpy as np
import scipy.signal

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.arrays import Float32Array
from countersign.core.biometrics import Modality
from countersign.core.quality import SpeechQuality
from countersign.core.samples import SAMPLE_RATE_HZ, AudioClip
from countersign.voice.segments import STEP, SpeechActivity

LEAST_SPEECH_S = 0.6
"""No single word is enough. Sounds that the speech detector mistakes for speech rarely last so long."""

LEAST_LEVEL_DBFS = -60.0
LEAST_SNR_DB = 3.0
MOST_CLIPPED = 0.05

_FULL_SCALE = 0.999
_LEAST_PAUSE_S = 0.2
_MOST_SNR_DB = 80.0
"""A digital silence between the words says nothing about noise."""

_BANDWIDTH_SHARE, _PRE_EMPHASIS = 0.99, 0.97


def measure_quality(audio: AudioClip, activity: SpeechActivity) -> SpeechQuality:
    """Measure a sound.

    Args:
        audio: the sound.
        activity: where there is speech in it. Without any, level and bandwidth are those of the whole sound.
    """
    mask = activity.mask()
    spoken = audio.samples[mask] if mask.any() else audio.samples
    power = _power(spoken)
    return SpeechQuality(
        speech_s=activity.speech_s,
        snr_db=_snr_db(power, audio.samples, activity),
        level_dbfs=10.0 * math.log10(max(power, 1e-12)),
        clipped=max(audio.source_clipped, float(np.mean(np.abs(spoken) >= _FULL_SCALE))),
        bandwidth_hz=_bandwidth_hz(spoken),
    )


def find_fault(quality: SpeechQuality) -> FailureToAcquire | None:
    """Why a sound of this quality gives no sample, or None if it can give one."""
    if quality.speech_s == 0.0:
        return _failure(AcquisitionReason.NO_SPEECH, "no speech found")
    if quality.speech_s < LEAST_SPEECH_S:
        return _failure(
            AcquisitionReason.TOO_LITTLE_SPEECH, f"{quality.speech_s:.2f} s of speech, needs {LEAST_SPEECH_S} s"
        )
    if quality.level_dbfs < LEAST_LEVEL_DBFS:
        return _failure(
            AcquisitionReason.TOO_QUIET, f"speech at {quality.level_dbfs:.0f} dBFS, needs {LEAST_LEVEL_DBFS:.0f} dBFS"
        )
    if quality.clipped > MOST_CLIPPED:
        return _failure(
            AcquisitionReason.CLIPPED, f"{quality.clipped:.1%} of samples at full scale, {MOST_CLIPPED:.0%} allowed"
        )
    if quality.snr_db is not None and quality.snr_db < LEAST_SNR_DB:
        return _failure(AcquisitionReason.TOO_NOISY, f"{quality.snr_db:.0f} dB over noise, needs {LEAST_SNR_DB:.0f} dB")
    return None


def _failure(reason: AcquisitionReason, detail: str) -> FailureToAcquire:
    return FailureToAcquire(modality=Modality.VOICE, reason=reason, detail=detail)


def _power(samples: Float32Array) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) > 0 else 0.0


def _snr_db(power: float, samples: Float32Array, activity: SpeechActivity) -> float | None:
    """Speech over what is heard in the pauses; None without speech, or with less than 0.2 s of pauses.

    The middle of the pauses' levels is taken: a click or a breath in one of them is not the noise under the speech.
    """
    whole = len(samples) // STEP
    levels = np.square(samples[: whole * STEP].reshape(whole, STEP), dtype=np.float64).mean(axis=1)
    pauses = levels[~activity.speech[:whole]]
    if not activity.speech.any() or len(pauses) * STEP < _LEAST_PAUSE_S * SAMPLE_RATE_HZ:
        return None
    noise = float(np.median(pauses))
    ratio = max(power - noise, 1e-12) / max(noise, 1e-12)
    return min(10.0 * math.log10(ratio), _MOST_SNR_DB)


def _bandwidth_hz(samples: Float32Array) -> float:
    """Frequency below which 99 % of the power lies after pre-emphasis, without which it says nothing; 0 for silence."""
    frequencies, spectrum = scipy.signal.welch(samples, SAMPLE_RATE_HZ, nperseg=min(512, len(samples)), detrend=False)
    emphasis = np.abs(1.0 - _PRE_EMPHASIS * np.exp(-2j * np.pi * frequencies / SAMPLE_RATE_HZ)) ** 2
    running = np.cumsum(spectrum * emphasis)
    if running[-1] <= 0:
        return 0.0
    return float(frequencies[np.searchsorted(running, _BANDWIDTH_SHARE * running[-1])])
