"""Where somebody speaks, on the recording's clock."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countersign.voice.path import VoicePath
from countersign.voice.segments import STEP, SpeechActivity, steady
from tests.voice.sounds import clip, heard, hiss, music, silence, spoken

STEP_S = STEP / 16_000


def activity(speech: list[int], *, length: int | None = None, start_s: float = 0.0) -> SpeechActivity:
    flags = np.array(speech, np.bool_)
    samples = len(flags) * STEP if length is None else length
    return SpeechActivity(probabilities=flags.astype(np.float32), speech=flags, length=samples, start_s=start_s)


def test_speech_begins_at_the_upper_threshold_and_ends_at_the_lower() -> None:
    found = steady(np.array([0, 0.4, 0.6, 0.4, 0.4, 0.2, 0, 0], np.float32))
    np.testing.assert_array_equal(found, np.array([0, 1, 1, 1, 1, 1, 0, 0], np.bool_))


def test_a_click_is_not_speech() -> None:
    assert not steady(np.array([0, 0, 0.9, 0, 0], np.float32)).any()


def test_what_never_reaches_the_upper_threshold_is_not_speech() -> None:
    assert not steady(np.full(20, 0.45, np.float32)).any()


def test_a_short_gap_does_not_end_a_segment_and_a_long_one_does() -> None:
    word = [0.9] * 6
    assert len(activity(steady(np.array(word + [0.1] * 3 + word, np.float32)).tolist()).segments()) == 1
    assert len(activity(steady(np.array(word + [0.1] * 9 + word, np.float32)).tolist()).segments()) == 2


def test_segments_are_on_the_clock_of_the_recording() -> None:
    first, second = activity([0, 1, 1, 0, 0, 0, 1], start_s=2.0).segments()
    assert first.start_s == pytest.approx(2.0 + STEP_S)
    assert first.duration_s == pytest.approx(2 * STEP_S)
    assert second.end_s == pytest.approx(2.0 + 7 * STEP_S)


def test_the_last_segment_ends_with_the_sound() -> None:
    found = activity([0, 1], length=STEP + 100)
    assert found.segments()[0].end_s == pytest.approx((STEP + 100) / 16_000)
    assert found.speech_s == pytest.approx(100 / 16_000)
    assert found.mask().shape == (STEP + 100,)


def test_a_whole_recording_is_not_changed_by_what_it_is_asked() -> None:
    found = activity([0, 1])
    with pytest.raises(ValueError, match="read-only"):
        found.speech[0] = True


@pytest.mark.parametrize("sound", [silence(3.0), hiss(3.0, level=0.05), music(6.0)], ids=["silence", "noise", "music"])
def test_no_speech_is_found_where_there_is_none(path: VoicePath, sound: np.ndarray) -> None:
    assert path.find_speech(clip(sound)).segments() == ()


def test_real_speech_is_found_between_the_silences_around_it(path: VoicePath, samples: Path) -> None:
    (utterance,) = spoken(samples, "an4", "marh", 1)
    around = np.concatenate([silence(1.0), utterance.samples, silence(2.0)])
    found = path.find_speech(clip(around, start_s=5.0)).segments()
    assert found[0].start_s > 5.9
    assert found[-1].end_s < 6.1 + utterance.duration_s
    assert sum(segment.duration_s for segment in found) > 0.4 * utterance.duration_s


def test_a_sound_shorter_than_a_step_is_judged_too(path: VoicePath) -> None:
    assert path.find_speech(clip(silence(0.01))).segments() == ()


def test_recorded_noises_are_hardly_ever_taken_for_speech(path: VoicePath, samples: Path) -> None:
    files = sorted((samples / "voice/noise-rir/esc10").rglob("*.opus"))[::3]
    assert len(files) >= 10
    assert max(path.find_speech(heard(file)).speech_s for file in files) < 0.6
