"""Error rates of comparisons, by modality and fused, with their intervals and, where there are none, the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float64Array
from countersign.core.biometrics import Modality
from countersign.evaluation.bootstrap import ErrorIntervals, SubjectScores, error_intervals
from countersign.evaluation.intervals import Interval, Proportion, too_few_for
from countersign.evaluation.metrics import ErrorCurve, cllr, min_cllr
from countersign.evaluation.run import Evaluation
from countersign.evaluation.trials import Role

FMRS = (1e-2, 1e-3, 1e-4)
"""False match rates at which the false non-match rate is reported."""


@unique
class Source(StrEnum):
    """Whose log-likelihood ratios: one modality's, or both fused."""

    FACE = "face"
    VOICE = "voice"
    FUSED = "fused"


_ABSENT = {
    Source.FACE: "no face was compared",
    Source.VOICE: "no voice was compared",
    Source.FUSED: "no presentation had both face and voice compared",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A figure that the data cannot carry, and why."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure and its 95 % interval."""

    value: float
    interval: Interval


Figure: TypeAlias = Estimate | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingPoint:
    """What a threshold set for one false match rate does.

    Attributes:
        fmr: asked for.
        fnmr: at the most lenient threshold whose FMR is at most that.
        threshold: that threshold, nats; None when the data cannot carry it.
    """

    fmr: float
    fnmr: Figure
    threshold: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRates:
    """Error rates of one source.

    Attributes:
        mated, nonmated: counts of comparisons.
        subjects: people behind them.
        eer: fraction.
        cllr, min_cllr: bits.
        operating_points: one for each of `FMRS`.
        curve: for charts; None without comparisons.
    """

    mated: int
    nonmated: int
    subjects: int
    eer: Figure
    cllr: Figure
    min_cllr: float | None
    operating_points: tuple[OperatingPoint, ...]
    curve: ErrorCurve | None


def mated_rows(evaluation: Evaluation) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows of the table are mated and which are non-mated comparisons of probes; `bool[n]` each."""
    tests = [test.presentation for test in evaluation.tests]
    number = _subject_numbers(evaluation)
    whose = np.array([number[shown.subject] for shown in tests], dtype=np.int64)
    against = np.array([number[reference.subject] for reference in evaluation.references], dtype=np.int64)
    is_probe = np.array([shown.role is Role.PROBE for shown in tests], dtype=np.bool_)
    table = evaluation.table
    same = whose[table.test] == against[table.reference]
    probe = is_probe[table.test]
    return probe & same, probe & ~same


def population(evaluation: Evaluation, source: Source) -> SubjectScores:
    """Log-likelihood ratios of all comparisons of `source`. Fused ones count where both modalities were compared."""
    table, number = evaluation.table, _subject_numbers(evaluation)
    llrs = llrs_of(evaluation, source)
    whose = np.array([number[test.presentation.subject] for test in evaluation.tests], dtype=np.int64)[table.test]
    against = np.array([number[item.subject] for item in evaluation.references], dtype=np.int64)[table.reference]
    mated, nonmated = (rows & ~np.isnan(llrs) for rows in mated_rows(evaluation))
    involved = np.concatenate([whose[mated], whose[nonmated], against[nonmated]])
    people, relabelled = np.unique(involved, return_inverse=True)
    m, n = int(mated.sum()), int(nonmated.sum())
    return SubjectScores(
        mated=llrs[mated],
        mated_subject=relabelled[:m],
        nonmated=llrs[nonmated],
        probe_subject=relabelled[m : m + n],
        reference_subject=relabelled[m + n :],
        subjects=len(people),
    )


def llrs_of(evaluation: Evaluation, source: Source) -> Float64Array:
    """`float64[n]`, NaN where `source` was not compared."""
    table = evaluation.table
    face, voice = table.llrs[Modality.FACE], table.llrs[Modality.VOICE]
    columns: Mapping[Source, Float64Array] = {
        Source.FACE: face,
        Source.VOICE: voice,
        Source.FUSED: np.where(np.isnan(face) | np.isnan(voice), np.nan, table.fused),
    }
    return columns[source]


def comparison_rates(scores: SubjectScores, source: Source) -> ComparisonRates:
    """All rates of one source."""
    mated, nonmated = len(scores.mated), len(scores.nonmated)
    if not mated or not nonmated:
        missing = Missing(reason=_absence(source, mated, nonmated))
        return ComparisonRates(
            mated=mated,
            nonmated=nonmated,
            subjects=scores.subjects,
            eer=missing,
            cllr=missing,
            min_cllr=None,
            operating_points=tuple(OperatingPoint(fmr=fmr, fnmr=missing, threshold=None) for fmr in FMRS),
            curve=None,
        )
    curve = ErrorCurve.of(scores.mated, scores.nonmated)
    intervals = error_intervals(scores, FMRS)
    return ComparisonRates(
        mated=mated,
        nonmated=nonmated,
        subjects=scores.subjects,
        eer=Estimate(value=curve.eer(), interval=_at_least_exact(curve.eer(), intervals.eer, mated)),
        cllr=Estimate(value=cllr(scores.mated, scores.nonmated), interval=intervals.cllr),
        min_cllr=min_cllr(scores.mated, scores.nonmated),
        operating_points=_operating_points(curve, intervals, mated, nonmated),
        curve=curve,
    )


def _operating_points(
    curve: ErrorCurve, intervals: ErrorIntervals, mated: int, nonmated: int
) -> tuple[OperatingPoint, ...]:
    points = []
    for fmr, interval in zip(FMRS, intervals.fnmr, strict=True):
        reason = too_few_for(fmr, nonmated)
        if reason is not None:
            points.append(OperatingPoint(fmr=fmr, fnmr=Missing(reason=reason), threshold=None))
            continue
        index = curve.at_fmr(fmr)
        value = float(curve.fnmr[index])
        fnmr = Estimate(value=value, interval=_at_least_exact(value, interval, mated))
        points.append(OperatingPoint(fmr=fmr, fnmr=fnmr, threshold=curve.finite_threshold(index)))
    return tuple(points)


def _at_least_exact(rate: float, interval: Interval, trials: int) -> Interval:
    """Resampling cannot show an error that never happened, so where none or only errors were seen, use exact bounds."""
    exact = Proportion(count=round(rate) * trials, of=trials).interval if rate in {0.0, 1.0} else None
    return interval if exact is None else (min(interval[0], exact[0]), max(interval[1], exact[1]))


def _absence(source: Source, mated: int, nonmated: int) -> str:
    if mated or nonmated:
        return f"there are only {'mated' if mated else 'non-mated'} comparisons"
    return _ABSENT[source]


def _subject_numbers(evaluation: Evaluation) -> dict[str, int]:
    names = [item.subject for item in evaluation.references] + [test.presentation.subject for test in evaluation.tests]
    return {name: index for index, name in enumerate(dict.fromkeys(names))}
