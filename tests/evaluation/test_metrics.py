"""Error rates agree with counting by hand, with known distributions, and with each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from countersign.evaluation.metrics import ErrorCurve, cllr, min_cllr

SCORES = st.lists(st.integers(-8, 8).map(lambda value: value / 2), min_size=1, max_size=40).map(np.array)


@given(SCORES, SCORES)
def test_every_point_of_the_curve_is_what_counting_gives(mated: np.ndarray, nonmated: np.ndarray) -> None:
    curve = ErrorCurve.of(mated, nonmated)
    for threshold, fmr, fnmr in zip(curve.thresholds, curve.fmr, curve.fnmr, strict=True):
        assert fmr == pytest.approx(np.mean(nonmated >= threshold))
        assert fnmr == pytest.approx(np.mean(mated < threshold))


@given(SCORES, SCORES, st.sampled_from([0.0, 0.01, 0.1, 0.5, 1.0]))
def test_the_threshold_for_an_fmr_is_the_most_lenient_that_keeps_it(
    mated: np.ndarray, nonmated: np.ndarray, target: float
) -> None:
    curve = ErrorCurve.of(mated, nonmated)
    index = curve.at_fmr(target)
    threshold = curve.finite_threshold(index)
    assert np.isfinite(threshold)
    assert np.mean(nonmated >= threshold) <= target
    best = min(np.mean(mated < t) for t in [*curve.thresholds] if np.mean(nonmated >= t) <= target)
    assert np.mean(mated < threshold) == pytest.approx(best)
    assert curve.fnmr[index] == pytest.approx(best)


@given(SCORES, SCORES)
def test_the_eer_lies_between_the_rates_on_either_side_of_the_crossing(mated: np.ndarray, nonmated: np.ndarray) -> None:
    curve = ErrorCurve.of(mated, nonmated)
    after = int(np.argmax(curve.fmr >= curve.fnmr))
    low, high = curve.fmr[after - 1], curve.fmr[after]
    assert low - 1e-12 <= curve.eer() <= high + 1e-12
    assert curve.fnmr[after] - 1e-12 <= curve.eer() <= curve.fnmr[after - 1] + 1e-12


def test_the_eer_of_two_normal_distributions_is_known() -> None:
    rng = np.random.default_rng(0)
    curve = ErrorCurve.of(rng.normal(3.0, 1.0, 200_000), rng.normal(0.0, 1.0, 200_000))
    assert curve.eer() == pytest.approx(norm.cdf(-1.5), rel=0.02)
    at = curve.at_fmr(0.01)
    assert curve.fnmr[at] == pytest.approx(norm.cdf(norm.isf(0.01) - 3.0), rel=0.02)


@pytest.mark.parametrize(
    ("mated", "nonmated", "eer"),
    [
        ([2.0, 3.0], [0.0, 1.0], 0.0),
        ([0.0, 1.0], [2.0, 3.0], 1.0),
        ([1.0], [1.0], 0.5),
        ([1.0, 3.0, 4.0, 5.0], [0.0, 0.5, 0.7, 2.0], 0.25),
    ],
)
def test_small_cases_have_the_eer_that_one_finds_on_paper(
    mated: list[float], nonmated: list[float], eer: float
) -> None:
    assert ErrorCurve.of(np.array(mated), np.array(nonmated)).eer() == pytest.approx(eer)


def test_cllr_has_its_landmarks() -> None:
    zeros = np.zeros(5)
    assert cllr(zeros, zeros) == pytest.approx(1.0)
    assert cllr(np.full(5, 50.0), np.full(5, -50.0)) == pytest.approx(0.0, abs=1e-12)
    assert cllr(np.full(5, -10.0), np.full(5, 10.0)) > 10.0
    # By hand: log2(1 + 1/3) for a mated LLR of ln 3, log2(1 + 1/2) for a non-mated one of -ln 2.
    expected = (np.log2(4 / 3) + np.log2(3 / 2)) / 2
    assert cllr(np.array([np.log(3)]), np.array([-np.log(2)])) == pytest.approx(expected)


def test_calibrated_llrs_have_nearly_the_least_cllr_and_shifted_ones_have_not() -> None:
    rng = np.random.default_rng(1)
    mated, nonmated = rng.normal(2.0, 2.0, 50_000), rng.normal(-2.0, 2.0, 50_000)
    least = min_cllr(mated, nonmated)
    assert cllr(mated, nonmated) == pytest.approx(least, rel=0.01)
    assert cllr(mated + 3.0, nonmated + 3.0) > 1.2 * least
    assert min_cllr(3.0 * mated + 1.0, 3.0 * nonmated + 1.0) == pytest.approx(least)


@given(SCORES, SCORES)
def test_no_recalibration_beats_the_least_cllr(mated: np.ndarray, nonmated: np.ndarray) -> None:
    assert min_cllr(mated, nonmated) <= cllr(mated, nonmated) + 1e-9
