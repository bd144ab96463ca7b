"""A picture held up moves as a flat or bent sheet does."""

from __future__ import annotations

import numpy as np
import pytest

from countersign.core.arrays import Float64Array
from countersign.core.quality import HeadPose
from countersign.evaluation.attacks.planar import BENT, FLAT, GRID, Handling, Hold, Sheet, handled, held
from countersign.liveness.challenge import Side, TurnOrder, TurnPath

PATH = TurnPath(first=Side.LEFT, extent_deg=30, order=TurnOrder.AFTER_WORDS)
FRONT = HeadPose(yaw=0.0, pitch=0.0, roll=0.0)


def chart() -> Sheet:
    rows, columns = np.mgrid[0:80, 0:100]
    return Sheet.of(np.stack([rows * 2, columns * 2, (rows + columns) % 64], axis=2).astype(np.uint8))


def seen(hold: Hold) -> Float64Array:
    return chart().seen(hold, size=(200, 160), width=100.0, distance=300.0)[:, :2].reshape(GRID, GRID, 2)


def straightness(line: Float64Array) -> float:
    """How far a row of points leaves a straight line, pixels."""
    centred = line - line.mean(axis=0)
    return float(np.linalg.svd(centred, compute_uv=False)[1])


def test_a_flat_sheet_keeps_lines_straight_and_a_bent_one_does_not() -> None:
    tilted = HeadPose(yaw=25.0, pitch=20.0, roll=5.0)
    assert straightness(seen(Hold(pose=tilted))[0]) < 1e-6
    assert straightness(seen(Hold(pose=tilted, curve=1.5))[0]) > 1.0
    assert straightness(seen(Hold(pose=tilted, curve=1.5, ridge=0.2))[0]) > 1.0


def test_bending_leaves_lengths_along_the_sheet() -> None:
    for hold in (Hold(pose=FRONT, curve=2.0), Hold(pose=FRONT, curve=2.0, slant_deg=20.0)):
        solid = chart().seen(hold, size=(0, 0), width=100.0, distance=1e7)
        steps = np.linalg.norm(np.diff(solid.reshape(GRID, GRID, 3), axis=1), axis=2)
        assert np.allclose(steps, 100.0 * 0.99 / (GRID - 1), rtol=0.03)


def test_held_straight_before_the_camera_it_is_the_picture() -> None:
    sheet, room = chart(), np.zeros((160, 200, 3), dtype=np.uint8)
    (frame,) = held(sheet, [Hold(pose=FRONT)], room, width=100.0, distance=300.0, blur=0.3)
    inside = frame[45:115, 55:145].astype(int) - sheet.surface.texture[5:75, 5:95].astype(int)
    assert np.abs(inside[:, :, :2]).mean() < 3.0
    assert not frame[:30].any()


@pytest.mark.parametrize("handling", Handling)
def test_each_handling_lasts_as_long_as_the_turn_and_bends_only_where_it_says(handling: Handling) -> None:
    holds = handled(handling, PATH, fps=10.0, random=np.random.default_rng(1))
    assert 25 <= len(holds) <= 60
    assert any(hold.curve for hold in holds) == (handling in BENT)
    assert {Handling.TURNED, Handling.BENT} <= FLAT | BENT
