"""Error rates of comparisons (ISO/IEC 19795-1): counts, then rates. Intervals are `bootstrap`'s and `intervals`'.

A comparison matches when its score is at least the threshold. FMR is the share of non-mated comparisons that match,
FNMR the share of mated ones that do not. Failures to acquire are no comparisons and are counted elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float64Array
from countersign.scoring.fit import LabelledScores, pav_llrs


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCurve:
    """Both error rates at every threshold that makes a difference, strictest first.

    Attributes:
        thresholds: `float64[k]`, falling; the first is infinite (nothing matches).
        fmr: `float64[k]`, rising from 0.
        fnmr: `float64[k]`, falling from 1.
    """

    thresholds: Float64Array
    fmr: Float64Array
    fnmr: Float64Array

    @classmethod
    def of(cls, mated: Float64Array, nonmated: Float64Array) -> ErrorCurve:
        """The curve of `float64[n]` mated and `float64[m]` non-mated scores, neither empty."""
        scores = np.concatenate([mated, nonmated])
        order = np.argsort(-scores, kind="stable")
        is_mated = (np.arange(len(scores)) < len(mated))[order]
        scores = scores[order]
        # Equal scores pass or fail together: only the last of each run is a threshold.
        last = np.flatnonzero(np.r_[np.diff(scores) < 0, True])
        return cls(
            thresholds=np.r_[np.inf, scores[last]],
            fmr=np.r_[0.0, np.cumsum(~is_mated)[last] / len(nonmated)],
            fnmr=np.r_[1.0, 1.0 - np.cumsum(is_mated)[last] / len(mated)],
        )

    def eer(self) -> float:
        """Where FMR and FNMR are equal, on the straight line between the two thresholds around the crossing.

        This is the plain definition; the convex hull of the curve would give a slightly smaller figure.
        """
        return float(crossing(self.fmr[np.newaxis], self.fnmr[np.newaxis])[0])

    def at_fmr(self, fmr: float) -> int:
        """Index of the most lenient threshold whose FMR is at most `fmr`."""
        return int(np.searchsorted(self.fmr, fmr, side="right")) - 1

    def finite_threshold(self, index: int) -> float:
        """The threshold at `index`; where nothing matches, the least number above all scores."""
        return float(self.thresholds[index] if index else np.nextafter(self.thresholds[1], np.inf))


def crossing(fmr: Float64Array, fnmr: Float64Array) -> Float64Array:
    """Equal error rate of each row: `float64[rows, k]` curves, FMR rising, FNMR falling, to `float64[rows]`.

    A row whose curves do not cross gives NaN.
    """
    crossed = fmr >= fnmr
    after = np.argmax(crossed, axis=1)
    rows = np.arange(len(fmr))
    before = np.maximum(after - 1, 0)
    gap_before = fnmr[rows, before] - fmr[rows, before]
    gap_after = fmr[rows, after] - fnmr[rows, after]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(gap_before + gap_after > 0, gap_before / (gap_before + gap_after), 0.0)
    eer = fmr[rows, before] + share * (fmr[rows, after] - fmr[rows, before])
    equal: Float64Array = np.where(crossed.any(axis=1), eer, np.nan)
    return equal


def bits(llrs: Float64Array, *, mated: bool) -> Float64Array:
    """Cost in bits of each log-likelihood ratio (nats) under the logarithmic scoring rule, `float64[n]`."""
    cost: Float64Array = np.logaddexp(0.0, -llrs if mated else llrs) / np.log(2.0)
    return cost


def cllr(mated: Float64Array, nonmated: Float64Array) -> float:
    """Log-likelihood-ratio cost in bits (Brümmer and du Preez, 2006): 0 is perfect, 1 says nothing, above misleads."""
    return float(bits(mated, mated=True).mean() + bits(nonmated, mated=False).mean()) / 2.0


def min_cllr(mated: Float64Array, nonmated: Float64Array) -> float:
    """The `cllr` that the best order-keeping recalibration would have: what discrimination alone costs."""
    labels: NDArray[np.bool_] = np.arange(len(mated) + len(nonmated)) < len(mated)
    values = np.concatenate([mated, nonmated])
    llrs = pav_llrs(LabelledScores(values=values, mated=labels))
    labels = labels[np.argsort(values, kind="stable")]
    return cllr(llrs[labels], llrs[~labels])
