"""The phrase check takes people at their words, and nobody's other words."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from countersign.cli.demo.espeak import speak
from countersign.core.errors import ConfigurationError
from countersign.core.evidence import NotAssessed
from countersign.core.samples import AudioClip, Capture
from countersign.liveness.challenge import Challenge, ChallengeRules, Mode
from countersign.liveness.phrase import LONGEST_S, PhraseCheck, PhraseResult
from countersign.liveness.word_list import WordList
from countersign.media.decode import decode
from tests.liveness.draws import SameDraws
from tests.liveness.readings import DIGITS, sound, words

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SENTENCES = {"bgbh6p": "bin green by h six please", "bram4p": "bin red at m four please"}
VOICES = [("en-us", 50), ("en-us+f2", 55), ("en-us+m3", 45)]


@pytest.fixture(scope="module")
def check() -> PhraseCheck:
    return PhraseCheck.load()


def challenge(*asked: str, mode: Mode = Mode.WORDS, seed: int = 0) -> Challenge:
    rules = ChallengeRules(mode=mode, count=6)
    made = rules.draw(WordList.words() if mode is Mode.WORDS else WordList.digits(), source=SameDraws(seed), now=NOW)
    return replace(made, words=asked or made.words)


def spoken(*said: str, voice: str = "en-us", pitch: int = 50) -> AudioClip:
    """A synthetic voice, in a faint hiss. A smoke test: synthetic speech says nothing about accuracy."""
    clear = np.concatenate([speak(f"{word}.", voice=voice, pitch=pitch, words_per_minute=140) for word in said])
    hiss = np.random.default_rng(0).normal(0.0, 0.001, len(clear))
    return AudioClip(samples=(0.5 * clear + hiss).astype(np.float32))


def judged(result: PhraseResult | NotAssessed) -> PhraseResult:
    assert isinstance(result, PhraseResult), result
    return result


@pytest.mark.parametrize("name", DIGITS)
def test_digits_that_were_read_are_accepted(samples: Path, check: PhraseCheck, name: str) -> None:
    asked = challenge(*words(name), mode=Mode.DIGITS)
    assert judged(check.check(sound(samples, name), asked)).llr.value > 0


@pytest.mark.parametrize(("name", "said"), SENTENCES.items())
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_who_keeps_quiet_while_the_head_turns_is_understood_as_well(
    samples: Path, check: PhraseCheck, name: str, said: str, first: bool
) -> None:
    audio = decode(Capture(data=(samples / f"av/grid/s1/{name}.mpg").read_bytes())).audio
    assert audio is not None
    quiet = np.random.default_rng(0).normal(0.0, 3e-4, 16_000 * 4).astype(np.float32)
    parts = [quiet, audio.samples] if first else [audio.samples, quiet]
    asked = challenge(*said.split())
    alone, turned = (
        judged(check.check(AudioClip(samples=sound), asked)).llr.value
        for sound in (audio.samples, np.concatenate(parts))
    )
    assert alone > 0
    assert turned > max(0.0, alone - 1.5)


@pytest.mark.parametrize("name", DIGITS)
def test_other_digits_than_were_read_are_not_accepted(samples: Path, check: PhraseCheck, name: str) -> None:
    for seed in range(4):
        result = judged(check.check(sound(samples, name), challenge(mode=Mode.DIGITS, seed=seed)))
        assert result.llr.value < 0


@pytest.mark.parametrize("name", DIGITS)
def test_speech_is_not_taken_for_words_of_the_list(samples: Path, check: PhraseCheck, name: str) -> None:
    for seed in range(2):
        assert judged(check.check(sound(samples, name), challenge(seed=seed))).llr.value < -2


@pytest.mark.parametrize(("voice", "pitch"), VOICES)
def test_synthetic_voices_read_words_of_the_list(check: PhraseCheck, voice: str, pitch: int) -> None:
    asked = ("volcano", "guitar", "elephant", "square", "window")
    clip = spoken(*asked, voice=voice, pitch=pitch)
    assert judged(check.check(clip, challenge(*asked))).llr.value > 0
    assert judged(check.check(clip, challenge(*asked[::-1]))).llr.value < 0
    assert judged(check.check(clip, challenge("butterfly", *asked[1:]))).llr.value < 0


def test_the_word_that_was_not_said_is_pointed_out_to_the_operator(check: PhraseCheck) -> None:
    result = judged(check.check(spoken("volcano", "guitar", "window"), challenge("volcano", "pencil", "window")))
    assert min(result.words, key=lambda word: word.llr.value).word == "pencil"
    assert result.words[1].rival == "guitar"
    assert result.words[1].margin < 0 < result.words[0].margin


def test_times_are_on_the_clock_of_the_recording(samples: Path, check: PhraseCheck) -> None:
    name = "fash/cen7-fash-b"
    clip, asked = sound(samples, name), challenge(*words(name), mode=Mode.DIGITS)
    here = judged(check.check(clip, asked))
    later = judged(check.check(replace(clip, start_s=10.0), asked))
    for word, moved in zip(here.words, later.words, strict=True):
        assert moved.start_s == pytest.approx(word.start_s + 10.0)
        assert moved.end_s == pytest.approx(word.end_s + 10.0)
        assert 0.0 <= word.start_s < word.end_s <= clip.duration_s


@pytest.mark.parametrize("sound", ["silence", "hiss", "hum", "click"])
def test_what_is_no_speech_is_no_answer(check: PhraseCheck, sound: str) -> None:
    count = 16_000 * 5
    samples = {
        "silence": np.zeros(count),
        "hiss": np.random.default_rng(1).normal(0.0, 0.05, count),
        "hum": 0.3 * np.sin(2 * np.pi * 50 * np.arange(count) / 16_000),
        "click": np.eye(1, count, count // 2)[0],
    }[sound]
    result = judged(check.check(AudioClip(samples=samples.astype(np.float32)), challenge()))
    assert result.llr.value < 0


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.5])
def test_a_recording_too_short_for_the_words_is_not_assessed(check: PhraseCheck, seconds: float) -> None:
    clip = AudioClip(samples=np.zeros(round(16_000 * seconds), np.float32))
    result = check.check(clip, challenge())
    assert isinstance(result, NotAssessed)
    assert "too short" in result.reason


def test_what_cannot_be_judged_is_not_assessed(check: PhraseCheck) -> None:
    clip = AudioClip(samples=np.zeros(16_000 * 3, np.float32))
    long = AudioClip(samples=np.zeros(16_000 * (round(LONGEST_S) + 1), np.float32))
    for audio, asked, reason in (
        (None, challenge(), "no sound"),
        (clip, replace(challenge(), language="fr"), "language fr"),
        (clip, challenge("volcano", "qwrtzk"), "qwrtzk"),
        (long, challenge(), "longer"),
    ):
        result = check.check(audio, asked)
        assert isinstance(result, NotAssessed)
        assert reason in result.reason


def test_a_word_from_elsewhere_is_looked_up(check: PhraseCheck) -> None:
    asked = ("volcano", "bread", "window")
    assert judged(check.check(spoken(*asked), challenge(*asked))).llr.value > 0


def test_threads_share_one_check(samples: Path, check: PhraseCheck) -> None:
    jobs = [(sound(samples, name), challenge(*words(name), mode=Mode.DIGITS)) for name in DIGITS]
    alone = [check.check(*job) for job in jobs]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda job: check.check(*job), jobs)) == alone


def test_a_recording_of_six_seconds_takes_well_under_a_second_of_one_core(samples: Path, check: PhraseCheck) -> None:
    clip = sound(samples, "fash/cen7-fash-b")
    six = AudioClip(samples=np.resize(clip.samples, 16_000 * 6))
    asked = challenge()
    best = float("inf")
    for _ in range(4):
        begin = time.thread_time()
        check.check(six, asked)
        best = min(best, time.thread_time() - begin)
    # Measured: 0.13 s. Three times that on a slow machine is still a login.
    assert best < 0.4


def test_a_ratio_says_no_more_than_the_counts_behind_it(samples: Path, check: PhraseCheck) -> None:
    for name in DIGITS:
        llr = judged(check.check(sound(samples, name), challenge(*words(name), mode=Mode.DIGITS))).llr
        assert abs(llr.value) < 10
        assert llr.calibration.startswith("phrase-digits-all@")


def test_without_a_calibration_for_the_model_nothing_is_judged(check: PhraseCheck) -> None:
    from countersign.liveness.acoustics.model import AcousticModel  # noqa: PLC0415 - only here
    from countersign.scoring.calibrate import Calibrations  # noqa: PLC0415

    bare = PhraseCheck(
        model=AcousticModel.english(),
        words=WordList.words(),
        digits=WordList.digits(),
        calibrations=Calibrations(members=()),
    )
    clip = AudioClip(samples=np.zeros(16_000 * 5, np.float32))
    with pytest.raises(ConfigurationError):
        bare.check(clip, challenge())


def test_an_expired_challenge_is_none_of_this_checks_business(check: PhraseCheck) -> None:
    old = replace(challenge(), issued_at=NOW - timedelta(days=2), expires_at=NOW - timedelta(days=1))
    clip = AudioClip(samples=np.zeros(16_000 * 5, np.float32))
    assert isinstance(check.check(clip, old), PhraseResult)
