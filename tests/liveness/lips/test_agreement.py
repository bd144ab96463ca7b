"""Agreement is found where it is, at the shift where it is, and nowhere else."""

from __future__ import annotations

import json

import numpy as np
import pytest

from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.liveness.lips.agreement import FORMAT, Agreement, Pictures, Projection, agreement, on_grid
from countersign.liveness.lips.sound import MEASURES, Sound

RNG = np.random.default_rng(0)
TIMES = np.arange(0.0, 6.0, 0.01)
SYLLABLES = np.interp(TIMES, np.arange(0.0, 6.01, 0.12), RNG.normal(size=51))


def projection() -> Projection:
    """One measure of the pictures against the first of the sound."""
    seen, heard = np.zeros((2, 1)), np.zeros((3 * 2 * MEASURES, 1))
    seen[0], heard[2 * MEASURES] = 1.0, 1.0
    content = {
        "format": FORMAT,
        "name": "test",
        "data": "made up",
        "seen": seen.tolist(),
        "heard": heard.tolist(),
        "weights": [1.0],
        "floor": [0.01],
    }
    return Projection.from_json(json.dumps(content))


def found(delay_s: float, *, moving: float = 1.0, fps: float = 25.0, noise: float = 0.0) -> Agreement | None:
    frames = np.arange(0.5, 5.5, 1 / fps)
    values = moving * np.interp(frames, TIMES, SYLLABLES) + noise * RNG.normal(size=len(frames))
    levels = RNG.normal(size=(len(TIMES), MEASURES))
    levels[:, 0] = np.interp(TIMES - delay_s, TIMES, SYLLABLES)
    made = projection()
    pictures = Pictures(times_s=frames, measures=values[:, None])
    grid = on_grid(pictures, Sound(times_s=TIMES, measures=levels), from_s=1.5, to_s=4.5, floor=made.floor)
    return None if grid is None else agreement(grid, made)


@pytest.mark.parametrize("fps", [10.0, 15.0, 25.0, 30.0])
@pytest.mark.parametrize("delay_s", [-0.5, -0.2, -0.08, 0.0, 0.08, 0.2, 0.5])
def test_the_shift_is_found(delay_s: float, fps: float) -> None:
    result = found(delay_s, fps=fps)
    assert result is not None
    assert result.offset_s == pytest.approx(delay_s, abs=0.021)
    assert (result.near > result.far) is (abs(delay_s) < 0.1)


def test_what_stands_out_does_so_by_many_deviations() -> None:
    here, elsewhere = found(0.0), found(0.4)
    assert here is not None
    assert elsewhere is not None
    assert here.standout > 3.0
    assert elsewhere.standout < 1.5


def test_a_mouth_that_hardly_moves_agrees_with_nothing() -> None:
    result = found(0.0, moving=0.002)
    assert result is not None
    assert result.near < 0.5


def test_too_few_pictures_are_no_ground_to_judge_on() -> None:
    assert found(0.0, fps=3.0) is None


@pytest.mark.parametrize(
    "text", ["", "{}", json.dumps({"format": "other/1"}), json.dumps({"format": FORMAT, "name": "half"})]
)
def test_a_malformed_projection_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Projection.from_json(text)
    assert caught.value.code is ErrorCode.CALIBRATION_INVALID


@pytest.mark.parametrize("suffix", ["", "-in-noise"])
@pytest.mark.parametrize(("name", "measures"), [("mouth", 5), ("mouth-and-looks", 133)])
def test_the_projections_that_ship_fit_what_they_are_for(name: str, measures: int, suffix: str) -> None:
    shipped = Projection.shipped(name + suffix)
    assert shipped.seen.shape == (2 * measures, 6)
    assert shipped.heard.shape == (3 * 2 * MEASURES, 6)
    assert shipped.weights.sum() == pytest.approx(1.0, abs=1e-3)
    assert shipped.floor.shape == (measures,)
