"""Intervals of plain proportions, and when a rate can be carried by its counts at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from scipy.stats import beta

CONFIDENCE = 0.95

Interval: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """A share of independent trials, as ISO/IEC 19795-1 wants it reported: with its counts."""

    count: int
    of: int

    @property
    def rate(self) -> float | None:
        """Count over trials; None of no trials."""
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> Interval | None:
        """As `clopper_pearson`; None of no trials."""
        return clopper_pearson(self.count, self.of) if self.of else None


def clopper_pearson(count: int, of: int) -> Interval:
    """95 % interval of a proportion after Clopper and Pearson (1934): exact, never too narrow; [0, 1] of no trials."""
    tail = (1.0 - CONFIDENCE) / 2.0
    low = beta.ppf(tail, count, of - count + 1) if count else 0.0
    high = beta.ppf(1.0 - tail, count + 1, of - count) if count < of else 1.0
    return float(low), float(high)


def too_few_for(rate: float, trials: int) -> str | None:
    """Why `trials` cannot carry a statement about an error rate of `rate`; None when they can.

    The rule of 3 (ISO/IEC 19795-1, B.1): with no error seen in N independent trials, the rate is below 3/N with 95 %
    confidence. So a statement about `rate` needs at least 3/`rate` trials.
    """
    needed = round(3.0 / rate)
    if trials >= needed:
        return None
    return (
        f"{trials:,} non-mated comparisons are too few: by the rule of 3, a rate of 1 in {round(1 / rate):,} needs "
        f"{needed:,}; even without a single error these show no more than a rate below "
        f"{'3 in ' + format(trials, ',') if trials else 'anything'}"
    )
