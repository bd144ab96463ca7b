"""The one door to every password: reserve, look, settle.

`User.check_password` and the authentication backend both come through `attempt`, so pages, API, console, password change
and re-authentication count together, and so does whatever is added later.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac

from countersign.server.accounts.models.guess_counter import Delays, GuessCounter, Refusal
from countersign.server.accounts.models.known_device import KnownDevice
from countersign.server.audit.events import Detail, EventKind
from countersign.server.audit.record import record
from countersign.server.configuration import Accounts
from countersign.server.project.current import configuration

device_token: ContextVar[str] = ContextVar("device_token", default="")
"""The token that the request in progress came with; empty for a device that has none."""


@dataclass(frozen=True, slots=True)
class Correct:
    """The secret is the account's."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """The secret is not the account's, or there is no such account."""


@dataclass(frozen=True, slots=True)
class NotLookedAt:
    """Too many wrong guesses: nothing was looked at, and nothing will be until then."""

    until: datetime


Verdict: TypeAlias = Correct | Wrong | NotLookedAt


def attempt(account: UUID | None, *, name: str, verify: Callable[[], bool]) -> Verdict:
    """Look at one guess, if one is still allowed.

    A name that nobody has takes the same path as one that somebody has: the same statements, the same rows, the same
    hash (`verify` hashes as well).

    Args:
        account: whose secret is guessed at, or None if nobody has that name.
        name: the name in its one spelling; counts guesses where there is no account.
        verify: compares. Called once or never, outside of any transaction.
    """
    device = KnownDevice.objects.recognise(account, device_token.get())
    key = _key(account, name, device)
    # Durable: the count is on disk before the hash is computed, whatever happens to the process then.
    with transaction.atomic(durable=True):
        reserved = GuessCounter.objects.reserve(key, _delays(configuration().accounts))
        if isinstance(reserved, Refusal):
            return NotLookedAt(until=reserved.until)
        if reserved.delay > timedelta():
            _record(
                EventKind.GUESSING_HELD_UP,
                account,
                device,
                failures=reserved.failures,
                seconds=_seconds(reserved.delay),
            )
    if verify():
        with transaction.atomic():
            GuessCounter.objects.release(key)
            record(EventKind.PASSWORD_CORRECT, account=account)
        return Correct()
    _record(EventKind.PASSWORD_WRONG, account, device)
    return Wrong()


def start_anew(account: UUID) -> None:
    """Forget wrong guesses of strangers at an account: its password was just set by somebody entitled to."""
    GuessCounter.objects.release(_key(account, "", None))


def _record(kind: EventKind, account: UUID | None, device: KnownDevice | None, **details: Detail) -> None:
    record(kind, account=account, details={"device": str(device.pk) if device else "unknown", **details})


def _key(account: UUID | None, name: str, device: KnownDevice | None) -> str:
    if device is not None:
        return f"device:{device.pk}"
    if account is not None:
        return f"account:{account}"
    return f"name:{salted_hmac('countersign.guessed-name', name, algorithm='sha256').hexdigest()}"


def _delays(accounts: Accounts) -> Delays:
    return Delays(
        free=accounts.free_guesses,
        first=timedelta(seconds=accounts.first_delay_seconds),
        longest=timedelta(seconds=accounts.longest_delay_seconds),
    )


def _seconds(delay: timedelta) -> int:
    return min(int(delay.total_seconds()), 10 * 365 * 86_400)
