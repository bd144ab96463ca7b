"""Enough good speech, or the reason why not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soxr

from countersign.core.acquisition import AcquisitionReason
from countersign.core.biometrics import Modality
from countersign.core.quality import SpeechQuality
from countersign.voice.path import VoicePath
from countersign.voice.quality import find_fault, measure_quality
from countersign.voice.segments import STEP, SpeechActivity
from tests.voice.sounds import buzz, clip, hiss, silence, spoken

GOOD = SpeechQuality(speech_s=3.0, snr_db=20.0, level_dbfs=-25.0, clipped=0.0, bandwidth_hz=6000.0)


def spoken_at(flags: list[int]) -> SpeechActivity:
    speech = np.repeat(np.array(flags, np.bool_), 25)
    return SpeechActivity(probabilities=speech.astype(np.float32), speech=speech, length=len(speech) * STEP)


def noisy(*, speech_level: float, noise_level: float) -> SpeechQuality:
    part = 25 * STEP / 16_000
    sound = np.concatenate([silence(part), buzz(2 * part, level=speech_level), silence(part)])
    return measure_quality(clip(sound + hiss(4 * part, level=noise_level)), spoken_at([0, 1, 1, 0]))


def test_good_speech_has_no_fault() -> None:
    assert find_fault(GOOD) is None
    assert find_fault(replace(GOOD, snr_db=None)) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"speech_s": 0.0}, AcquisitionReason.NO_SPEECH),
        ({"speech_s": 0.4}, AcquisitionReason.TOO_LITTLE_SPEECH),
        ({"level_dbfs": -70.0}, AcquisitionReason.TOO_QUIET),
        ({"clipped": 0.3}, AcquisitionReason.CLIPPED),
        ({"snr_db": -3.0}, AcquisitionReason.TOO_NOISY),
    ],
)
def test_each_fault_has_its_reason(change: dict[str, float], reason: AcquisitionReason) -> None:
    fault = find_fault(replace(GOOD, **change))
    assert fault is not None
    assert fault.reason is reason
    assert fault.modality is Modality.VOICE
    assert fault.detail


def test_the_ratio_of_speech_to_noise_is_measured_in_decibels() -> None:
    assert noisy(speech_level=0.1, noise_level=0.01).snr_db == pytest.approx(20.0, abs=0.5)
    assert noisy(speech_level=0.1, noise_level=0.1).snr_db == pytest.approx(0.0, abs=0.5)


def test_a_click_in_a_pause_is_not_taken_for_noise() -> None:
    part = 25 * STEP / 16_000
    sound = np.concatenate([silence(part), buzz(2 * part), silence(part)]) + hiss(4 * part, level=0.001)
    sound[1000:1400] += 0.9
    found = measure_quality(clip(sound), spoken_at([0, 1, 1, 0]))
    assert found.snr_db == pytest.approx(40.0, abs=1.0)


def test_there_is_no_ratio_without_a_pause() -> None:
    assert measure_quality(clip(buzz(1.6)), spoken_at([1, 1])).snr_db is None


def test_the_level_is_that_of_the_speech_alone() -> None:
    found = noisy(speech_level=0.1, noise_level=0.0)
    assert found.level_dbfs == pytest.approx(-20.0, abs=0.1)
    assert found.speech_s == pytest.approx(1.6)


def test_clipping_before_and_after_conversion_counts() -> None:
    sound = np.clip(20 * buzz(1.6), -1, 1)
    assert measure_quality(clip(sound), spoken_at([1, 1])).clipped > 0.3
    before = replace(clip(buzz(1.6)), source_clipped=0.4)
    assert measure_quality(before, spoken_at([1, 1])).clipped == pytest.approx(0.4)


def test_telephone_sound_is_known_by_its_bandwidth(path: VoicePath, samples: Path) -> None:
    (wide,) = spoken(samples, "librispeech-resemblyzer", "1998", 1)
    narrow = soxr.resample(soxr.resample(wide.samples, 16_000, 8_000), 8_000, 16_000)
    activity = path.find_speech(wide)
    assert measure_quality(wide, activity).bandwidth_hz > 5000
    assert measure_quality(clip(narrow), activity).bandwidth_hz < 4000


def test_silence_is_measured_without_complaint() -> None:
    found = measure_quality(clip(silence(0.8)), spoken_at([0]))
    assert found == SpeechQuality(speech_s=0.0, snr_db=None, level_dbfs=-120.0, clipped=0.0, bandwidth_hz=0.0)
