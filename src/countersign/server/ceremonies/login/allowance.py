"""How many recordings may be looked at: counted as guesses at passwords are, before anything is looked at.

A correct password leads here, so a stranger cannot use anybody's attempts up. Who stole it can; a device that the account
knows has attempts of its own, as it has guesses. SP 800-63B-4, 3.2.3: after 5 failed attempts in a row (10 with detection of
attacks) a delay of 30 seconds or more, growing; after 100 none are looked at before a login is completed otherwise, or the password changed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from countersign.server.accounts import guard
from countersign.server.accounts.models import Delays, GuessCounter, KnownDevice, Refusal, User
from countersign.server.accounts.models.guess_counter import Reservation
from countersign.server.project.current import configuration


def reserve(account: User) -> Reservation | Refusal:
    """Count one attempt, in one statement. Call it within a durable transaction."""
    return GuessCounter.objects.reserve(_key(account), _delays())


def held_up_until(account: User) -> datetime | None:
    """Until when no attempt is looked at; None if one would be now."""
    row = GuessCounter.objects.filter(key=_key(account), blocked_until__gt=timezone.now()).first()
    return row.blocked_until if row else None


def left(account: User) -> int:
    """How many failed attempts cost nothing yet."""
    row = GuessCounter.objects.filter(key=_key(account)).first()
    return max(configuration().policy.free_attempts - (row.failures if row else 0), 0)


def release(account: User) -> None:
    """One was accepted, or the person proved themselves otherwise: start anew, here and as a stranger."""
    GuessCounter.objects.release(_key(account))


def start_anew(account: User) -> None:
    """Forget failed attempts of strangers: whoever made them knew a password that is no longer the account's."""
    GuessCounter.objects.release(_strangers(account))


def _strangers(account: User) -> str:
    return f"attempt:{account.pk}"


def _key(account: User) -> str:
    device = KnownDevice.objects.recognise(account.pk, guard.device_token.get())
    return f"attempt-device:{device.pk}" if device else _strangers(account)


def _delays() -> Delays:
    policy = configuration().policy
    return Delays(
        free=policy.free_attempts,
        first=timedelta(seconds=policy.first_delay_seconds),
        longest=timedelta(seconds=policy.longest_delay_seconds),
    )
