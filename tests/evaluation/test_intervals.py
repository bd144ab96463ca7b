"""Proportions have exact intervals, and no rate is stated that the counts cannot carry."""

from __future__ import annotations

import pytest
from scipy.stats import binom

from countersign.evaluation.intervals import Proportion, too_few_for


@pytest.mark.parametrize(("count", "of"), [(0, 10), (1, 10), (7, 20), (20, 20), (3, 1000)])
def test_the_interval_holds_the_rates_under_which_the_count_is_not_surprising(count: int, of: int) -> None:
    share = Proportion(count=count, of=of)
    assert share.interval is not None
    low, high = share.interval
    assert low <= count / of <= high
    if count:
        assert binom.sf(count - 1, of, low) == pytest.approx(0.025, abs=1e-6)
    if count < of:
        assert binom.cdf(count, of, high) == pytest.approx(0.025, abs=1e-6)


def test_no_error_in_a_hundred_agrees_with_published_tables() -> None:
    interval = Proportion(count=0, of=100).interval
    assert interval is not None
    assert interval[0] == 0.0
    assert interval[1] == pytest.approx(0.03622, abs=1e-5)


def test_nothing_of_nothing_has_no_rate() -> None:
    nothing = Proportion(count=0, of=0)
    assert nothing.rate is None
    assert nothing.interval is None


@pytest.mark.parametrize(("rate", "enough"), [(1e-2, 300), (1e-3, 3_000), (1e-4, 30_000)])
def test_the_rule_of_three_decides_what_a_count_can_carry(rate: float, enough: int) -> None:
    assert too_few_for(rate, enough) is None
    reason = too_few_for(rate, enough - 1)
    assert reason is not None
    assert "rule of 3" in reason
    assert f"{enough:,}" in reason
