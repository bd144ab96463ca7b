"""Calibrations turn scores into log-likelihood ratios, and refuse what they were not made for."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest

from countersign.core.biometrics import Modality, ModelRef
from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.core.evidence import Score
from countersign.scoring.calibrate import Calibration, Calibrations, Uncalibrated
from countersign.scoring.curves import Isotonic, Logistic, SideTerm, soft_limit

MODEL = ModelRef(name="dlib-resnet", sha256="ab" * 32)
SIDE = SideTerm(name="yaw_gap_deg", low=0.0, high=90.0, offset=0.02, slope=-0.05)
CALIBRATION = Calibration(
    name="face-core",
    modality=Modality.FACE,
    comparator="face-poses/1",
    model=MODEL,
    data="40 made-up people",
    date="2026-11-21",
    people=40,
    mated=400,
    nonmated=10_000,
    prior=0.5,
    cllr=0.05,
    form=Logistic(intercept=-6.0, slope=12.0, side=(SIDE,)),
)


def score(
    value: float, *, yaw_gap_deg: float = 0.0, comparator: str = "face-poses/1", model: ModelRef = MODEL
) -> Score:
    side = {"yaw_gap_deg": yaw_gap_deg}
    return Score(value=value, modality=Modality.FACE, model=model, comparator=comparator, side=side)


def test_the_llr_is_affine_in_the_score_and_its_side_information() -> None:
    llr = CALIBRATION.llr(score(0.7, yaw_gap_deg=20.0))
    assert llr.value == pytest.approx(-6.0 + 12.0 * 0.7 + (0.02 - 0.05 * 0.7) * 20.0)
    assert llr.calibration == CALIBRATION.identity
    assert llr.calibration.startswith("face-core@")


def test_side_information_beyond_what_was_observed_counts_as_the_nearest_observed() -> None:
    assert CALIBRATION.llr(score(0.7, yaw_gap_deg=170.0)) == CALIBRATION.llr(score(0.7, yaw_gap_deg=90.0))


def test_no_llr_says_more_than_the_counts_can_carry() -> None:
    assert CALIBRATION.llr(score(1e6)).value < math.log(10_001) + 1
    assert CALIBRATION.llr(score(-1e6)).value > -math.log(401) - 1


def test_the_limit_keeps_the_order_and_leaves_what_lies_within_alone() -> None:
    llrs = np.linspace(-60.0, 60.0, 2001)
    limited = soft_limit(llrs, -6.0, 9.0)
    assert np.all(np.diff(limited) > 0)
    within = (llrs >= -6.0) & (llrs <= 9.0)
    assert np.array_equal(limited[within], llrs[within])


def test_a_line_that_could_fall_is_refused() -> None:
    steep = dataclasses.replace(SIDE, slope=-0.2)
    with pytest.raises(ValueError, match="rise"):
        Logistic(intercept=0.0, slope=12.0, side=(steep,))


def test_an_isotonic_curve_passes_through_its_knots_and_goes_on_beyond_them() -> None:
    curve = Isotonic(scores=(0.0, 0.5, 1.0), llrs=(-4.0, 0.0, 2.0))
    at = np.array([-0.5, 0.0, 0.25, 0.5, 1.0, 1.5])
    assert curve(at, {}).tolist() == pytest.approx([-8.0, -4.0, -2.0, 0.0, 2.0, 4.0])


@pytest.mark.parametrize(("scores", "llrs"), [((0.0,), (1.0,)), ((0.0, 0.0), (1.0, 2.0)), ((0.0, 1.0), (2.0, 1.0))])
def test_an_isotonic_curve_that_does_not_rise_is_refused(scores: tuple[float, ...], llrs: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="rising"):
        Isotonic(scores=scores, llrs=llrs)


@pytest.mark.parametrize(
    "stranger",
    [
        score(0.5, comparator="face-poses/2"),
        score(0.5, model=ModelRef(name="dlib-resnet", sha256="cd" * 32)),
        score(0.5, model=ModelRef(name="sface", sha256="ab" * 32)),
    ],
)
def test_a_score_of_another_model_or_comparator_is_refused(stranger: Score) -> None:
    for calibrator in (CALIBRATION, Calibrations(members=(CALIBRATION,))):
        with pytest.raises(ConfigurationError) as caught:
            calibrator.llr(stranger)
        assert caught.value.code is ErrorCode.CALIBRATION_MISSING


@pytest.mark.parametrize(
    "bad", [dataclasses.replace(score(0.5), side={}), score(math.nan), score(0.5, yaw_gap_deg=math.nan)]
)
def test_a_score_without_its_side_information_or_not_finite_gives_no_llr(bad: Score) -> None:
    with pytest.raises(ConfigurationError) as caught:
        CALIBRATION.llr(bad)
    assert caught.value.code is ErrorCode.CALIBRATION_INVALID


@pytest.mark.parametrize("form", [CALIBRATION.form, Isotonic(scores=(0.0, 1.0), llrs=(-3.0, 3.0))])
def test_a_file_gives_back_the_calibration_that_was_written(tmp_path: Path, form: Logistic | Isotonic) -> None:
    written = dataclasses.replace(CALIBRATION, form=form)
    (tmp_path / "face.json").write_text(json.dumps(written.as_json()), "utf-8")
    (tmp_path / "README.txt").write_text("not a calibration", "utf-8")
    assert Calibrations.load(tmp_path).members == (written,)


def test_the_identity_changes_with_the_content() -> None:
    assert dataclasses.replace(CALIBRATION, mated=401).identity != CALIBRATION.identity


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": "countersign-calibration/99"}',
        json.dumps({**CALIBRATION.as_json(), "mated": None, "form": {"kind": "cubic"}}),
        json.dumps(
            {**CALIBRATION.as_json(), "form": {"kind": "logistic", "intercept": 0.0, "slope": -1.0, "side": []}}
        ),
        json.dumps({**CALIBRATION.as_json(), "extra": 1}),
    ],
)
def test_a_file_that_is_not_a_calibration_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.json").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=r"broken\.json") as caught:
        Calibrations.load(tmp_path)
    assert caught.value.code is ErrorCode.CALIBRATION_INVALID


def test_shipped_calibrations_load_and_no_two_answer_to_the_same_score() -> None:
    members = Calibrations.shipped().members
    keys = {(member.modality, member.comparator, member.model) for member in members}
    assert len(keys) == len(members)


def test_fitting_starts_from_scores_passed_through() -> None:
    assert Uncalibrated().llr(score(0.25)).value == 0.25
