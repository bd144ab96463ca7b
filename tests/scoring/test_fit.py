"""Fits find the truth where it is known, hold out against separable data, and keep the order of scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.scoring.fit import LabelledScores, fit_fusion, fit_isotonic, fit_logistic, pav_llrs


def gaussian(mated: int, nonmated: int, *, seed: int = 0) -> LabelledScores:
    """Scores N(+2, 2) for mated and N(-2, 2) for non-mated: already their own log-likelihood ratio (variance 4)."""
    rng = np.random.default_rng(seed)
    values = np.concatenate([rng.normal(2.0, 2.0, mated), rng.normal(-2.0, 2.0, nonmated)])
    return LabelledScores(values=values, mated=np.arange(mated + nonmated) < mated)


def test_scores_that_already_are_llrs_are_left_as_they_are() -> None:
    line = fit_logistic(gaussian(20_000, 20_000))
    assert line.slope == pytest.approx(1.0, abs=0.03)
    assert line.intercept == pytest.approx(0.0, abs=0.05)


def test_the_fit_does_not_depend_on_how_many_impostors_there_are_nor_on_the_units() -> None:
    scores = gaussian(4_000, 100_000, seed=1)
    line = fit_logistic(scores)
    assert line.slope == pytest.approx(1.0, abs=0.05)
    assert line.intercept == pytest.approx(0.0, abs=0.08)
    scaled = fit_logistic(LabelledScores(values=scores.values / 50 + 3, mated=scores.mated))
    assert scaled.slope == pytest.approx(50 * line.slope, rel=1e-3)


@pytest.mark.parametrize("prior", [0.01, 0.5, 0.9])
def test_the_prior_weighs_the_fit_but_is_not_left_in_the_llr(prior: float) -> None:
    line = fit_logistic(gaussian(50_000, 50_000, seed=2), prior=prior)
    assert line.slope == pytest.approx(1.0, abs=0.08)
    assert line.intercept == pytest.approx(0.0, abs=0.2)


def test_side_information_that_moves_and_spreads_the_scores_is_undone() -> None:
    rng = np.random.default_rng(3)
    n = 40_000
    mated = np.arange(n) < n // 2
    side = rng.uniform(0.0, 2.0, n)
    # True LLR of the score s at side u is (1 + u) * s - 1.
    llr = np.where(mated, rng.normal(2.0, 2.0, n), rng.normal(-2.0, 2.0, n))
    values = (llr + 1.0) / (1.0 + side)
    line = fit_logistic(LabelledScores(values=values, mated=mated, side={"u": side}), side=["u"])
    found = line(values, {"u": side})
    assert np.max(np.abs(found - llr)) < 0.6
    assert np.mean(np.abs(found - llr)) < 0.08


def test_a_slope_that_would_turn_negative_gives_up_the_interaction() -> None:
    rng = np.random.default_rng(4)
    n = 2_000
    mated = np.arange(n) < n // 2
    side = rng.uniform(0.0, 1.0, n)
    values = np.where(mated, 1.0, -1.0) * np.where(side > 0.6, -1.0, 2.0) + rng.normal(0.0, 1.0, n)
    line = fit_logistic(LabelledScores(values=values, mated=mated, side={"u": side}), side=["u"])
    assert [term.slope for term in line.side] == [0.0]
    assert line.least_slope > 0


def test_separable_scores_still_give_a_finite_line() -> None:
    scores = LabelledScores(values=np.array([0.0, 0.1, 0.9, 1.0]), mated=np.array([False, False, True, True]))
    line = fit_logistic(scores)
    assert 0 < line.slope < 1_000
    isotonic = fit_isotonic(scores)
    assert np.all(np.isfinite(isotonic.llrs))


def test_scores_of_one_kind_only_cannot_be_fitted() -> None:
    with pytest.raises(ValueError, match="both"):
        LabelledScores(values=np.array([1.0, 2.0]), mated=np.array([True, True]))


def test_pav_gives_the_known_answer_on_a_small_case() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    mated = np.array([False, True, False, False, True, True])
    # Blocks by hand: {1} all non-mated, {2, 3, 4} one of three mated, {5, 6} all mated; prior odds 1.
    llrs = pav_llrs(LabelledScores(values=values, mated=mated))
    assert llrs.tolist() == pytest.approx([-np.inf, *[np.log(0.5)] * 3, np.inf, np.inf])


@given(st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=4, max_size=60))
def test_an_isotonic_fit_always_rises_and_is_finite(pairs: list[tuple[int, bool]]) -> None:
    values = np.array([float(value) for value, _ in pairs] + [-6.0, 6.0])
    mated = np.array([mate for _, mate in pairs] + [False, True])
    curve = fit_isotonic(LabelledScores(values=values, mated=mated))
    grid = curve(np.linspace(-10.0, 10.0, 200), {})
    assert np.all(np.isfinite(grid))
    assert np.all(np.diff(grid) > 0)


def test_fusing_two_honest_llrs_finds_the_plain_sum() -> None:
    face, voice = gaussian(30_000, 30_000, seed=5), gaussian(30_000, 30_000, seed=6)
    fusion = fit_fusion(face.values, voice.values, face.mated)
    assert fusion.face == pytest.approx(1.0, abs=0.05)
    assert fusion.voice == pytest.approx(1.0, abs=0.05)
    assert fusion.bias == pytest.approx(0.0, abs=0.1)
