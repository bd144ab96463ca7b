"""What is measured means what it says, on voices made for it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from countersign.core.arrays import Float32Array
from countersign.core.samples import SAMPLE_RATE_HZ
from countersign.evaluation.attacks.channels import room_response
from countersign.liveness.loudspeaker.acoustics import NAMES, NARROW_DB, measure, treble_db


@pytest.fixture(scope="module")
def voice() -> Float32Array:
    """Three seconds of pulses that glide from 100 to 170 Hz, brighter and darker, with half a second of hiss at either end."""
    time_s = np.arange(3 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    phase = np.cumsum(135 - 35 * np.cos(2 * np.pi * 0.8 * time_s)) / SAMPLE_RATE_HZ
    tones = [np.cos(2 * np.pi * number * phase) / number for number in range(1, 41)]
    loud = 0.02 * np.sum(tones, axis=0) * (1.0 + 0.3 * np.sin(2 * np.pi * 4 * time_s))
    hiss = np.random.default_rng(2).normal(0, 1e-4, 4 * SAMPLE_RATE_HZ)
    return np.asarray(hiss + np.pad(loud, SAMPLE_RATE_HZ // 2), np.float32)


@pytest.fixture(scope="module")
def spoken(voice: Float32Array) -> NDArray[np.bool_]:
    mask = np.zeros(len(voice), np.bool_)
    mask[SAMPLE_RATE_HZ // 2 : -SAMPLE_RATE_HZ // 2] = True
    return mask


def named(sound: Float32Array, mask: NDArray[np.bool_]) -> dict[str, float]:
    found = measure(sound, mask)
    assert found is not None
    assert np.isfinite(found).all()
    return dict(zip(NAMES, found.tolist(), strict=True))


def test_the_pitch_is_found(voice: Float32Array, spoken: NDArray[np.bool_]) -> None:
    assert 150 * 2 ** named(voice, spoken)["pitch_octaves"] == pytest.approx(135, rel=0.1)


def test_a_small_membrane_takes_the_first_harmonic_and_leaves_a_slope(
    voice: Float32Array, spoken: NDArray[np.bool_]
) -> None:
    small = sosfilt(butter(3, 300, "high", fs=SAMPLE_RATE_HZ, output="sos"), voice).astype(np.float32)
    before, after = named(voice, spoken), named(small, spoken)
    assert after["first_db"] < before["first_db"] - 10
    assert after["low_db"] < before["low_db"] - 5
    assert after["low_slope_db_octave"] > before["low_slope_db_octave"] + 6
    assert after["rise_db_octave"] > before["rise_db_octave"] + 6


def test_a_room_makes_the_spectrum_uneven_and_blurs_the_pulses(voice: Float32Array, spoken: NDArray[np.bool_]) -> None:
    there = np.convolve(voice, room_response(np.random.default_rng(5)))[: len(voice)].astype(np.float32)
    before, after = named(voice, spoken), named(there, spoken)
    assert after["ripple_db"] > before["ripple_db"] + 1
    assert after["pulses_log"] < before["pulses_log"] - 0.2


def test_loudness_changes_nothing(voice: Float32Array, spoken: NDArray[np.bool_]) -> None:
    first, quieter = measure(voice, spoken), measure(0.25 * voice, spoken)
    assert first is not None
    assert quieter == pytest.approx(first, abs=0.05)


def test_a_telephone_band_is_seen(voice: Float32Array, spoken: NDArray[np.bool_]) -> None:
    narrow = sosfilt(butter(10, 3400, fs=SAMPLE_RATE_HZ, output="sos"), voice).astype(np.float32)
    assert treble_db(voice, spoken) > NARROW_DB + 10
    assert treble_db(narrow, spoken) < NARROW_DB


def test_hiss_and_silence_are_no_voice(spoken: NDArray[np.bool_]) -> None:
    hiss = np.random.default_rng(3).normal(0, 0.1, len(spoken)).astype(np.float32)
    assert measure(hiss, spoken) is None
    assert measure(np.zeros_like(hiss), spoken) is None
    assert measure(hiss, np.zeros_like(spoken)) is None


@pytest.mark.parametrize("hertz", [70.0, 130.0, 200.0, 320.0, 390.0])
@pytest.mark.parametrize("harmonics", [1, 3, 12])
def test_a_hum_on_one_note_is_measured_or_left_alone(spoken: NDArray[np.bool_], hertz: float, harmonics: int) -> None:
    time_s = np.arange(len(spoken)) / SAMPLE_RATE_HZ
    hum = np.sum([np.sin(2 * np.pi * number * hertz * time_s) for number in range(1, harmonics + 1)], axis=0)
    found = measure((0.05 * spoken * hum).astype(np.float32), spoken)
    assert found is None or np.isfinite(found).all()


@pytest.mark.parametrize("count", [1, 100, 1500, 5000])
def test_a_sound_may_be_short(voice: Float32Array, count: int) -> None:
    brief = voice[SAMPLE_RATE_HZ : SAMPLE_RATE_HZ + count]
    assert np.isfinite(treble_db(brief, np.ones(count, np.bool_)))
    found = measure(brief, np.ones(count, np.bool_))
    assert found is None or np.isfinite(found).all()
