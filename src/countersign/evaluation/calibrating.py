"""Fits the calibrations from evaluations of raw scores, trying each form with people held out in turn.

Choosing the form and fitting it use the same people, so none of them may be among those that figures are reported on;
`countersign.evaluation.people` keeps the two apart.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float64Array
from countersign.core.biometrics import Modality
from countersign.core.errors import ErrorCode, TrialsError
from countersign.evaluation.metrics import bits
from countersign.evaluation.rates import mated_rows
from countersign.evaluation.run import Evaluation
from countersign.scoring.calibrate import Calibration
from countersign.scoring.curves import Form, soft_limit
from countersign.scoring.fit import LabelledScores, fit_isotonic, fit_logistic

FOLDS = 5
WORTH_IT = 0.98
"""A richer form must bring the held-out cost down to this share of a simpler one's."""
ISOTONIC = "isotonic"
ISOTONIC_WORTH_IT = 0.9
"""The isotonic form must do better: it knows no side information, and its ends hang on a handful of comparisons."""

Fit = Callable[[LabelledScores], Form]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledComparisons:
    """Raw scores of one modality, with who was compared.

    Attributes:
        scores: with truth and side information.
        probe, reference: `int64[n]`, one number for each person.
    """

    modality: Modality
    scores: LabelledScores
    probe: NDArray[np.int64]
    reference: NDArray[np.int64]

    @property
    def people(self) -> int:
        """How many there are."""
        return len(np.unique(np.concatenate([self.probe, self.reference])))

    def rows(self, chosen: NDArray[np.bool_]) -> LabelledComparisons:
        """The comparisons of `chosen`, `bool[n]`."""
        side = {name: values[chosen] for name, values in self.scores.side.items()}
        scores = LabelledScores(values=self.scores.values[chosen], mated=self.scores.mated[chosen], side=side)
        return replace(self, scores=scores, probe=self.probe[chosen], reference=self.reference[chosen])


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A form that was tried.

    Attributes:
        name: in words.
        terms: how many it has beside the plain line's; the forms are tried in this order.
        cllr: bits, people held out in turn.
    """

    name: str
    terms: int
    fit: Fit
    cllr: float


def raw_comparisons(evaluations: Sequence[Evaluation], modality: Modality) -> LabelledComparisons:
    """All comparisons of one modality. Who has the same name in several evaluations is taken for the same person.

    Raises:
        TrialsError: there are no mated, or no non-mated, comparisons.
    """
    parts = [_columns(evaluation, modality) for evaluation in evaluations]
    names = [pair for part in parts for pair in (*part.probe, *part.reference)]
    numbers = {name: index for index, name in enumerate(dict.fromkeys(names))}
    sides = set.intersection(*(set(part.side) for part in parts if len(part.values))) if names else set()
    mated = np.concatenate([part.mated for part in parts])
    if not mated.any() or mated.all():
        raise TrialsError(
            ErrorCode.TRIALS_INVALID, f"mated and non-mated {modality} comparisons are needed for a calibration"
        )
    return LabelledComparisons(
        modality=modality,
        scores=LabelledScores(
            values=np.concatenate([part.values for part in parts]),
            mated=mated,
            side={
                name: np.concatenate([part.side[name] for part in parts if len(part.values)]) for name in sorted(sides)
            },
        ),
        probe=np.array([numbers[name] for part in parts for name in part.probe], dtype=np.int64),
        reference=np.array([numbers[name] for part in parts for name in part.reference], dtype=np.int64),
    )


def candidates(comparisons: LabelledComparisons, *, side: Sequence[str] | None = None) -> tuple[Candidate, ...]:
    """Every form tried, simplest first.

    Args:
        comparisons: raw scores.
        side: names of the side information that may be used; all by default.

    Raises:
        TrialsError: the scores have no such side information.
    """
    known = sorted(comparisons.scores.side)
    names = known if side is None else sorted(side)
    if not set(names) <= set(known):
        raise TrialsError(ErrorCode.TRIALS_INVALID, f"side information of these scores is {', '.join(known) or 'none'}")
    groups = [[name] for name in names] + ([names] if len(names) > 1 else [])
    forms: list[tuple[str, int, Fit]] = [("logistic", 0, fit_logistic)]
    for effect, interact in (("shifted", False), ("bent", True)):
        for group in groups:
            fit = partial(fit_logistic, side=group, interact=interact)
            forms.append((f"logistic, {effect} by {' and '.join(group)}", len(group) * (1 + interact), fit))
    forms.append((ISOTONIC, sys.maxsize, fit_isotonic))
    return tuple(
        Candidate(name=name, terms=terms, fit=fit, cllr=cross_validated_cllr(comparisons, fit))
        for name, terms, fit in sorted(forms, key=lambda form: form[1])
    )


def chosen(tried: Sequence[Candidate]) -> Candidate:
    """The simplest form than which none is clearly better; of equally simple ones the best."""
    best = tried[0]
    for _, group in groupby(tried, key=lambda candidate: candidate.terms):
        challenger = min(group, key=lambda candidate: candidate.cllr)
        if challenger.cllr < (ISOTONIC_WORTH_IT if challenger.name == ISOTONIC else WORTH_IT) * best.cllr:
            best = challenger
    return best


def calibration_of(
    comparisons: LabelledComparisons, candidate: Candidate, evaluation: Evaluation, *, name: str, data: str, date: str
) -> Calibration:
    """The calibration fitted to all of `comparisons`.

    Args:
        comparisons: raw scores.
        candidate: the form.
        evaluation: any of those behind `comparisons`, for its model and comparator.
        name: of the calibration.
        data: which data these are, in words.
        date: today's, ISO 8601.
    """
    mated, modality = int(comparisons.scores.mated.sum()), comparisons.modality
    return Calibration(
        name=name,
        modality=modality,
        comparator=evaluation.table.comparators[modality],
        model=evaluation.models[modality],
        data=data,
        date=date,
        people=comparisons.people,
        mated=mated,
        nonmated=len(comparisons.scores.mated) - mated,
        prior=0.5,
        cllr=round(candidate.cllr, 6),
        form=candidate.fit(comparisons.scores),
    )


def json_of(calibration: Calibration) -> str:
    """The content of its file."""
    return json.dumps(calibration.as_json(), indent=2, ensure_ascii=False) + "\n"


def cross_validated_cllr(comparisons: LabelledComparisons, fit: Fit) -> float:
    """Cllr in bits of `fit`, each fifth of the people held out in turn: a fit sees no comparison of those it is tried on.

    Infinite where a fit fails.
    """
    costs: dict[bool, list[Float64Array]] = {True: [], False: []}
    for train, test in _folds(comparisons):
        try:
            form = fit(train.scores)
        except ValueError:
            return float("inf")
        mated = int(train.scores.mated.sum())
        nonmated = len(train.scores.mated) - mated
        llrs = soft_limit(form(test.scores.values, test.scores.side), -np.log(mated + 1), np.log(nonmated + 1))
        for kind, found in costs.items():
            found.append(bits(llrs[test.scores.mated == kind], mated=kind))
    return float(np.mean([np.concatenate(found).mean() for found in costs.values()]))


def _folds(comparisons: LabelledComparisons) -> Iterator[tuple[LabelledComparisons, LabelledComparisons]]:
    people = np.unique(np.concatenate([comparisons.probe, comparisons.reference]))
    np.random.default_rng(0).shuffle(people)
    for fold in np.array_split(people, min(FOLDS, len(people))):
        held_out = np.isin(comparisons.probe, fold) | np.isin(comparisons.reference, fold)
        both = (comparisons.scores.mated[rows] for rows in (held_out, ~held_out))
        if all(mated.any() and not mated.all() for mated in both):
            yield comparisons.rows(~held_out), comparisons.rows(held_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    values: Float64Array
    mated: NDArray[np.bool_]
    side: Mapping[str, Float64Array]
    probe: tuple[str, ...]
    reference: tuple[str, ...]


def _columns(evaluation: Evaluation, modality: Modality) -> _Columns:
    table = evaluation.table
    mated, nonmated = mated_rows(evaluation)
    rows = np.flatnonzero((mated | nonmated) & ~np.isnan(table.scores[modality]))
    tests = [evaluation.tests[index].presentation.subject for index in table.test[rows]]
    references = [evaluation.references[index].subject for index in table.reference[rows]]
    return _Columns(
        values=table.scores[modality][rows],
        mated=mated[rows],
        side={name: values[rows] for name, values in table.side[modality].items()},
        probe=tuple(tests),
        reference=tuple(references),
    )
