"""Can two databases of templates be laid beside each other? The linkability of this evaluation's references (ISO/IEC 30136).

The first database holds every other sample of each person, the second one the rest: as they are, and rotated as the vault rotates
them, under keys that differ from person to person and from database to database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from countersign.core.biometrics import Enrolment, FaceReference, Modality, VoiceReference
from countersign.vault.linkability import Linkability, linkability, linkage_scores
from countersign.vault.templates import protect

LEAST = 10
"""People, below which the measure says nothing."""
PAIRS = 10
"""Pairs of databases, over which the rotated figures are averaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkage:
    """D_sys of one modality (Gomez-Barrero et al., 2018): 0 is unlinkable, 1 fully linkable.

    Attributes:
        people: with two samples or more.
        plain, plain_chance: templates as they are, and what shuffled labels give.
        rotated, rotated_chance: templates as the vault keeps them, and what shuffled labels give.
    """

    people: int
    plain: float
    plain_chance: float
    rotated: float
    rotated_chance: float


def measure_linkage(enrolments: Sequence[Enrolment], modality: Modality) -> Linkage | None:
    """The linkability of one modality; None with fewer than `LEAST` people who have two samples of it."""
    halves = [both for both in (_halves(enrolment, modality) for enrolment in enrolments) if both is not None]
    if len(halves) < LEAST:
        return None
    plain = _linked(halves, modality)
    rotated = [
        _linked(
            [(_kept(one, f"{pair} a {n}"), _kept(two, f"{pair} b {n}")) for n, (one, two) in enumerate(halves)],
            modality,
        )
        for pair in range(PAIRS)
    ]
    return Linkage(
        people=len(halves),
        plain=plain.d_sys,
        plain_chance=plain.chance,
        rotated=float(np.mean([found.d_sys for found in rotated])),
        rotated_chance=float(np.mean([found.chance for found in rotated])),
    )


def _halves(enrolment: Enrolment, modality: Modality) -> tuple[Enrolment, Enrolment] | None:
    if modality is Modality.FACE:
        face = enrolment.face.samples if enrolment.face else ()
        made = [Enrolment(face=FaceReference(samples=face[start::2]), voice=None) for start in (0, 1) if face[start::2]]
    else:
        voice = enrolment.voice.samples if enrolment.voice else ()
        made = [
            Enrolment(face=None, voice=VoiceReference(samples=voice[start::2])) for start in (0, 1) if voice[start::2]
        ]
    return (made[0], made[1]) if len(made) == 2 else None


def _kept(enrolment: Enrolment, name: str) -> Enrolment:
    """As a vault would keep it, under a key made of a name, so that a report comes out the same twice."""
    return protect(enrolment, seed=hashlib.sha256(name.encode()).digest()).rotated


def _linked(halves: Sequence[tuple[Enrolment, Enrolment]], modality: Modality) -> Linkability:
    first, second = ([_reference(half, modality) for half in side] for side in zip(*halves, strict=True))
    return linkability(*linkage_scores(first, second))


def _reference(enrolment: Enrolment, modality: Modality) -> FaceReference | VoiceReference:
    reference = enrolment.face if modality is Modality.FACE else enrolment.voice
    assert reference is not None  # noqa: S101 - `_halves` made it
    return reference
