"""The curves a calibration may follow, from comparison score to log-likelihood ratio.

`Logistic` is affine in the score, with side information (Brümmer and du Preez, 2006); `Isotonic` comes from pool adjacent
violators (Brümmer and de Villiers, 2013). Both rise strictly, so neither changes the order of scores taken under the same
conditions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from countersign.core.arrays import Float64Array


@dataclass(frozen=True, slots=True, kw_only=True)
class SideTerm:
    """How one piece of side information bends the line.

    Attributes:
        name: key in `Score.side`.
        low, high: what was observed while fitting; values outside are taken as the nearer end.
        offset: nats per unit of side information.
        slope: nats per unit of score and unit of side information.
    """

    name: str
    low: float
    high: float
    offset: float
    slope: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """LLR = intercept + slope * score + sum over side information k of (offset_k + slope_k * score) * side_k.

    Raises:
        ValueError: the LLR would not rise with the score somewhere in the range of the side information.
    """

    intercept: float
    slope: float
    side: tuple[SideTerm, ...] = ()

    def __post_init__(self) -> None:
        if not self.least_slope > 0:
            raise ValueError("a log-likelihood ratio must rise with its score")

    @property
    def least_slope(self) -> float:
        """Nats per unit of score, at the worst corner of the side information's range."""
        return self.slope + sum(min(term.slope * term.low, term.slope * term.high) for term in self.side)

    def __call__(self, scores: Float64Array, side: Mapping[str, Float64Array]) -> Float64Array:
        """Log-likelihood ratios, before the limit. `float64[n]` each."""
        llrs = self.intercept + self.slope * scores
        for term in self.side:
            llrs = llrs + (term.offset + term.slope * scores) * np.clip(side[term.name], term.low, term.high)
        return llrs


@dataclass(frozen=True, slots=True, kw_only=True)
class Isotonic:
    """Straight lines between knots; beyond the ends the first and the last line go on.

    Attributes:
        scores, llrs: the knots, both strictly rising, at least two.
    """

    scores: tuple[float, ...]
    llrs: tuple[float, ...]

    def __post_init__(self) -> None:
        rising = np.all(np.diff(self.scores) > 0) and np.all(np.diff(self.llrs) > 0)
        if len(self.scores) < 2 or len(self.scores) != len(self.llrs) or not rising:
            raise ValueError("an isotonic calibration needs two or more knots, strictly rising on both axes")

    def __call__(self, scores: Float64Array, side: Mapping[str, Float64Array]) -> Float64Array:  # noqa: ARG002
        """Log-likelihood ratios, before the limit. `float64[n]` each; side information is not used."""
        x, y = np.asarray(self.scores), np.asarray(self.llrs)
        k = np.clip(np.searchsorted(x, scores) - 1, 0, len(x) - 2)
        llrs: Float64Array = y[k] + (scores - x[k]) * (y[k + 1] - y[k]) / (x[k + 1] - x[k])
        return llrs


Form: TypeAlias = Logistic | Isotonic


def soft_limit(llrs: Float64Array, low: float, high: float) -> Float64Array:
    """Hold LLRs to [low - 1, high + 1] without making two different ones equal.

    Within [low, high] nothing changes. Beyond, an excess of e nats counts as e / (1 + e): what the data cannot carry
    earns less than one nat, yet the order, on which error rates at low FMR depend, is kept.
    """
    over, under = np.maximum(llrs - high, 0.0), np.maximum(low - llrs, 0.0)
    limited: Float64Array = np.clip(llrs, low, high) + over / (1.0 + over) - under / (1.0 + under)
    return limited
