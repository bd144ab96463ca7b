"""Fitting calibrations from labelled scores: prior-weighted logistic regression, and pool adjacent violators.

The objective of the former is the weighted cross-entropy of Brümmer and du Preez ("Application-independent evaluation of
speaker detection", 2006), as in their FoCal toolkit: mated and non-mated comparisons count as if the mated ones made up
`prior` of all, whatever their numbers. A small ridge keeps the slope finite where the data are separable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression, minimize
from scipy.special import expit, logit

from countersign.core.arrays import Float64Array
from countersign.scoring.curves import Isotonic, Logistic, SideTerm
from countersign.scoring.fuse import Fusion

DEFAULT_RIDGE = 1e-4
"""Penalty on squared standardised coefficients. On people held out it costs nothing, and it keeps a fit to few people
from claiming more than others bear out (`docs/decisions/0005-calibration-and-fusion.md`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledScores:
    """Scores whose truth is known.

    Attributes:
        values: `float64[n]`.
        mated: `bool[n]`.
        side: `float64[n]` each, by name.
    """

    values: Float64Array
    mated: NDArray[np.bool_]
    side: Mapping[str, Float64Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.mated.any() or self.mated.all():
            raise ValueError("both mated and non-mated scores are needed")

    def weights(self, prior: float) -> Float64Array:
        """`float64[n]`, summing to 1, of which the mated scores have `prior`."""
        mated = int(self.mated.sum())
        return np.where(self.mated, prior / mated, (1.0 - prior) / (len(self.mated) - mated))


def fit_logistic(
    scores: LabelledScores,
    *,
    side: Sequence[str] = (),
    interact: bool = True,
    prior: float = 0.5,
    ridge: float = DEFAULT_RIDGE,
) -> Logistic:
    """Fit a `Logistic`.

    Args:
        scores: what to fit.
        side: names of the side information to use.
        interact: whether side information may change the slope; given up when the slope would not stay positive.
        prior: effective prior of a mated comparison.
        ridge: penalty on squared standardised coefficients.

    Raises:
        ValueError: the scores do not rise with the truth.
    """
    centre, spread = _standard(scores.values)
    values = (scores.values - centre) / spread
    moments = [_standard(scores.side[name]) for name in side]
    sides = [(scores.side[name] - mean) / scale for name, (mean, scale) in zip(side, moments, strict=True)]
    columns = [values, *sides, *([values * column for column in sides] if interact else [])]
    intercept, weights = _regress(np.stack(columns, axis=1), scores, prior, ridge)

    offsets = weights[1 : 1 + len(sides)]
    slopes = weights[1 + len(sides) :] if interact else np.zeros(len(sides))
    # From standardised back to raw units: (a + b z)(u - mean) / scale, z = (s - centre) / spread.
    slope, terms = weights[0] / spread, []
    for name, (mean, scale), offset, bend in zip(side, moments, offsets, slopes, strict=True):
        per_side, per_both = (offset - bend * centre / spread) / scale, bend / spread / scale
        low, high = float(scores.side[name].min()), float(scores.side[name].max())
        terms.append(SideTerm(name=name, low=low, high=high, offset=float(per_side), slope=float(per_both)))
        intercept -= per_side * mean
        slope -= per_both * mean
    try:
        return Logistic(
            intercept=float(intercept - weights[0] * centre / spread), slope=float(slope), side=tuple(terms)
        )
    except ValueError:
        if not interact or not side:
            raise
        return fit_logistic(scores, side=side, interact=False, prior=prior, ridge=ridge)


def fit_isotonic(scores: LabelledScores) -> Isotonic:
    """Fit an `Isotonic`: the log-likelihood ratio of each block of pool adjacent violators, at the block's mean score.

    One made-up mated score below all and one non-mated above all, and the other way round, keep the ends finite (the
    Laplace rule of succession of Brümmer's PAV tools).
    """
    order = np.argsort(scores.values, kind="stable")
    values, mated = scores.values[order], scores.mated[order]
    values = np.concatenate([values[:1], values[:1], values, values[-1:], values[-1:]])
    mated = np.concatenate([[True, False], mated, [True, False]])
    padded = LabelledScores(values=values, mated=mated)
    llrs = pav_llrs(padded)
    starts = np.flatnonzero(np.r_[True, np.diff(llrs) > 0])
    sizes = np.diff(np.r_[starts, len(llrs)])
    knots = np.add.reduceat(values, starts) / sizes
    finite = np.isfinite(llrs[starts]) & np.r_[True, np.diff(knots) > 0]
    return Isotonic(scores=tuple(knots[finite].tolist()), llrs=tuple(llrs[starts][finite].tolist()))


def pav_llrs(scores: LabelledScores) -> Float64Array:
    """The best log-likelihood ratios that keep the order of the scores, in ascending order of score; may be infinite.

    Equal scores get equal ratios.
    """
    order = np.argsort(scores.values, kind="stable")
    values, mated = scores.values[order], scores.mated[order].astype(np.float64)
    _, index, counts = np.unique(values, return_inverse=True, return_counts=True)
    share = np.bincount(index, weights=mated) / counts
    posterior = isotonic_regression(share, weights=counts.astype(np.float64)).x[index]
    with np.errstate(divide="ignore"):
        odds: Float64Array = logit(np.clip(posterior, 0.0, 1.0)) - logit(mated.mean())
    return odds


def fit_fusion(face: Float64Array, voice: Float64Array, mated: NDArray[np.bool_], *, prior: float = 0.5) -> Fusion:
    """Trained weights for two log-likelihood ratios, each `float64[n]`.

    Raises:
        ValueError: a modality would count against the truth.
    """
    scores = LabelledScores(values=face, mated=mated)
    spread = np.array([_standard(face)[1], _standard(voice)[1]])
    intercept, weights = _regress(np.stack([face, voice], axis=1) / spread, scores, prior, DEFAULT_RIDGE)
    weights = weights / spread
    return Fusion(name="logistic", bias=float(intercept), face=float(weights[0]), voice=float(weights[1]))


def _standard(values: Float64Array) -> tuple[float, float]:
    spread = float(values.std())
    return float(values.mean()), spread if spread > 0 else 1.0


def _regress(columns: Float64Array, scores: LabelledScores, prior: float, ridge: float) -> tuple[float, Float64Array]:
    """Intercept and weights of the prior-weighted, ridge-penalised logistic regression."""
    design = np.column_stack([np.ones(len(columns)), columns])
    sign = np.where(scores.mated, 1.0, -1.0)
    counts, shift = scores.weights(prior), float(logit(prior))
    penalty = np.r_[0.0, np.full(columns.shape[1], ridge)]

    def loss(weights: Float64Array) -> tuple[float, Float64Array]:
        margins = sign * (design @ weights + shift)
        gradient = design.T @ (-counts * sign * expit(-margins)) + penalty * weights
        return float(counts @ np.logaddexp(0.0, -margins) + 0.5 * penalty @ weights**2), gradient

    found = minimize(
        loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 2000, "gtol": 1e-9}
    )
    return float(found.x[0]), found.x[1:]
