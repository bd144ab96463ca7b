"""Profiles: policy by name, each number with its source.

A log-likelihood ratio of t nats is wrong at most exp(-t) of the time for calibrated scores (Good, 1950; van Leeuwen and
Brümmer, 2013), so a floor of ln(10,000) asks for a false match rate of at most 1 in 10,000, as far as the calibration
holds. `docs/evaluation.md` says how far that is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from countersign.core.biometrics import Modality
from countersign.core.errors import ConfigurationError, ErrorCode


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
    """

    name: str
    counted: frozenset[Modality]
    floors: Mapping[Modality, float]
    total_floor: float
    source: str


STANDARD = Profile(
    name="standard",
    counted=frozenset({Modality.FACE, Modality.VOICE}),
    floors=MappingProxyType({Modality.FACE: 0.0, Modality.VOICE: -math.log(10)}),
    total_floor=math.log(10_000),
    source="docs/decisions/0001-profiles.md",
)

NIST_63B4 = Profile(
    name="nist-63b4",
    counted=frozenset({Modality.FACE}),
    floors=MappingProxyType({Modality.FACE: math.log(10_000), Modality.VOICE: -math.log(10)}),
    total_floor=math.log(10_000),
    source="NIST SP 800-63B-4, section 3.2.3: FMR at most 1/10,000; voice is not used as an authenticator",
)

TELEPHONE = Profile(
    name="telephone",
    counted=frozenset({Modality.VOICE}),
    floors=MappingProxyType({Modality.VOICE: math.log(1_000)}),
    total_floor=math.log(1_000),
    source="docs/decisions/0001-profiles.md",
)

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
