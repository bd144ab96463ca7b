"""What an application asks of a login: how fresh, and of which class."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner

from countersign.server.oidc.facts import Acr, Facts

MARKER = "step"
"""Parameter that this server adds to the request while the person is away to log in again."""
_MARKER_SECONDS = 900
_LONGEST_AGE_DIGITS = 9


class UnreadableRequestError(Exception):
    """A parameter is malformed; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked.

    Attributes:
        since: steps taken before (seconds since 1970) do not count; None if the whole session counts.
        classes: the classes asked for, the preferred one first; any of them will do.
        essential: without one of them the login is refused; otherwise the truth is told.
        tried: the person was already sent to reach one of them.
    """

    since: float | None = None
    classes: tuple[Acr, ...] = ()
    essential: bool = False
    tried: bool = False

    def met_by(self, facts: Facts) -> bool:
        """Whether a class that will do was reached."""
        return not self.classes or any(facts.acr.satisfies(asked) for asked in self.classes)

    def as_json(self) -> dict[str, Any]:
        """For the signed form of the consent page."""
        return {"since": self.since, "classes": [acr.value for acr in self.classes], "essential": self.essential}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Asked:
        """What `as_json` wrote."""
        classes = tuple(Acr(value) for value in values["classes"])
        return cls(since=values["since"], classes=classes, essential=values["essential"], tried=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedClaims:
    """What the ``claims`` parameter asks of the login.

    Attributes:
        subject: the only person who will do; None for anybody.
        essential: classes of which one is essential; empty for none.
    """

    subject: str | None = None
    essential: tuple[Acr, ...] = ()


def read(parameters: Mapping[str, str], claims: AskedClaims, account: UUID, least: Acr | None) -> Asked:
    """What a request asks.

    Args:
        parameters: of the authorization request.
        claims: its ``claims`` parameter, parsed.
        account: who answers it.
        least: what the application's registration demands.

    Raises:
        UnreadableRequestError: ``max_age`` is malformed.
    """
    back = read_marker(parameters.get(MARKER, ""), account)
    since = back.since
    age = parameters.get("max_age", "")
    if age and not (age.isascii() and age.isdigit() and len(age) <= _LONGEST_AGE_DIGITS):
        raise UnreadableRequestError("max_age is no number of seconds")
    if since is None and ("login" in parameters.get("prompt", "").split()):
        since = time.time()
    if since is None and age:
        since = time.time() - int(age)
    preferred = tuple(acr for acr in map(_known, parameters.get("acr_values", "").split()) if acr is not None)
    classes = claims.essential or preferred
    if least is not None:
        classes = tuple(acr for acr in classes if acr.satisfies(least)) or (least,)
    return Asked(since=since, classes=classes, essential=bool(claims.essential) or least is not None, tried=back.tried)


def marker(account: UUID, asked: Asked, *, tried: bool) -> str:
    """What the request carries when the person comes back from logging in again."""
    since = "" if asked.since is None else f"{time.time():.3f}"
    return _signer().sign(f"{account}/{since}/{int(tried)}")


def read_marker(text: str, account: UUID) -> Asked:
    """What this server asked of that account, if the marker is its own and recent."""
    try:
        whose, since, tried = _signer().unsign(text, max_age=_MARKER_SECONDS).split("/")
    except (BadSignature, ValueError):
        return Asked()
    if whose not in {str(account), str(_ANYBODY)}:
        return Asked()
    return Asked(since=float(since) if since else None, tried=tried == "1")


def marker_for_anybody() -> str:
    """For a person who is not logged in yet: whoever comes back has just logged in."""
    return _signer().sign(f"{_ANYBODY}/{time.time():.3f}/0")


_ANYBODY = UUID(int=0)


def parse_claims(text: str) -> AskedClaims:
    """The ``claims`` parameter (OpenID Connect Core 1.0, 5.5), as far as it is about this login.

    Raises:
        UnreadableRequestError: it is malformed, or only unknown classes are essential.
    """
    if not text:
        return AskedClaims()
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableRequestError("claims is not JSON") from None
    wanted = parsed.get("id_token") if isinstance(parsed, dict) else None
    wanted = wanted if isinstance(wanted, dict) else {}
    subject = wanted["sub"].get("value") if isinstance(wanted.get("sub"), dict) else None
    return AskedClaims(subject=None if subject is None else str(subject), essential=_essential(wanted.get("acr")))


def _essential(acr: object) -> tuple[Acr, ...]:
    if not isinstance(acr, dict) or acr.get("essential") is not True:
        return ()
    values = acr.get("values", [acr.get("value")])
    if not isinstance(values, list):
        raise UnreadableRequestError("claims: values of acr is no list")
    known = tuple(found for value in values if (found := _known(value)) is not None)
    if not known:
        raise UnreadableRequestError("claims: none of the values of acr is known")
    return known


def _known(value: object) -> Acr | None:
    return next((acr for acr in Acr if acr.value == value), None)


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="countersign.oidc.step")
