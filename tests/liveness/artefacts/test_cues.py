"""The figures for the operator rise with what they are about."""

from __future__ import annotations

import cv2
import numpy as np

from countersign.core.arrays import UInt8Array
from countersign.liveness.artefacts.cues import banding_db, moire_db, straight_sides
from tests.liveness.artefacts.test_crops import face

FACE = face(120, 70, 320, 270)


def grain(seed: int = 0) -> UInt8Array:
    """A blurred picture, always the same, with noise of its own."""
    spots = np.random.default_rng(7).uniform(60, 200, (8, 10, 3))
    smooth = cv2.resize(spots, (440, 340), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(seed).normal(0, 4, smooth.shape)
    picture: UInt8Array = np.clip(smooth + noise, 0, 255).astype(np.uint8)
    return picture


def test_a_regular_pattern_stands_out() -> None:
    rows, columns = np.mgrid[:340, :440]
    pattern = 6 * np.sin(2 * np.pi * (0.21 * rows + 0.17 * columns))
    patterned = np.clip(grain() + pattern[..., np.newaxis], 0, 255).astype(np.uint8)
    assert moire_db(patterned, FACE) > moire_db(grain(), FACE) + 8


def test_bands_that_roll_stand_out() -> None:
    rows = np.arange(340)[:, np.newaxis, np.newaxis]
    banded = [
        np.clip(grain(k) * (1 + 0.05 * np.sin(2 * np.pi * (6 * rows / 340 + 0.3 * k))), 0, 255).astype(np.uint8)
        for k in range(4)
    ]
    assert banding_db(banded) > banding_db([grain(k) for k in range(4)]) + 6


def test_one_picture_has_no_bands_that_roll() -> None:
    assert banding_db([grain()]) == 0.0


def test_the_edges_of_a_picture_that_is_held_up_are_counted() -> None:
    held = grain()
    cv2.rectangle(held, (40, 10), (400, 330), (250, 250, 250), 6)
    assert straight_sides(held, face(170, 120, 270, 220)) == 4
    assert straight_sides(grain(), face(170, 120, 270, 220)) == 0


def test_a_face_as_small_as_can_be_has_figures() -> None:
    assert np.isfinite(moire_db(grain(), face(0, 0, 9, 9)))
    assert straight_sides(grain(), face(0, 0, 9, 9)) in range(5)
