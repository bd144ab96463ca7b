"""However many guess at once, no more are looked at than are allowed, and each further one costs more time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from countersign.server.accounts.models import Delays, GuessCounter, Refusal
from countersign.server.accounts.models.guess_counter import BLOCKED_FOR_GOOD, FORGOTTEN_AFTER

DELAYS = Delays(free=3, first=timedelta(seconds=30), longest=timedelta(hours=1))
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("countersign.server.accounts.models.guess_counter.timezone.now", clock)
    return clock


def failures_until_refused(key: str = "account:x") -> int:
    count = 0
    while not isinstance(GuessCounter.objects.reserve(key, DELAYS), Refusal):
        count += 1
    return count


@pytest.mark.usefixtures("db")
def test_free_guesses_come_first(clock: Clock) -> None:
    assert failures_until_refused() == 3


@pytest.mark.usefixtures("db")
def test_then_each_wrong_guess_doubles_the_wait_up_to_the_longest(clock: Clock) -> None:
    failures_until_refused()
    waits = []
    for _ in range(10):
        refusal = GuessCounter.objects.reserve("account:x", DELAYS)
        assert isinstance(refusal, Refusal)
        waits.append((refusal.until - clock.now).total_seconds())
        clock.now = refusal.until
        assert not isinstance(GuessCounter.objects.reserve("account:x", DELAYS), Refusal)
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


@pytest.mark.usefixtures("db")
def test_just_before_the_wait_is_over_nothing_is_looked_at(clock: Clock) -> None:
    failures_until_refused()
    clock.now += timedelta(seconds=29, microseconds=999_999)
    assert isinstance(GuessCounter.objects.reserve("account:x", DELAYS), Refusal)


@pytest.mark.usefixtures("db")
def test_after_a_hundred_wrong_guesses_in_a_row_only_a_new_password_helps(clock: Clock) -> None:
    for _ in range(100):
        assert not isinstance(GuessCounter.objects.reserve("account:x", DELAYS), Refusal)
        clock.now += timedelta(hours=2)
    refusal = GuessCounter.objects.reserve("account:x", DELAYS)
    assert refusal == Refusal(until=BLOCKED_FOR_GOOD)
    clock.now += 10 * FORGOTTEN_AFTER
    assert isinstance(GuessCounter.objects.reserve("account:x", DELAYS), Refusal)
    GuessCounter.objects.release("account:x")
    assert failures_until_refused() == 3


@pytest.mark.usefixtures("db")
def test_a_right_guess_starts_anew(clock: Clock) -> None:
    failures_until_refused()
    GuessCounter.objects.release("account:x")
    assert failures_until_refused() == 3


@pytest.mark.usefixtures("db")
def test_wrong_guesses_of_long_ago_are_forgotten(clock: Clock) -> None:
    failures_until_refused()
    clock.now += FORGOTTEN_AFTER + timedelta(seconds=1)
    assert failures_until_refused() == 3


@pytest.mark.usefixtures("db")
def test_one_key_does_not_hold_up_another(clock: Clock) -> None:
    failures_until_refused("account:x")
    assert failures_until_refused("account:y") == 3


@pytest.mark.usefixtures("db")
def test_a_single_free_guess_is_possible(clock: Clock) -> None:
    strict = Delays(free=1, first=timedelta(seconds=30), longest=timedelta(hours=1))
    assert not isinstance(GuessCounter.objects.reserve("account:x", strict), Refusal)
    assert isinstance(GuessCounter.objects.reserve("account:x", strict), Refusal)


@pytest.mark.usefixtures("db")
def test_a_guess_is_counted_by_one_conditional_update(clock: Clock) -> None:
    GuessCounter.objects.reserve("account:x", DELAYS)
    with CaptureQueriesContext(connection) as queries:
        GuessCounter.objects.reserve("account:x", DELAYS)
    updates = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    assert len(updates) == 1
    assert "blocked_until" in updates[0].partition("WHERE")[2]


@pytest.mark.usefixtures("db")
def test_pruning_forgets_only_what_is_old_and_not_blocked(clock: Clock) -> None:
    GuessCounter.objects.reserve("name:old", DELAYS)
    GuessCounter.objects.reserve("account:for-good", DELAYS)
    GuessCounter.objects.filter(key="account:for-good").update(blocked_until=BLOCKED_FOR_GOOD)
    clock.now += FORGOTTEN_AFTER + timedelta(days=1)
    GuessCounter.objects.reserve("name:new", DELAYS)
    assert GuessCounter.objects.prune() == 1
    assert set(GuessCounter.objects.values_list("key", flat=True)) == {"name:new", "account:for-good"}


@pytest.mark.usefixtures("db")
def test_old_counters_are_forgotten_as_new_ones_come(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    GuessCounter.objects.reserve("name:old", DELAYS)
    clock.now += FORGOTTEN_AFTER + timedelta(days=1)
    GuessCounter.objects.reserve("name:new", DELAYS)
    assert GuessCounter.objects.count() == 2
    monkeypatch.setattr("countersign.server.accounts.models.guess_counter.TIDY_EVERY", 1)
    GuessCounter.objects.reserve("name:newer", DELAYS)
    assert GuessCounter.objects.count() == 2


def test_of_forty_guesses_at_once_no_more_are_let_in_than_are_free(own_database: str) -> None:
    def guess(_number: int) -> bool:
        try:
            return not isinstance(GuessCounter.objects.reserve("account:x", DELAYS), Refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(40))) == 3


def test_the_first_guesses_ever_may_come_at_once(own_database: str) -> None:
    counter: Callable[[int], object] = lambda number: _guess_and_close(f"account:{number % 5}")  # noqa: E731
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(counter, range(15)))
    assert list(GuessCounter.objects.values_list("failures", flat=True)) == [3] * 5


def _guess_and_close(key: str) -> None:
    try:
        GuessCounter.objects.reserve(key, DELAYS)
    finally:
        connection.close()
