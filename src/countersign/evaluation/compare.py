"""Every probe against every enrolled subject, every attack against its target, in blocks that a worker can take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType
from typing import TypeVar

from countersign.core.biometrics import Enrolment, Modality
from countersign.evaluation.acquire import Acquired
from countersign.evaluation.scores import ScoreTable, TableBuilder
from countersign.evaluation.system import System, SystemSource, opened
from countersign.evaluation.trials import Role
from countersign.policy.decide import decide
from countersign.policy.profiles import Profile, profile_by_name

_TESTS, _REFERENCES = 64, 128
"""A block's sides: large enough that carrying it to a worker costs little, small enough to hold."""
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledSubject:
    """A subject's references.

    Attributes:
        offered: modalities that its enrolment presentations offered.
        enrolment: what came of them; a modality without a reference is a failure to enrol.
        failures: why, for each modality that was offered and has no reference.
    """

    subject: str
    offered: frozenset[Modality]
    enrolment: Enrolment
    failures: Mapping[Modality, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Comparisons for one worker.

    Attributes:
        tests, references: with their indices in the whole evaluation.
        pairs: positions in `tests` and `references` to compare.
        profile: name of the one that judges the evidence.
    """

    tests: tuple[tuple[int, Acquired], ...]
    references: tuple[tuple[int, EnrolledSubject], ...]
    pairs: tuple[tuple[int, int], ...]
    profile: str


def enrol(system: System, presentations: Sequence[Acquired]) -> EnrolledSubject:
    """The references of one subject from all its enrolment presentations."""
    acquired = [item.features for item in presentations]
    enrolment = system.engine.enrol(acquired)
    stored = {Modality.FACE: enrolment.face, Modality.VOICE: enrolment.voice}
    offered = frozenset[Modality]().union(*(item.presentation.offered for item in presentations))
    reasons = {modality: reason for item in presentations for modality, reason in item.failures.items()}
    return EnrolledSubject(
        subject=presentations[0].presentation.subject,
        offered=offered,
        enrolment=enrolment,
        failures={modality: reasons[modality] for modality in sorted(offered) if stored[modality] is None},
    )


def blocks(tests: Sequence[Acquired], references: Sequence[EnrolledSubject], profile: str) -> Iterator[Block]:
    """All comparisons that the trials call for. Where test and reference offer no modality in common there is none."""
    for some_tests in _batches(enumerate(tests), _TESTS):
        for some_references in _batches(enumerate(references), _REFERENCES):
            pairs = tuple(
                (i, j)
                for i, (_, test) in enumerate(some_tests)
                for j, (_, reference) in enumerate(some_references)
                if _called_for(test, reference)
            )
            if pairs:
                yield Block(tests=some_tests, references=some_references, pairs=pairs, profile=profile)


def compare_block(source: SystemSource, block: Block) -> ScoreTable:
    """Compare and judge. Runs in a worker process."""
    engine, asked = opened(source).engine, profile_by_name(block.profile).comparison_only()
    builder = TableBuilder()
    for i, j in block.pairs:
        (test_index, test), (reference_index, reference) = block.tests[i], block.references[j]
        evidence = engine.compare(test.features, reference.enrolment)
        profile = narrowed(asked, test.presentation.offered & reference.offered)
        builder.add(test_index, reference_index, evidence, decide(evidence, profile), test.failures)
    return builder.table()


def narrowed(profile: Profile, offered: frozenset[Modality]) -> Profile:
    """`profile` as far as it can be asked of a presentation that offers `offered` alone.

    A file of trials may offer photos only. Judging these by a profile that also wants a voice would reject them all and
    measure nothing, so only the modalities that are offered must be there; the totals stay as they are.
    """
    if profile.counted | set(profile.floors) <= offered:
        return profile
    return replace(
        profile,
        counted=profile.counted & offered or offered,
        floors=MappingProxyType({modality: floor for modality, floor in profile.floors.items() if modality in offered}),
    )


def _called_for(test: Acquired, reference: EnrolledSubject) -> bool:
    shown = test.presentation
    wanted = shown.role is not Role.ATTACK or shown.subject == reference.subject
    return wanted and not shown.offered.isdisjoint(reference.offered)


def _batches(items: Iterator[_Item], size: int) -> Iterator[tuple[_Item, ...]]:
    while batch := tuple(islice(items, size)):
        yield batch
