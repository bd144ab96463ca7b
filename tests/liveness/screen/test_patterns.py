"""A pattern that runs over face and background alike is found; one of a shirt or of a curtain is not."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from countersign.core.arrays import UInt8Array
from countersign.liveness.screen.patterns import SIDE, Patterns, patterns, squares

CENTRE = (220.0, 170.0)
NOISE_DB = 13.0


def scene(seed: int, pattern: NDArray[np.float64] | None = None) -> UInt8Array:
    """A soft picture, always the same, with noise of its own and perhaps a pattern."""
    spots = np.random.default_rng(7).uniform(60, 200, (8, 10, 3))
    smooth = cv2.resize(spots, (440, 340), interpolation=cv2.INTER_CUBIC)
    noisy = smooth + np.random.default_rng(seed).normal(0, 4, smooth.shape)
    patterned = noisy if pattern is None else noisy + pattern[..., np.newaxis]
    return np.asarray(np.clip(patterned, 0, 255), np.uint8)


def waves(across: float, down: float, *, height: float = 3.0) -> NDArray[np.float64]:
    """Cycles a pixel."""
    rows, columns = np.mgrid[:340, :440]
    return np.asarray(height * np.cos(2 * np.pi * (across * columns + down * rows)))


def measured(*images: UInt8Array) -> Patterns:
    found = patterns(images, [CENTRE] * len(images), 100.0)
    assert found is not None
    return found


QUIET = measured(*(scene(seed) for seed in range(6)))


def test_noise_has_no_pattern() -> None:
    assert QUIET.single < NOISE_DB
    assert QUIET.fixed < NOISE_DB


def test_a_pattern_over_face_and_background_stands_out() -> None:
    found = measured(*(scene(seed, waves(0.31, 0.17)) for seed in range(6)))
    assert found.single > NOISE_DB + 4
    assert found.fixed > NOISE_DB + 4


def test_a_pattern_that_a_held_screen_moves_stands_out_in_single_pictures() -> None:
    found = measured(*(scene(seed, waves(0.28 + 0.02 * seed, 0.2 - 0.01 * seed)) for seed in range(6)))
    assert found.single > NOISE_DB + 4


def test_the_best_pictures_count_where_a_codec_spoiled_the_others() -> None:
    some = [scene(seed, waves(0.31, 0.17)) for seed in range(3)]
    assert measured(*some, *(scene(seed) for seed in range(3, 9))).single > NOISE_DB + 4


@pytest.mark.parametrize("on_face", [True, False])
def test_a_pattern_of_the_face_or_of_the_background_alone_does_not_count(*, on_face: bool) -> None:
    inside = np.zeros((340, 440))
    left, top = squares(440, 340, CENTRE, 100.0)[0]
    inside[top : top + SIDE, left : left + SIDE] = 1
    where = inside if on_face else 1 - inside
    found = measured(*(scene(seed, where * waves(0.31, 0.17)) for seed in range(6)))
    everywhere = measured(*(scene(seed, waves(0.31, 0.17)) for seed in range(6)))
    assert found.single < everywhere.single - 3


def test_a_screen_that_stands_upright_is_found_by_rows_and_columns_together() -> None:
    rows, columns = waves(0.0, 0.36, height=1.5), waves(0.34, 0.0, height=1.5)
    assert measured(*(scene(seed, rows + columns) for seed in range(6))).single > NOISE_DB + 2
    for one in (rows, columns):
        assert measured(*(scene(seed, one) for seed in range(6))).single < NOISE_DB


def test_blocks_of_a_codec_do_not_count() -> None:
    rows, columns = np.mgrid[:340, :440]
    blocks = 3.0 * ((rows % 8 == 0) | (columns % 8 == 0))
    assert measured(*(scene(seed, blocks) for seed in range(6))).single < NOISE_DB


@pytest.mark.parametrize("size", [(128, 128), (224, 224), (300, 127)])
def test_pictures_without_room_beside_the_face_are_not_measured(size: tuple[int, int]) -> None:
    width, height = size
    image = np.zeros((height, width, 3), np.uint8)
    assert patterns([image] * 4, [(width / 2, height / 2)] * 4, 90.0) is None


@pytest.mark.parametrize("centre", [(0.0, 0.0), (320.0, 240.0), (639.0, 479.0), (-50.0, 700.0)])
def test_squares_lie_in_the_picture_and_hardly_on_each_other(centre: tuple[float, float]) -> None:
    found = squares(640, 480, centre, 150.0)
    assert 3 <= len(found) <= 4
    assert all(0 <= left <= 640 - SIDE and 0 <= top <= 480 - SIDE for left, top in found)
    for (x, y), (u, v) in itertools.combinations(found, 2):
        assert max(0, SIDE - abs(x - u)) * max(0, SIDE - abs(y - v)) <= 0.35 * SIDE**2


def test_beside_a_large_face_is_beside_it() -> None:
    (left, top), *beside = squares(1280, 720, (640.0, 360.0), 300.0)
    assert (left, top) == (640 - SIDE // 2, 360 - SIDE // 2)
    assert all(x + SIDE <= 640 - 150 or x >= 640 + 150 for x, _ in beside)


def test_an_empty_picture_has_figures() -> None:
    found = measured(*(np.zeros((340, 440, 3), np.uint8) for _ in range(4)))
    assert np.isfinite([found.single, found.fixed, found.on_face]).all()
