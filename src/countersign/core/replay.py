"""What a memory of past recordings keeps of each: fingerprints that say nothing without the memory's key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Of one recording, as a memory keeps it.

    Attributes:
        tokens: what it is found by, each in [0, 2**31); keyed, so that other keys give others.
        data: what is compared once it is found.
    """

    tokens: frozenset[int] = field(repr=False)
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A fingerprint that a memory found.

    Attributes:
        attempt_id: under which it was remembered.
        at: when.
        data: as `Fingerprint.data`.
    """

    attempt_id: UUID
    at: datetime
    data: bytes = field(repr=False)
