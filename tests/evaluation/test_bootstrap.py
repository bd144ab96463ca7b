"""Resampling people gives intervals that cover the truth, agree with the slow way, and repeat themselves."""

from __future__ import annotations

import numpy as np
import pytest

from countersign.evaluation.bootstrap import SubjectScores, error_intervals
from countersign.evaluation.metrics import ErrorCurve, cllr

FMRS = (0.1, 0.01)


def made_up(people: int, probes: int, *, seed: int = 0, spread: float = 0.5, separation: float = 3.0) -> SubjectScores:
    """People whose scores depend on themselves as well as on chance."""
    rng = np.random.default_rng(seed)
    goat, lamb = rng.normal(0.0, spread, people), rng.normal(0.0, spread / 2, people)
    own = np.repeat(np.arange(people), probes)
    probe, reference = (grid.ravel() for grid in np.meshgrid(own, np.arange(people), indexing="ij"))
    others = probe != reference
    probe, reference = probe[others], reference[others]
    return SubjectScores(
        mated=rng.normal(separation, 1.0, len(own)) + goat[own],
        mated_subject=own,
        nonmated=rng.normal(0.0, 1.0, len(probe)) + lamb[reference],
        probe_subject=probe,
        reference_subject=reference,
        subjects=people,
    )


def slow(scores: SubjectScores, replicates: int, seed: int) -> tuple[list[float], list[float], list[float]]:
    """The same by writing out every replicate comparison by comparison."""
    rng = np.random.default_rng(seed)
    chance = np.full(scores.subjects, 1 / scores.subjects)
    eers, cllrs, fnmrs = [], [], []
    for draw in rng.multinomial(scores.subjects, chance, size=replicates):
        mated = np.repeat(scores.mated, draw[scores.mated_subject])
        nonmated = np.repeat(scores.nonmated, draw[scores.probe_subject] * draw[scores.reference_subject])
        curve = ErrorCurve.of(mated, nonmated)
        eers.append(curve.eer())
        cllrs.append(cllr(mated, nonmated))
        fnmrs.append(float(curve.fnmr[curve.at_fmr(FMRS[1])]))
    return eers, cllrs, fnmrs


def test_the_fast_way_is_the_slow_way() -> None:
    scores = made_up(12, 4)
    found = error_intervals(scores, FMRS, replicates=60, seed=5)
    eers, cllrs, fnmrs = slow(scores, 60, 5)
    assert found.eer == pytest.approx(tuple(np.percentile(eers, [2.5, 97.5])))
    assert found.cllr == pytest.approx(tuple(np.percentile(cllrs, [2.5, 97.5])))
    assert found.fnmr[1] == pytest.approx(tuple(np.percentile(fnmrs, [2.5, 97.5])))


def test_carrying_the_tail_alone_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = made_up(40, 4, seed=1)
    whole = error_intervals(scores, FMRS, replicates=100)
    monkeypatch.setattr("countersign.evaluation.bootstrap._FEW", 0)
    assert error_intervals(scores, FMRS, replicates=100) == whole


def test_replicates_whose_curves_cross_outside_the_tail_are_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = made_up(30, 2, seed=2, separation=0.5)
    whole = error_intervals(scores, FMRS, replicates=100)
    monkeypatch.setattr("countersign.evaluation.bootstrap._tail", lambda scores: float(np.max(scores.nonmated)))
    assert error_intervals(scores, FMRS, replicates=100).eer == whole.eer


def test_the_same_data_give_the_same_intervals() -> None:
    assert error_intervals(made_up(10, 3), FMRS, replicates=50) == error_intervals(made_up(10, 3), FMRS, replicates=50)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    many = made_up(1_500, 1, seed=99)
    truth = ErrorCurve.of(many.mated, many.nonmated).eer()
    covered = 0
    for seed in range(40):
        low, high = error_intervals(made_up(50, 4, seed=seed), FMRS, replicates=200).eer
        covered += low <= truth <= high
    assert covered >= 34


def test_two_people_are_enough_not_to_fail() -> None:
    found = error_intervals(made_up(2, 3), FMRS, replicates=50)
    assert 0.0 <= found.eer[0] <= found.eer[1] <= 1.0
