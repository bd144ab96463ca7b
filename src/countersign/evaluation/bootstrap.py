"""Subject bootstrap: how much the error rates would differ with other people.

Comparisons of the same people are not independent, so people are drawn, not comparisons: each replicate draws as many
subjects as there are, with replacement, and weighs a mated comparison by how often its subject was drawn and a
non-mated one by the product of its two subjects' (Poh and Bengio, 2007; the two-way bootstrap of ISO/IEC 19795-1, B.4).

Error rates at low FMR depend on the highest non-mated scores alone, so only that tail is carried through all replicates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from countersign.core.arrays import Float64Array
from countersign.evaluation.intervals import CONFIDENCE, Interval
from countersign.evaluation.metrics import ErrorCurve, bits, crossing

REPLICATES = 1000
SEED = 19795
_CELLS = 4_000_000
"""Numbers held at a time: about 32 MB an array."""

_FEW = 20_000

IntArray: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectScores:
    """Comparison scores and whose they are.

    Attributes:
        mated: `float64[n]`.
        mated_subject: `int64[n]`, in [0, subjects).
        nonmated: `float64[m]`.
        probe_subject, reference_subject: `int64[m]`, in [0, subjects).
        subjects: how many people there are.
    """

    mated: Float64Array
    mated_subject: IntArray
    nonmated: Float64Array
    probe_subject: IntArray
    reference_subject: IntArray
    subjects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorIntervals:
    """95 % intervals.

    Attributes:
        eer, cllr: of these figures.
        fnmr: of the FNMR at each FMR asked for, in that order.
    """

    eer: Interval
    cllr: Interval
    fnmr: tuple[Interval, ...]


def error_intervals(
    scores: SubjectScores, fmrs: tuple[float, ...], *, replicates: int = REPLICATES, seed: int = SEED
) -> ErrorIntervals:
    """Intervals of EER, Cllr and the FNMR at each of `fmrs`, by `replicates` draws of the subjects."""
    rng = np.random.default_rng(seed)
    chance = np.full(scores.subjects, 1.0 / scores.subjects)
    draws = rng.multinomial(scores.subjects, chance, size=replicates).astype(np.float64)
    totals = _PairSums.of(scores)
    mated, nonmated = totals.mated(draws), totals.nonmated(draws)
    draws = draws[(mated > 0) & (nonmated > 0)]

    eers, fnmrs = _replicate(scores, draws, totals, fmrs, _tail(scores))
    if np.isnan(eers).any():  # some replicate is so much worse that its curves cross outside the tail
        eers, fnmrs = _replicate(scores, draws, totals, fmrs, scores.nonmated.min())
    return ErrorIntervals(
        eer=_percentiles(eers),
        cllr=_percentiles(totals.cllr(draws)),
        fnmr=tuple(_percentiles(column) for column in fnmrs.T),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _PairSums:
    """Counts and costs per subject and per pair of subjects: all that sums over whole sets need."""

    mated_count: Float64Array
    mated_bits: Float64Array
    pair_count: csr_array
    pair_bits: csr_array

    @classmethod
    def of(cls, scores: SubjectScores) -> _PairSums:
        n = scores.subjects
        pairs = (scores.probe_subject, scores.reference_subject)

        def per_pair(values: Float64Array) -> csr_array:
            return csr_array((values, pairs), shape=(n, n))

        return cls(
            mated_count=np.bincount(scores.mated_subject, minlength=n).astype(np.float64),
            mated_bits=np.bincount(scores.mated_subject, bits(scores.mated, mated=True), n).astype(np.float64),
            pair_count=per_pair(np.ones(len(scores.nonmated))),
            pair_bits=per_pair(bits(scores.nonmated, mated=False)),
        )

    def mated(self, draws: Float64Array) -> Float64Array:
        return draws @ self.mated_count

    def nonmated(self, draws: Float64Array) -> Float64Array:
        return _quadratic(draws, self.pair_count)

    def cllr(self, draws: Float64Array) -> Float64Array:
        mated = draws @ self.mated_bits / self.mated(draws)
        return (mated + _quadratic(draws, self.pair_bits) / self.nonmated(draws)) / 2.0


def _quadratic(draws: Float64Array, matrix: csr_array) -> Float64Array:
    sums: Float64Array = np.sum(matrix.dot(draws.T).T * draws, axis=1)
    return sums


def _tail(scores: SubjectScores) -> float:
    """Lowest non-mated score to carry: all of few, else three times as far down as the EER, and a twentieth of all."""
    if len(scores.nonmated) < _FEW:
        return float(scores.nonmated.min())
    share = min(1.0, max(0.05, 3.0 * ErrorCurve.of(scores.mated, scores.nonmated).eer()))
    return float(np.quantile(scores.nonmated, 1.0 - share, method="lower"))


def _replicate(
    scores: SubjectScores, draws: Float64Array, totals: _PairSums, fmrs: tuple[float, ...], lowest: float
) -> tuple[Float64Array, Float64Array]:
    """EER `float64[r]` and FNMR at each FMR `float64[r, f]` of each draw, from the scores that are at least `lowest`."""
    high, tail = scores.mated >= lowest, scores.nonmated >= lowest
    values = np.concatenate([scores.mated[high], scores.nonmated[tail]])
    order = np.argsort(-values, kind="stable")
    last = np.flatnonzero(np.r_[np.diff(values[order]) < 0, True])
    is_mated = (np.arange(len(values)) < int(high.sum()))[order]
    first = np.concatenate([scores.mated_subject[high], scores.probe_subject[tail]])[order]
    second = np.concatenate([scores.mated_subject[high], scores.reference_subject[tail]])[order]

    eers, fnmrs = [], []
    for rows in np.array_split(draws, max(1, len(draws) * len(values) // _CELLS)):
        drawn = rows[:, first]
        mated = np.cumsum(np.where(is_mated, drawn, 0.0), axis=1)[:, last]
        nonmated = np.cumsum(np.where(is_mated, 0.0, drawn * rows[:, second]), axis=1)[:, last]
        edge = np.zeros((len(rows), 1))
        fmr = np.hstack([edge, nonmated / totals.nonmated(rows)[:, np.newaxis]])
        fnmr = 1.0 - np.hstack([edge, mated / totals.mated(rows)[:, np.newaxis]])
        eers.append(crossing(fmr, fnmr))
        at = [np.sum(fmr <= target, axis=1) - 1 for target in fmrs]
        fnmrs.append(np.stack([fnmr[np.arange(len(rows)), index] for index in at], axis=1))
    return np.concatenate(eers), np.concatenate(fnmrs)


def _percentiles(values: Float64Array) -> Interval:
    tail = 100.0 * (1.0 - CONFIDENCE) / 2.0
    low, high = np.percentile(values, [tail, 100.0 - tail])
    return float(low), float(high)
