"""Sound becomes features that do not depend on its level, and never anything that is not a number."""

from __future__ import annotations

import numpy as np
import pytest

from countersign.core.arrays import Float32Array
from countersign.liveness.acoustics.cepstra import features, mel_bands, reduce_noise


def babble(seconds: float = 1.0, seed: int = 0) -> Float32Array:
    rng = np.random.default_rng(seed)
    count = round(16_000 * seconds)
    envelope = np.repeat(rng.uniform(0.1, 1.0, count // 800 + 1), 800)[:count]
    return (0.1 * envelope * rng.standard_normal(count)).astype(np.float32)


def test_there_is_a_frame_every_ten_milliseconds_of_three_streams_of_thirteen() -> None:
    assert features(babble()).shape == (98, 3, 13)


@pytest.mark.parametrize("count", [0, 1, 409])
def test_less_than_a_window_gives_no_frames(count: int) -> None:
    assert features(np.zeros(count, np.float32)).shape == (0, 3, 13)


@pytest.mark.parametrize("sound", [np.zeros(16_000), np.ones(16_000), np.full(16_000, -2.0), 1e-30 * np.ones(16_000)])
def test_silence_and_overload_give_finite_features(sound: Float32Array) -> None:
    assert np.isfinite(features(sound.astype(np.float32))).all()


def test_four_times_the_level_gives_nearly_the_same_features() -> None:
    sound = babble()
    assert np.abs(features(sound) - features((sound / 4).astype(np.float32))).max() < 0.2


def test_differences_are_of_two_frames_either_side() -> None:
    found = features(babble())
    assert found[10, 1] == pytest.approx(found[12, 0] - found[8, 0], abs=1e-4)
    assert found[10, 2] == pytest.approx(found[11, 1] - found[9, 1], abs=1e-4)


def test_a_tone_lights_the_band_it_lies_in() -> None:
    time = np.arange(16_000) / 16_000
    low, high = (mel_bands(np.sin(2 * np.pi * hz * time).astype(np.float32))[50].argmax() for hz in (300, 3000))
    assert low < 5
    assert high > 15


def test_steady_noise_is_turned_down_and_what_stands_out_is_kept() -> None:
    bands = np.full((600, 25), 1e6)
    bands[500:510] *= 1000
    kept = reduce_noise(bands) / bands
    assert kept[450:500].max() < 0.5
    assert kept[503:508].min() > 0.8


def test_quiet_before_or_after_the_words_changes_nothing_that_is_said() -> None:
    words = babble(2.0)
    rng = np.random.default_rng(1)
    quiet = (3e-4 * rng.standard_normal(4 * 16_000)).astype(np.float32)
    alone, after, before = (
        features(sound, spoken_mean=True)
        for sound in (words, np.concatenate([words, quiet]), np.concatenate([quiet, words]))
    )
    # The first frames aside, while the noise reduction settles.
    assert np.abs(after[20:190] - alone[20:190]).mean() < 0.5
    assert np.abs(before[-170:-10] - alone[-170:-10]).mean() < 0.5
    shifted = features(np.concatenate([words, quiet]))[20:190] - features(words)[20:190]
    assert np.abs(shifted).mean() > 0.5, "as the mean of everything would"
