"""Profiles: policy by name, each number with its source.

A log-likelihood ratio of t nats is wrong at most exp(-t) of the time for calibrated scores (Good, 1950; van Leeuwen and
Brümmer, 2013), so a floor of ln(10,000) asks for a false match rate of at most 1 in 10,000, as far as the calibration
holds. `docs/evaluation.md` says how far that is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from countersign.core.biometrics import Modality
from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.core.evidence import CheckName


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRule:
    """What a profile asks of one check.

    Attributes:
        floor: least log-likelihood ratio, in nats, of bona fide over attack; minus infinity where the check never
            rejects by itself.
        required: whether a check that could not run rejects.
        takes_at_most: nats by which a negative ratio may lower the total; never raised by a positive one.
    """

    floor: float = 0.0
    required: bool = True
    takes_at_most: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What must hold for a presentation to be accepted.

    Attributes:
        name: stable.
        counted: modalities whose log-likelihood ratios may speak for acceptance; every one must have been compared.
        floors: least log-likelihood ratio, in nats, of each modality that must be present, counted or not. A modality
            with a floor that is not counted can only reject.
        total_floor: least log-likelihood ratio, in nats, of the counted modalities together.
        source: where the numbers come from.
        checks: of liveness and tampering, what is asked of each; a check that is not named here is logged only.
    """

    name: str
    counted: frozenset[Modality]
    floors: Mapping[Modality, float]
    total_floor: float
    source: str
    checks: Mapping[CheckName, CheckRule] = field(default_factory=dict)

    def comparison_only(self) -> Profile:
        """The same without checks: what is measured when comparison is measured alone. Never logs anybody in."""
        return replace(self, name=f"{self.name}, comparison only", checks={})


_MOVES_ONLY = -math.inf

_VISIBLE: Mapping[CheckName, CheckRule] = MappingProxyType(
    {
        CheckName.PHRASE: CheckRule(),
        CheckName.TURN: CheckRule(),
        CheckName.SOLID: CheckRule(),
        CheckName.ONE_FACE: CheckRule(floor=math.log(100)),
        CheckName.LIPS: CheckRule(),
        CheckName.ACTIVE_SPEAKER: CheckRule(),
        CheckName.REPLAY: CheckRule(),
        CheckName.SCREEN: CheckRule(floor=-1.0, takes_at_most=math.log(100)),
        CheckName.LOUDSPEAKER: CheckRule(floor=-1.2, takes_at_most=math.log(100)),
        CheckName.FACE_ARTEFACTS: CheckRule(floor=_MOVES_ONLY, required=False, takes_at_most=math.log(100)),
        CheckName.SYNTHETIC_SPEECH: CheckRule(floor=_MOVES_ONLY, required=False, takes_at_most=math.log(100)),
    }
)

_AUDIBLE: Mapping[CheckName, CheckRule] = MappingProxyType(
    {
        CheckName.PHRASE: CheckRule(),
        CheckName.REPLAY: CheckRule(),
        CheckName.SYNTHETIC_SPEECH: CheckRule(floor=_MOVES_ONLY, required=False, takes_at_most=math.log(100)),
    }
)

STANDARD = Profile(
    name="standard",
    counted=frozenset({Modality.FACE, Modality.VOICE}),
    floors=MappingProxyType({Modality.FACE: math.log(10), Modality.VOICE: math.log(10)}),
    total_floor=math.log(10_000),
    source="docs/decisions/0001-profiles.md",
    checks=_VISIBLE,
)

NIST_63B4 = Profile(
    name="nist-63b4",
    counted=frozenset({Modality.FACE}),
    floors=MappingProxyType({Modality.FACE: math.log(10_000), Modality.VOICE: -math.log(10)}),
    total_floor=math.log(10_000),
    source="NIST SP 800-63B-4, section 3.2.3: FMR at most 1/10,000; voice is not used as an authenticator",
    checks=_VISIBLE,
)

TELEPHONE = Profile(
    name="telephone",
    counted=frozenset({Modality.VOICE}),
    floors=MappingProxyType({Modality.VOICE: math.log(1_000)}),
    total_floor=math.log(1_000),
    source="docs/decisions/0001-profiles.md",
    checks=_AUDIBLE,
)

LAB = replace(
    STANDARD, name="lab", source="comparison alone; a server starts with it only when told to be insecure", checks={}
)
"""For trying the comparison without answering challenges. Not among the names that people choose from."""

_BY_NAME = {profile.name: profile for profile in (STANDARD, NIST_63B4, TELEPHONE)}


def profile_names() -> tuple[str, ...]:
    """All names, the default first."""
    return tuple(_BY_NAME)


def profile_by_name(name: str) -> Profile:
    """The profile of that name.

    Raises:
        ConfigurationError: there is none.
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        known = ", ".join(_BY_NAME)
        raise ConfigurationError(
            ErrorCode.CONFIGURATION_INVALID, f"there is no profile {name!r}; there are {known}"
        ) from None
