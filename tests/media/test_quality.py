"""Figures of quality have the units they claim."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from countersign.core.arrays import Float32Array, UInt8Array
from countersign.core.samples import AudioClip
from countersign.media.quality import (
    SILENCE_DBFS,
    bandwidth_hz,
    noise,
    picture_quality,
    sharpness,
    sound_quality,
)

RNG = np.random.default_rng(20261121)


def flat(level: int, shape: tuple[int, int] = (120, 160)) -> UInt8Array:
    return np.full((*shape, 3), level, np.uint8)


def texture(side: int = 256) -> UInt8Array:
    coarse = RNG.integers(0, 255, (side // 4, side // 4, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)


def test_exposure_is_a_fraction_of_full_scale() -> None:
    quality = picture_quality(flat(51))
    assert quality.brightness == pytest.approx(0.2)
    assert quality.contrast == pytest.approx(0.0, abs=1e-6)
    assert (quality.crushed, quality.blown) == (0.0, 0.0)


def test_crushed_and_blown_are_shares_of_the_picture() -> None:
    image = flat(128)
    image[:30] = 0
    image[-12:] = 255
    quality = picture_quality(image)
    assert quality.crushed == pytest.approx(0.25)
    assert quality.blown == pytest.approx(0.1)


def test_half_black_half_white_has_the_greatest_contrast() -> None:
    image = flat(0)
    image[:60] = 255
    assert picture_quality(image).contrast == pytest.approx(0.5)


def test_blur_lowers_sharpness_and_size_hardly_matters() -> None:
    image = texture()
    blurred = np.asarray(cv2.GaussianBlur(image, (0, 0), 3), np.uint8)
    assert sharpness(blurred) < 0.05 * sharpness(image)
    double = np.asarray(cv2.resize(image, (512, 512), interpolation=cv2.INTER_CUBIC), np.uint8)
    assert sharpness(double) == pytest.approx(sharpness(image), rel=0.3)
    assert sharpness(flat(99)) == 0.0


@pytest.mark.parametrize("sigma", [2.0, 5.0, 10.0])
def test_the_noise_of_a_flat_picture_is_its_standard_deviation(sigma: float) -> None:
    grey = np.clip(128 + RNG.normal(0, sigma, (240, 320, 1)), 0, 255).astype(np.uint8)
    assert noise(np.repeat(grey, 3, axis=2)) == pytest.approx(sigma, rel=0.05)


@pytest.mark.parametrize("shape", [(1, 1), (2, 7), (3, 3), (1, 500)])
def test_tiny_pictures_have_figures_too(shape: tuple[int, int]) -> None:
    quality = picture_quality(flat(128, shape))
    assert quality.noise == 0.0
    assert quality.sharpness == pytest.approx(0.0)


def tone(level: float, hertz: float = 500.0, seconds: float = 1.0) -> Float32Array:
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(16_000 * seconds)) / 16_000)).astype(np.float32)


def test_levels_are_decibels_below_full_scale() -> None:
    quality = sound_quality(AudioClip(samples=tone(1.0), source_clipped=0.25))
    assert quality.level_dbfs == pytest.approx(-3.01, abs=0.02)
    assert quality.peak_dbfs == pytest.approx(0.0, abs=0.02)
    assert quality.clipped == 0.25
    assert sound_quality(AudioClip(samples=tone(0.1))).level_dbfs == pytest.approx(-23.01, abs=0.02)


def test_silence_has_a_floor_instead_of_minus_infinity() -> None:
    for samples in (np.zeros(16_000, np.float32), np.zeros(0, np.float32)):
        quality = sound_quality(AudioClip(samples=samples))
        assert quality.level_dbfs == quality.peak_dbfs == SILENCE_DBFS
        assert quality.bandwidth_hz == 0.0


def test_a_constant_offset_is_reported_and_is_not_bandwidth() -> None:
    quality = sound_quality(AudioClip(samples=tone(0.1, 2_000.0) + np.float32(0.25)))
    assert quality.dc_offset == pytest.approx(0.25, abs=1e-3)
    assert quality.bandwidth_hz == pytest.approx(2_000, abs=32)


@pytest.mark.parametrize("cut_hz", [1_000, 3_400, 7_000])
def test_bandwidth_is_where_the_power_ends(cut_hz: int) -> None:
    spectrum = np.fft.rfft(RNG.normal(0, 0.1, 32_000))
    spectrum[int(cut_hz * 2) :] = 0
    samples = np.fft.irfft(spectrum).astype(np.float32)
    assert bandwidth_hz(samples) == pytest.approx(cut_hz, rel=0.03)


def test_a_sound_shorter_than_one_window_has_a_bandwidth() -> None:
    assert bandwidth_hz(tone(0.5, 1_000.0, seconds=0.02)) > 900
