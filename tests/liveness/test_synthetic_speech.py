"""The detector of synthetic speech moves a decision, for recordings that it can judge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countersign.core.evidence import Assessment, NotAssessed
from countersign.core.samples import SAMPLE_RATE_HZ, AudioClip, Capture
from countersign.liveness.synthetic_speech import WINDOW, SyntheticSpeech, busiest
from countersign.media.decode import decode
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.scoring.calibrate import Calibrations
from countersign.voice.path import VoicePath
from countersign.voice.segments import STEP, SpeechActivity

REAL = ("bonafide/VCTK/p302/*.opus", "../librispeech-resemblyzer/test-other/1998/*.opus")
"""Of the develop side."""


@pytest.fixture(scope="module")
def check(plus_runtime: Runtime, calibrations: Calibrations) -> SyntheticSpeech:
    loaded = SyntheticSpeech.load(plus_runtime, calibrations)
    assert isinstance(loaded, SyntheticSpeech)
    return loaded


@pytest.fixture(scope="module")
def voice(plus_runtime: Runtime) -> VoicePath:
    return VoicePath.load(plus_runtime)


def sound(file: Path) -> AudioClip:
    audio = decode(Capture(data=file.read_bytes())).audio
    assert audio is not None
    return audio


def activity(speech: list[bool]) -> SpeechActivity:
    """Speech or not, for each second."""
    steps = np.repeat(np.array(speech), SAMPLE_RATE_HZ // STEP + 1)
    return SpeechActivity(
        probabilities=steps.astype(np.float32),
        speech=steps,
        length=min(len(speech) * SAMPLE_RATE_HZ, len(steps) * STEP),
    )


def test_clones_take_more_than_the_real_voice(samples: Path, check: SyntheticSpeech, voice: VoicePath) -> None:
    folder = samples / "voice" / "spoof-yourtts"
    clones = sorted(folder.glob("spoof-tts/VCTK/p302/*.opus"))[::16][:3]
    real = [file for pattern in REAL for file in sorted(folder.glob(pattern))[-3:]]
    taken = {}
    for name, files in (("clones", clones), ("real", real)):
        results = [check.check(clip, voice.find_speech(clip)) for clip in map(sound, files)]
        judged = [result for result in results if isinstance(result, Assessment)]
        assert len(judged) >= 3
        taken[name] = np.mean([max(0.0, -result.llr.value) for result in judged])
    assert taken["clones"] > taken["real"] + 0.5


def test_the_measures_say_what_was_judged(samples: Path, check: SyntheticSpeech, voice: VoicePath) -> None:
    clip = sound(min((samples / "voice" / "librispeech-resemblyzer" / "test-other" / "1998").glob("*.opus")))
    result = check.check(clip, voice.find_speech(clip))
    assert isinstance(result, Assessment)
    assert 1.0 <= result.measures["speech_s"] <= WINDOW / SAMPLE_RATE_HZ
    assert 0.0 <= result.measures["window_start_s"] <= clip.duration_s


def test_what_cannot_be_judged_is_not_assessed(check: SyntheticSpeech) -> None:
    short, quiet = (AudioClip(samples=np.zeros(n * SAMPLE_RATE_HZ, np.float32)) for n in (2, 5))
    unknown = NotAssessed(reason="nobody listened")
    for audio, spoken, reason in (
        (None, unknown, "no sound"),
        (quiet, unknown, "nobody listened"),
        (short, activity([True, True]), "shorter"),
        (quiet, activity([False] * 5), "less than"),
    ):
        result = check.check(audio, spoken)
        assert isinstance(result, NotAssessed)
        assert reason in result.reason


def test_without_its_model_there_is_no_check(tmp_path: Path, calibrations: Calibrations) -> None:
    result = SyntheticSpeech.load(Runtime(ModelStore(tmp_path)), calibrations)
    assert isinstance(result, NotAssessed)
    assert "aasist" in result.reason


@pytest.mark.parametrize(
    ("speech", "from_s", "to_s"),
    [([True] * 8, 0.0, 0.0), ([False] * 4 + [True] * 4, 3.9, 4.1), ([True, False, True], 0.0, 0.0), ([], 0.0, 0.0)],
    ids=["all", "at the end", "short", "nothing"],
)
def test_the_window_is_where_most_speech_is(speech: list[bool], from_s: float, to_s: float) -> None:
    assert from_s <= busiest(activity(speech)) / SAMPLE_RATE_HZ <= to_s
