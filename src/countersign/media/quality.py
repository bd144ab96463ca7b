"""Quality of a whole picture and of a whole sound: figures with units that need no model.

Faces and speech are measured in their own rooms; these figures say whether there is any use in looking for them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from countersign.core.arrays import Float32Array, Float64Array, UInt8Array
from countersign.core.samples import SAMPLE_RATE_HZ, AudioClip

SHARPNESS_SIDE: Final = 256
"""Pictures are scaled to this longer side before sharpness is measured, so that figures can be compared."""
SILENCE_DBFS: Final = -120.0
"""Reported for digital silence, where a level has no logarithm."""

_CRUSHED: Final = 4
_BLOWN: Final = 251
_NOISE_KERNEL: Final = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_BLOCK: Final = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureQuality:
    """One picture.

    Attributes:
        brightness: mean luma (BT.601), in [0, 1].
        contrast: standard deviation of luma, in [0, 1].
        crushed: fraction of pixels with luma of 4/255 or less, in [0, 1].
        blown: fraction of pixels with luma of 251/255 or more, in [0, 1].
        sharpness: as `sharpness`.
        noise: as `noise`.
    """

    brightness: float
    contrast: float
    crushed: float
    blown: float
    sharpness: float
    noise: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundQuality:
    """One sound, speech or not.

    Attributes:
        level_dbfs: root mean square, decibels relative to full scale; `SILENCE_DBFS` at least.
        peak_dbfs: largest sample, likewise.
        clipped: fraction of samples at full scale before conversion, in [0, 1].
        dc_offset: mean, relative to full scale.
        bandwidth_hz: frequency below which 99 % of the power lies; 0 for silence.
    """

    level_dbfs: float
    peak_dbfs: float
    clipped: float
    dc_offset: float
    bandwidth_hz: float


def picture_quality(image: UInt8Array) -> PictureQuality:
    """Measure one picture.

    Args:
        image: `uint8[height, width, 3]`, RGB.
    """
    grey = _grey(image)
    histogram = np.bincount(grey.reshape(-1), minlength=256) / grey.size
    levels = np.arange(256) / 255.0
    mean = float(histogram @ levels)
    return PictureQuality(
        brightness=mean,
        contrast=math.sqrt(max(0.0, float(histogram @ np.square(levels)) - mean**2)),
        crushed=float(histogram[: _CRUSHED + 1].sum()),
        blown=float(histogram[_BLOWN:].sum()),
        sharpness=sharpness(image),
        noise=noise(image),
    )


def sharpness(image: UInt8Array) -> float:
    """Variance of the Laplacian of luma (Pech-Pacheco et al., ICPR 2000), at a fixed scale.

    Args:
        image: `uint8[height, width, 3]`, RGB: a whole picture or any part of one.

    Returns:
        Grey levels squared. 60 to 460 for ordinary portraits (LFW, 5th to 95th percentile of 60), under 6 for the same
        blurred beyond use (Gaussian of 3 pixels at that scale).
    """
    grey = _grey(image)
    scale = SHARPNESS_SIDE / max(grey.shape)
    if scale != 1.0:
        size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR)
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())


def noise(image: UInt8Array) -> float:
    """Standard deviation of the sensor's noise, estimated after Immerkaer (CVIU 64(2), 1996).

    Args:
        image: `uint8[height, width, 3]`, RGB, at least 3x3.

    Returns:
        Grey levels of 255. Fine texture counts as noise, smoothing by the encoder hides it: a bound, not a measurement.
    """
    grey = _grey(image)
    if min(grey.shape) < 3:
        return 0.0
    response = np.abs(cv2.filter2D(grey, cv2.CV_32F, _NOISE_KERNEL)[1:-1, 1:-1])
    return math.sqrt(math.pi / 2) / 6 * float(response.mean())


def sound_quality(clip: AudioClip) -> SoundQuality:
    """Measure one sound."""
    samples = clip.samples
    if not samples.size:
        return SoundQuality(
            level_dbfs=SILENCE_DBFS, peak_dbfs=SILENCE_DBFS, clipped=0.0, dc_offset=0.0, bandwidth_hz=0.0
        )
    return SoundQuality(
        level_dbfs=_decibels(float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))),
        peak_dbfs=_decibels(float(np.abs(samples).max())),
        clipped=clip.source_clipped,
        dc_offset=float(samples.mean(dtype=np.float64)),
        bandwidth_hz=bandwidth_hz(samples),
    )


def bandwidth_hz(samples: Float32Array) -> float:
    """Frequency below which 99 % of the power lies, the mean level taken out first.

    Args:
        samples: `float32[n]`, 16 kHz.

    Returns:
        In [0, 8000]; about 3,400 for telephone sound of noise-like content; 0 for silence.
    """
    power = _mean_power(samples)
    total = float(power.sum())
    if total <= 1e-12:
        return 0.0
    index = int(np.searchsorted(np.cumsum(power), 0.99 * total))
    return min(index, _BLOCK // 2) * SAMPLE_RATE_HZ / _BLOCK


def _mean_power(samples: Float32Array) -> Float64Array:
    """Power over frequency, `float64[513]`, averaged over half-overlapping Hann windows (Welch, 1967)."""
    centred = samples.astype(np.float64) - samples.mean(dtype=np.float64)
    if len(centred) < _BLOCK:
        centred = np.pad(centred, (0, _BLOCK - len(centred)))
    windows = np.lib.stride_tricks.sliding_window_view(centred, _BLOCK)[:: _BLOCK // 2]
    power: Float64Array = np.square(np.abs(np.fft.rfft(windows * np.hanning(_BLOCK), axis=1))).mean(axis=0)
    return power


def _grey(image: UInt8Array) -> UInt8Array:
    grey: UInt8Array = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return grey


def _decibels(amplitude: float) -> float:
    return max(SILENCE_DBFS, 20.0 * math.log10(amplitude)) if amplitude > 0.0 else SILENCE_DBFS
