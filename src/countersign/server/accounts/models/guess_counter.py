"""Counting guesses, before they are looked at.

A guess is reserved by ONE conditional UPDATE, which both asks whether a guess may be made and counts it. Of any number of
guesses at the same moment, in any number of processes, no more than are allowed find the row willing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import models
from django.db.models import Case, F, Value, When
from django.utils import timezone

NEVER_BLOCKED = datetime(1970, 1, 1, tzinfo=UTC)
BLOCKED_FOR_GOOD = datetime(9999, 1, 1, tzinfo=UTC)
MOST_FAILURES_IN_A_ROW = 100  # SP 800-63B-4, 3.2.2: then the password is no longer looked at until it is reset
FORGOTTEN_AFTER = timedelta(days=30)
TIDY_EVERY = 200  # new counters, on average


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """How long to wait after how many wrong guesses in a row: `free` of them cost nothing, then each doubles the wait.

    Attributes:
        free: guesses before the first delay.
        first: that delay.
        longest: no delay is longer, until `MOST_FAILURES_IN_A_ROW`.
    """

    free: int
    first: timedelta
    longest: timedelta

    def steps(self) -> Iterator[tuple[int, timedelta]]:
        """(failures, delay that begins with them), while delays still grow."""
        failures, delay = self.free, self.first
        while delay < self.longest:
            yield failures, delay
            failures, delay = failures + 1, 2 * delay


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """One guess may be looked at.

    Attributes:
        failures: guesses in a row, with this one, if it is wrong.
        delay: what this guess costs if it is wrong.
    """

    failures: int
    delay: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """No guess is looked at until then."""

    until: datetime


class GuessCounters(models.Manager["GuessCounter"]):
    """Reserving and releasing guesses."""

    def reserve(self, key: str, delays: Delays) -> Reservation | Refusal:
        """Ask for one guess and count it, in one statement. Call it within a transaction of its own."""
        now = timezone.now()
        if not self._count(key, now, delays):
            # Either nobody guessed at this yet, or it is blocked. A row that is inserted twice at once is inserted once.
            blank = GuessCounter(key=key, failures=0, blocked_until=NEVER_BLOCKED, last_at=now)
            self.bulk_create([blank], ignore_conflicts=True)
            if secrets.randbelow(TIDY_EVERY) == 0:
                self.prune()
            if not self._count(key, now, delays):
                return Refusal(until=self.get(key=key).blocked_until)
        row = self.get(key=key)
        return Reservation(failures=row.failures, delay=max(row.blocked_until - now, timedelta()))

    def release(self, key: str) -> None:
        """The guess was right, or the person has proved themselves otherwise: start anew."""
        self.filter(key=key).update(failures=0, blocked_until=NEVER_BLOCKED)

    def prune(self) -> int:
        """Forget counters that nobody touched for long. Returns how many."""
        stale = self.filter(last_at__lt=timezone.now() - FORGOTTEN_AFTER, blocked_until__lt=timezone.now())
        return stale.delete()[0]

    def _count(self, key: str, now: datetime, delays: Delays) -> int:
        stale = When(last_at__lt=now - FORGOTTEN_AFTER, then=Value(1))
        return self.filter(key=key, blocked_until__lte=now).update(
            failures=Case(stale, default=F("failures") + 1),
            blocked_until=_blocked_until(now, delays),
            last_at=now,
        )


class GuessCounter(models.Model):
    """Guesses in a row at one account from strangers, from one device that the account knows, or at an unknown name."""

    key = models.CharField(max_length=80, primary_key=True)
    failures = models.PositiveIntegerField()
    blocked_until = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)

    objects = GuessCounters()

    def __str__(self) -> str:
        return self.key


def _blocked_until(now: datetime, delays: Delays) -> Case:
    """In SQL: the end of the delay that this guess, the (failures + 1)th, brings."""
    # Not `now`: of guesses at the same moment, one that read the clock a little earlier would find itself blocked.
    after_first = NEVER_BLOCKED if delays.free > 1 else now + delays.first
    whens = [
        When(last_at__lt=now - FORGOTTEN_AFTER, then=Value(after_first)),
        When(failures__gte=MOST_FAILURES_IN_A_ROW - 1, then=Value(BLOCKED_FOR_GOOD)),
        When(failures__lt=delays.free - 1, then=Value(NEVER_BLOCKED)),
    ]
    whens += [When(failures=failures - 1, then=Value(now + delay)) for failures, delay in delays.steps()]
    return Case(*whens, default=Value(now + delays.longest), output_field=models.DateTimeField())
