"""Calibrations are fitted from runs of raw scores, and judged on people that the fit has not seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countersign.core.biometrics import Modality
from countersign.core.errors import TrialsError
from countersign.evaluation import calibrating
from countersign.evaluation.calibrating import (
    Candidate,
    LabelledComparisons,
    calibration_of,
    candidates,
    chosen,
    cross_validated_cllr,
    raw_comparisons,
)
from countersign.evaluation.run import Evaluation, evaluate
from countersign.evaluation.trials import read_trials
from countersign.scoring.calibrate import Calibration
from countersign.scoring.fit import LabelledScores, fit_logistic
from tests.evaluation.scripted import ScriptedSource, Trialsmith


def evaluated(folder: Path, people: int, *, kind: str = "av") -> Evaluation:
    folder.mkdir(exist_ok=True)
    smith = Trialsmith(folder)
    smith.people([f"p{number}" for number in range(people)], kind=kind, enrol=2, probes=3)
    source = ScriptedSource(log=folder / "log")
    return evaluate(read_trials(smith.write()), source, profile="standard", cache=folder / "cache")


def comparisons(people: int, *, seed: int = 0) -> LabelledComparisons:
    """Scores that are their own log-likelihood ratios, N(2, 2) and N(-2, 2)."""
    rng = np.random.default_rng(seed)
    probe, reference = (grid.ravel() for grid in np.meshgrid(np.arange(people), np.arange(people), indexing="ij"))
    probe, reference = np.repeat(probe, 3), np.repeat(reference, 3)
    mated = probe == reference
    values = rng.normal(np.where(mated, 2.0, -2.0), 2.0)
    side = {"noise": rng.normal(size=len(values))}
    return LabelledComparisons(
        modality=Modality.VOICE,
        scores=LabelledScores(values=values, mated=mated, side=side),
        probe=probe,
        reference=reference,
    )


def test_who_has_the_same_name_in_several_files_is_one_person(tmp_path: Path) -> None:
    runs = [evaluated(tmp_path / "one", 6), evaluated(tmp_path / "two", 5)]
    found = raw_comparisons(runs, Modality.FACE)
    assert found.people == 6
    assert int(found.scores.mated.sum()) == 33
    assert len(found.scores.mated) == 3 * (36 + 25)
    assert set(found.scores.side) == {"takes"}


def test_held_out_people_are_never_seen_by_the_fit() -> None:
    seen: list[LabelledScores] = []
    data = comparisons(10)
    for train, test in calibrating._folds(data):
        people = set(test.probe[test.scores.mated].tolist())
        assert not people & (set(train.probe.tolist()) | set(train.reference.tolist()))
        seen.append(test.scores)
    assert sum(int(scores.mated.sum()) for scores in seen) == 30


def test_the_simplest_form_is_kept_when_nothing_is_clearly_better() -> None:
    tried = candidates(comparisons(40))
    assert [candidate.name for candidate in tried] == [
        "logistic",
        "logistic, shifted by noise",
        "logistic, bent by noise",
        "isotonic",
    ]
    assert chosen(tried).name == "logistic"
    assert tried[0].cllr == pytest.approx(0.52, abs=0.06)  # the Cllr of these two distributions


def test_only_the_side_information_that_is_allowed_is_tried() -> None:
    assert [candidate.name for candidate in candidates(comparisons(8), side=[])] == ["logistic", "isotonic"]
    with pytest.raises(TrialsError, match="noise"):
        candidates(comparisons(8), side=["humour"])


def test_of_equally_simple_forms_the_best_is_kept_and_a_richer_one_must_be_worth_it() -> None:
    def form(name: str, terms: int, cllr: float) -> Candidate:
        return Candidate(name=name, terms=terms, fit=fit_logistic, cllr=cllr)

    plain, worse, better = form("plain", 0, 0.1), form("a", 1, 0.09), form("b", 1, 0.08)
    assert chosen([plain, worse, better, form("c", 2, 0.0799)]) is better
    assert chosen([plain, form("d", 1, 0.0999)]) is plain
    assert chosen([plain, form("isotonic", 9, 0.095)]) is plain
    assert chosen([plain, form("isotonic", 9, 0.085)]).name == "isotonic"


def test_a_form_that_cannot_be_fitted_is_not_chosen() -> None:
    data = comparisons(20)

    def fails(_scores: LabelledScores) -> object:
        raise ValueError

    assert cross_validated_cllr(data, fails) == float("inf")  # type: ignore[arg-type]
    assert cross_validated_cllr(data, fit_logistic) < 1.0


def test_the_calibration_says_where_it_comes_from_and_can_be_written(tmp_path: Path) -> None:
    run = evaluated(tmp_path, 12)
    found = raw_comparisons([run], Modality.VOICE)
    best = chosen(candidates(found))
    calibration = calibration_of(found, best, run, name="voice-scripted", data="made up", date="2026-11-21")
    assert (calibration.people, calibration.mated, calibration.nonmated) == (12, 36, 36 * 11)
    assert calibration.comparator == "scripted/1"
    assert calibration.model == run.models[Modality.VOICE]
    text = calibrating.json_of(calibration)
    assert Calibration.from_json(text, origin="x") == calibration


def test_a_modality_without_comparisons_cannot_be_calibrated(tmp_path: Path) -> None:
    run = evaluated(tmp_path, 3, kind="voice")
    with pytest.raises(TrialsError, match="face"):
        raw_comparisons([run], Modality.FACE)
