"""Many windows, every moment in as many of them, at several levels and in both directions."""

from __future__ import annotations

import numpy as np
import pytest

from countersign.voice.embed import WINDOW_FRAMES, embed, window_places
from countersign.voice.mel import mel_spectrum
from countersign.voice.path import VoicePath
from tests.voice.sounds import buzz, silence


@pytest.mark.parametrize("frames", [1, 50, 160, 161, 601, 6000])
def test_every_moment_is_in_about_as_many_windows_as_any_other(frames: int) -> None:
    counts = np.bincount(window_places(frames).ravel(), minlength=frames)
    assert counts.min() >= 1
    assert counts.max() - counts.min() <= max(4, 0.3 * counts.max())


def test_six_seconds_cost_thirty_windows_and_a_minute_not_much_more() -> None:
    assert window_places(601).shape == (30, WINDOW_FRAMES)
    assert len(window_places(6001)) < 100


def test_windows_run_round_the_end() -> None:
    last = window_places(300)[27]
    assert last[0] > 250
    np.testing.assert_array_equal(last, (last[0] + np.arange(WINDOW_FRAMES)) % 300)


def test_a_third_of_the_windows_is_heard_backwards() -> None:
    steps = np.diff(window_places(601), axis=1) % 601
    backwards = (steps == 600).all(axis=1)
    assert backwards.sum() == 9
    assert ((steps == 1).all(axis=1) | backwards).all()


def test_an_embedding_is_a_unit_vector_without_negative_elements(path: VoicePath) -> None:
    mels = 100 * mel_spectrum(buzz(2.0))
    vector = embed(path.encoder, mels, np.ones(len(mels), np.bool_)).vector
    assert vector.shape == (256,)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
    assert vector.min() >= 0


def test_a_long_silence_around_the_speech_does_not_matter(path: VoicePath) -> None:
    def embedded(lead_s: float) -> np.ndarray:
        mels = 100 * mel_spectrum(np.concatenate([silence(lead_s), buzz(2.0), silence(lead_s)]))
        speech = np.zeros(len(mels), np.bool_)
        speech[round(100 * lead_s) : round(100 * lead_s) + 200] = True
        return embed(path.encoder, mels, speech).vector

    assert embedded(1.0) @ embedded(5.0) > 0.999
