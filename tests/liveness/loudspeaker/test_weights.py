"""The weights that come with Countersign are read whole or not at all."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pytest

from countersign.core.errors import ConfigurationError
from countersign.liveness.loudspeaker.acoustics import NAMES
from countersign.liveness.loudspeaker.weights import Weights
from countersign.scoring.calibrate import Calibrations

TEXT = (files("countersign.liveness.loudspeaker") / "weights.json").read_text("utf-8")


def test_the_shipped_weights_have_a_calibration(calibrations: Calibrations) -> None:
    weights = Weights.shipped()
    assert np.isfinite(calibrations.llr(weights.score(weights.means)).value)


def test_no_measure_counts_for_more_than_three_deviations() -> None:
    weights = Weights.shipped()
    first = np.arange(len(NAMES)) == 1
    far, farther = (weights.means + np.where(first, times * weights.spreads, 0.0) for times in (3.0, 1e6))
    assert weights.score(farther).value == pytest.approx(weights.score(far).value)


def test_the_likelihoods_of_all_kinds_are_averaged() -> None:
    weights = Weights.shipped()
    assert weights.score(weights.means).value == pytest.approx(-np.log(np.mean(np.exp(-weights.offsets))))


@pytest.mark.parametrize(
    "change",
    [{"format": "other/1"}, {"names": ["x"]}, {"means": [1.0]}, {"weights": [float("nan")] * 8}, {"spreads": "much"}],
    ids=str,
)
def test_other_content_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="not the weights"):
        Weights.from_json(json.dumps({**json.loads(TEXT), **change}))


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="not the weights"):
        Weights.from_json("{")
