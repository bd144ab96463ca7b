"""What was done to log in, as ``amr``, ``acr`` and ``auth_time`` say it to other applications.

Facts come from the session's authentication records alone. Nothing is claimed that no record says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Any


@unique
class Acr(StrEnum):
    """Authentication context classes (OpenID Connect Core 1.0, 2), weakest first. Each satisfies those before it."""

    SINGLE_FACTOR = "urn:countersign:acr:single-factor"
    """One factor: a password, a PIN, or a link by mail."""
    TWO_FACTORS = "urn:countersign:acr:two-factors"
    """Two different factors, or a passkey that verified its user."""
    BIOMETRIC = "urn:countersign:acr:biometric"
    """Another factor, and face or voice compared in one recording that answered a one-time challenge."""

    def satisfies(self, asked: Acr) -> bool:
        """Whether this class is at least the one asked for."""
        order = list(Acr)
        return order.index(self) >= order.index(asked)


class Factor(StrEnum):
    """What kind of thing a method proves (SP 800-63-4, 2.3)."""

    KNOWLEDGE = "something known"
    POSSESSION = "something held"
    INHERENCE = "something one is"


_MODALITIES: Mapping[str, tuple[str, ...]] = MappingProxyType({"nist-63b4": ("face",), "telephone": ("vbm",)})
"""What a profile accepts a person by, where that is not both: docs/decisions/0001-profiles.md."""
_SECOND_FACTORS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"totp": ("otp",), "recovery_codes": ("otp",), "webauthn": ("pop",)}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One authentication record.

    Attributes:
        at: when, in seconds since 1970.
        factor: None for what proves no factor of its own, such as a link by mail.
        methods: values of RFC 8176 and its registry.
        whole: it is two factors by itself: a passkey that verified its user.
    """

    at: float
    factor: Factor | None
    methods: tuple[str, ...]
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an ID token says of a login.

    Attributes:
        auth_time: when the strongest of the steps was taken, in whole seconds since 1970.
        amr: methods, sorted; "mfa" among them if they are of different factors.
        acr: the class that was reached.
    """

    auth_time: int
    amr: tuple[str, ...]
    acr: Acr

    def claims(self, asked: Sequence[Acr] = ()) -> dict[str, Any]:
        """As claims. Of the classes asked for, the first that is satisfied is named, else the one that was reached."""
        named = next((acr for acr in asked if self.acr.satisfies(acr)), self.acr)
        return {"auth_time": self.auth_time, "acr": named.value} | ({"amr": list(self.amr)} if self.amr else {})


def facts(records: Iterable[Mapping[str, Any]], *, since: float | None = None) -> Facts | None:
    """What a session's records say.

    Args:
        records: allauth's authentication records of the session.
        since: only steps taken at that time or later count; what the session began with counts as the other factor.

    Returns:
        None if no step was taken since then.
    """
    steps = [step for record in records if (step := read(record)) is not None]
    counted = [step for step in steps if since is None or step.at >= since]
    if not counted:
        return None
    factors = {step.factor for step in steps if step.factor is not None}
    strongest, acr = counted, Acr.SINGLE_FACTOR
    if (second := [s for s in counted if s.factor is Factor.POSSESSION]) and (
        len(factors) > 1 or any(step.whole for step in second)
    ):
        strongest, acr = second, Acr.TWO_FACTORS
    if (biometric := [s for s in counted if s.factor is Factor.INHERENCE]) and len(factors) > 1:
        strongest, acr = biometric, Acr.BIOMETRIC
    amr = {method for step in counted for method in step.methods}
    if len({step.factor for step in counted} - {None}) > 1 or any(step.whole for step in counted):
        amr.add("mfa")
    return Facts(auth_time=int(max(step.at for step in strongest)), amr=tuple(sorted(amr)), acr=acr)


def read(record: Mapping[str, Any]) -> Step | None:
    """One record of allauth's, or of the biometric step; None for one that says nothing we know."""
    at = record.get("at")
    if not isinstance(at, int | float):
        return None
    match record.get("method"):
        case "password":
            secret = "pin" if record.get("secret") == "pin" else "pwd"
            return Step(at=at, factor=Factor.KNOWLEDGE, methods=(secret,))
        case "biometric":
            profile = str(record.get("profile", ""))
            # Under the profile lab nothing shows that a live person was there, so it proves no factor.
            factor = None if profile == "lab" else Factor.INHERENCE
            return Step(at=at, factor=factor, methods=_MODALITIES.get(profile, ("face", "vbm")))
        case "mfa" if record.get("type") in _SECOND_FACTORS:
            whole = record.get("type") == "webauthn" and bool(record.get("passwordless"))
            methods = _SECOND_FACTORS[str(record["type"])] + (("user",) if whole else ())
            return Step(at=at, factor=Factor.POSSESSION, methods=methods, whole=whole)
        case _:
            return Step(at=at, factor=None, methods=())
