"""People are told from small loudspeakers, where there is enough to tell by."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soxr
from scipy.signal import butter, sosfilt

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.evidence import Assessment, CheckName, NotAssessed
from countersign.core.samples import SAMPLE_RATE_HZ, AudioClip, Capture
from countersign.evaluation.attacks.channels import from_loudspeaker
from countersign.liveness.loudspeaker.check import LoudspeakerCheck
from countersign.media.decode import decode
from countersign.models.runtime import Runtime
from countersign.policy.profiles import STANDARD, TELEPHONE
from countersign.scoring.calibrate import Calibrations
from countersign.voice.path import VoicePath
from countersign.voice.segments import STEP, SpeechActivity

SPEECH = "voice/librispeech-resemblyzer/test-other/{}/*.opus"
PEOPLE = ("1998", "2033", "3331", "533")
"""Of the develop side, women and men."""


@pytest.fixture(scope="module")
def check(calibrations: Calibrations) -> LoudspeakerCheck:
    return LoudspeakerCheck.load(calibrations)


@pytest.fixture(scope="module")
def voice(runtime: Runtime) -> VoicePath:
    return VoicePath.load(runtime)


def sound(samples: Path, person: str) -> AudioClip:
    audio = decode(Capture(data=min(samples.glob(SPEECH.format(person))).read_bytes())).audio
    assert audio is not None
    return replace(audio, samples=audio.samples[: 6 * SAMPLE_RATE_HZ].copy())


def everywhere(length: int, *, speech: bool = True) -> SpeechActivity:
    steps = np.full(length // STEP + 1, speech)
    return SpeechActivity(probabilities=steps.astype(np.float32), speech=steps, length=length)


@pytest.mark.parametrize("person", PEOPLE)
def test_a_person_passes_and_a_small_loudspeaker_in_a_room_does_not(
    samples: Path, check: LoudspeakerCheck, voice: VoicePath, person: str
) -> None:
    clip, floor = sound(samples, person), STANDARD.checks[CheckName.LOUDSPEAKER].floor
    small = sosfilt(butter(3, 450, "high", fs=SAMPLE_RATE_HZ, output="sos"), clip.samples).astype(np.float32)
    tablet, phone = (from_loudspeaker(each, np.random.default_rng(7)) for each in (clip.samples, small))
    ratios = []
    for samples_of in (clip.samples, tablet, phone):
        played = replace(clip, samples=samples_of)
        result = check.check(played, voice.find_speech(played))
        assert isinstance(result, Assessment)
        ratios.append(result.llr.value)
    assert ratios[0] > 0
    assert ratios[1] < ratios[0] - 2
    assert ratios[1] < -0.5
    assert ratios[2] < floor


def test_a_telephone_band_is_not_judged(samples: Path, check: LoudspeakerCheck, voice: VoicePath) -> None:
    clip = sound(samples, PEOPLE[0])
    narrow = soxr.resample(soxr.resample(clip.samples, SAMPLE_RATE_HZ, 8000), 8000, SAMPLE_RATE_HZ)
    result = check.check(replace(clip, samples=narrow.astype(np.float32)), voice.find_speech(clip))
    assert isinstance(result, FailureToAcquire)
    assert result.reason is AcquisitionReason.TOO_NARROW
    assert CheckName.LOUDSPEAKER not in TELEPHONE.checks


def test_what_cannot_be_judged_is_not_assessed(check: LoudspeakerCheck) -> None:
    clip = AudioClip(samples=np.zeros(2 * SAMPLE_RATE_HZ, np.float32))
    for audio, activity in ((None, everywhere(9)), (clip, NotAssessed(reason="nobody listened"))):
        assert isinstance(check.check(audio, activity), NotAssessed)


@pytest.mark.parametrize(
    ("loud", "speech", "reason"),
    [(0.0, False, AcquisitionReason.NO_SPEECH), (0.1, True, AcquisitionReason.TOO_LITTLE_SPEECH)],
    ids=["silence", "hiss"],
)
def test_who_says_nothing_is_asked_again(
    check: LoudspeakerCheck, loud: float, speech: bool, reason: AcquisitionReason
) -> None:
    hiss = loud * np.random.default_rng(1).normal(size=2 * SAMPLE_RATE_HZ)
    result = check.check(AudioClip(samples=hiss.astype(np.float32)), everywhere(len(hiss), speech=speech))
    assert isinstance(result, FailureToAcquire)
    assert result.reason is reason
