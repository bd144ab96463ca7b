"""From a sound to one sample, or to the reason why not; with the real models."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soxr

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.arrays import Float32Array
from countersign.core.biometrics import Modality, VoiceSample
from countersign.core.samples import AudioClip
from countersign.voice.path import VoicePath
from tests.voice.sounds import buzz, clip, hiss, music, silence, spoken

SPEAKERS = ("marh", "mdms2", "meab", "fash", "fjam")


def sample_of(path: VoicePath, audio: AudioClip) -> VoiceSample:
    found = path.extract(audio)
    assert isinstance(found, VoiceSample), found
    return found


def reason(path: VoicePath, audio: AudioClip) -> AcquisitionReason:
    failed = path.extract(audio)
    assert isinstance(failed, FailureToAcquire)
    assert failed.modality is Modality.VOICE
    assert failed.detail
    return failed.reason


def likeness(one: VoiceSample, other: VoiceSample) -> float:
    return float(one.embedding.vector @ other.embedding.vector)


def mu_law(samples: Float32Array) -> Float32Array:
    """Through G.711 at 8 kHz and back."""
    narrow = np.clip(soxr.resample(samples, 16_000, 8_000), -1, 1)
    coded = np.round(127 * np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)) / 127
    decoded = np.sign(coded) * np.expm1(np.abs(coded) * np.log(256)) / 255
    return np.asarray(soxr.resample(decoded.astype(np.float32), 8_000, 16_000), np.float32)


@pytest.fixture(scope="module")
def speech(samples: Path) -> AudioClip:
    return spoken(samples, "librispeech-resemblyzer", "1998", 1, least_s=6.0)[0]


def test_speech_gives_one_sample_with_its_quality(path: VoicePath, speech: AudioClip) -> None:
    sample = sample_of(path, speech)
    assert sample.embedding.model == path.model
    assert sample.embedding.modality is Modality.VOICE
    assert 0.5 * speech.duration_s < sample.quality.speech_s <= speech.duration_s
    assert sample.quality.clipped == 0.0


def test_people_are_more_like_themselves_than_like_each_other(path: VoicePath, samples: Path) -> None:
    vectors = np.array(
        [
            [sample_of(path, audio).embedding.vector for audio in spoken(samples, "an4", speaker, 3)]
            for speaker in SPEAKERS
        ]
    )
    likeness_of = np.einsum("aid,bjd->abij", vectors, vectors)
    for one in range(len(SPEAKERS)):
        mates = likeness_of[one, one][np.triu_indices(3, 1)].mean()
        strangers = np.delete(likeness_of[one], one, axis=0).max()
        assert mates > strangers


@pytest.mark.parametrize("gain_db", [-20.0, -12.0, 12.0])
def test_how_loud_a_recording_is_does_not_matter(path: VoicePath, speech: AudioClip, gain_db: float) -> None:
    quiet = speech.samples * np.float32(0.2 / np.abs(speech.samples).max())
    louder = clip(quiet * np.float32(10 ** (gain_db / 20)))
    assert likeness(sample_of(path, clip(quiet)), sample_of(path, louder)) > 0.99


def test_a_telephone_leaves_the_voice_recognisable(path: VoicePath, samples: Path) -> None:
    ours, theirs = (spoken(samples, "an4", speaker, 2) for speaker in ("marh", "mdms2"))
    called = sample_of(path, clip(mu_law(ours[0].samples)))
    assert likeness(called, sample_of(path, ours[1])) > likeness(called, sample_of(path, theirs[1])) + 0.1


def test_silence_around_the_speech_does_not_matter(path: VoicePath, speech: AudioClip) -> None:
    longer = clip(np.concatenate([silence(3.0), speech.samples, silence(4.0)]))
    assert likeness(sample_of(path, speech), sample_of(path, longer)) > 0.98


def test_the_same_sound_gives_the_same_sample(path: VoicePath, speech: AudioClip) -> None:
    one, other = sample_of(path, speech), sample_of(path, speech)
    np.testing.assert_array_equal(one.embedding.vector, other.embedding.vector)
    assert one.quality == other.quality


@pytest.mark.parametrize(
    ("sound", "expected"),
    [
        (silence(3.0), AcquisitionReason.NO_SPEECH),
        (silence(0.001), AcquisitionReason.NO_SPEECH),
        (hiss(3.0), AcquisitionReason.NO_SPEECH),
        (buzz(3.0), AcquisitionReason.NO_SPEECH),
        (music(6.0), AcquisitionReason.NO_SPEECH),
    ],
    ids=["silence", "almost no sound", "noise", "hum", "music"],
)
def test_without_speech_there_is_no_sample(path: VoicePath, sound: Float32Array, expected: AcquisitionReason) -> None:
    assert reason(path, clip(sound)) is expected


def test_a_syllable_is_too_little(path: VoicePath, speech: AudioClip) -> None:
    start = round(16_000 * path.find_speech(speech).segments()[0].start_s)
    scrap = np.concatenate([silence(1.0), speech.samples[start : start + 6400], silence(1.0)])
    assert reason(path, clip(scrap)) is AcquisitionReason.TOO_LITTLE_SPEECH


def test_a_whisper_of_a_signal_is_too_quiet(path: VoicePath, speech: AudioClip) -> None:
    assert reason(path, clip(speech.samples * np.float32(2e-3))) in {
        AcquisitionReason.TOO_QUIET,
        AcquisitionReason.NO_SPEECH,
    }


def test_an_overdriven_recording_is_refused(path: VoicePath, speech: AudioClip) -> None:
    assert reason(path, clip(np.clip(60 * speech.samples, -1, 1))) is AcquisitionReason.CLIPPED
    assert reason(path, replace(speech, source_clipped=0.2)) is AcquisitionReason.CLIPPED


def test_speech_below_the_noise_is_refused(path: VoicePath, samples: Path) -> None:
    (utterance,) = spoken(samples, "an4", "marh", 1)
    around = np.concatenate([silence(1.0), utterance.samples, silence(1.0)])
    level = float(np.sqrt(np.mean(utterance.samples**2)))
    assert reason(path, clip(around + hiss(len(around) / 16_000, level=1.5 * level))) in {
        AcquisitionReason.TOO_NOISY,
        AcquisitionReason.NO_SPEECH,
        AcquisitionReason.TOO_LITTLE_SPEECH,
    }


def test_six_seconds_take_a_quarter_of_a_second_of_one_core(path: VoicePath, speech: AudioClip) -> None:
    six = clip(speech.samples[:96_000])
    path.warm_up()
    best = float("inf")
    for _ in range(5):
        started = time.thread_time()
        path.extract(six)
        best = min(best, time.thread_time() - started)
    assert best < 0.25
