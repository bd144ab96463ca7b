from __future__ import annotations

import numpy as np

from countersign.core.samples import SAMPLE_RATE_HZ
from countersign.evaluation.attacks.channels import from_loudspeaker, on_screen, printed, room_response

PICTURE = np.random.default_rng(0).integers(0, 256, (96, 128, 3)).astype(np.uint8)


def random() -> np.random.Generator:
    return np.random.default_rng(4)


def test_a_room_answers_after_the_direct_sound_and_dies_away() -> None:
    response = room_response(random())
    assert len(response) == SAMPLE_RATE_HZ // 4
    direct = int(np.argmax(np.abs(response)))
    assert 0 < direct < SAMPLE_RATE_HZ // 50  # within 7 metres
    energy = response.astype(np.float64) ** 2
    assert energy[: len(energy) // 4].sum() > 4 * energy[-len(energy) // 4 :].sum()


def test_a_small_loudspeaker_has_no_bass() -> None:
    times = np.arange(2 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    level = {}
    for pitch in (60.0, 1000.0):
        tone = (0.1 * np.sin(2 * np.pi * pitch * times)).astype(np.float32)
        level[pitch] = float(np.std(from_loudspeaker(tone, random(), response=np.ones(1, np.float32))))
    assert level[60.0] < 0.2 * level[1000.0]


def test_silence_stays_empty() -> None:
    assert len(from_loudspeaker(np.zeros(0, np.float32), random())) == 0


def test_a_print_has_less_contrast_and_a_screen_bands_that_wander() -> None:
    assert np.std(printed(PICTURE, random())) < np.std(PICTURE)
    one, same, later = (on_screen(PICTURE, time_s=time, random=random()) for time in (0.0, 0.0, 0.3))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, later)
    assert one.shape == PICTURE.shape
