"""The mel spectrum is the one that the speaker encoder was trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countersign.voice.mel import CHANNELS, HOP, mel_spectrum
from tests.voice.sounds import buzz, silence

VECTORS = Path(__file__).parent / "vectors" / "mel-librosa.npz"


def test_it_equals_what_librosa_makes_of_the_same_sound() -> None:
    with np.load(VECTORS) as recorded:
        sound, expected = recorded["sound"].astype(np.float32) / np.float32(32768), recorded["mels"]
    found = mel_spectrum(sound)
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6 * float(expected.max()))


@pytest.mark.parametrize("samples", [1, 159, 160, 161, 16_000])
def test_there_is_a_row_for_every_ten_milliseconds(samples: int) -> None:
    assert mel_spectrum(buzz(1.0)[:samples]).shape == (1 + samples // HOP, CHANNELS)


def test_it_grows_with_the_square_of_the_sound() -> None:
    sound = buzz(0.3)
    np.testing.assert_allclose(mel_spectrum(4 * sound), 16 * mel_spectrum(sound), rtol=1e-5)


def test_silence_has_no_power() -> None:
    assert not mel_spectrum(silence(0.5)).any()


def test_a_pure_tone_lies_in_the_channel_of_its_pitch() -> None:
    times = np.arange(16_000) / 16_000
    rows = [mel_spectrum(np.sin(2 * np.pi * hz * times).astype(np.float32))[50] for hz in (200.0, 1000.0, 4000.0)]
    loudest = [int(row.argmax()) for row in rows]
    assert loudest == sorted(set(loudest))
    assert all(row.max() > 0.5 * row.sum() for row in rows)
