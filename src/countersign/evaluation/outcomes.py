"""What became of presentations: failures to enrol and to acquire, transactions, presentation attacks.

Terms of ISO/IEC 19795-1 (FTE, FTA, FAR, FRR) and ISO/IEC 30107-3 (APCER, BPCER, IAPAR, IAPMR).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countersign.core.biometrics import Modality
from countersign.evaluation.intervals import Proportion
from countersign.evaluation.rates import ComparisonRates, Source, llrs_of, mated_rows
from countersign.evaluation.run import Evaluation
from countersign.evaluation.trials import Role
from countersign.policy.profiles import profile_by_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Failures to enrol or to acquire.

    Attributes:
        overall: subjects or presentations of which at least one offered modality failed.
        modalities: by modality, of those that offered it.
        reasons: how often each code was the cause, by modality.
    """

    overall: Proportion
    modalities: Mapping[Modality, Proportion]
    reasons: Mapping[Modality, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transactions:
    """One attempt each, judged by a profile. A failure to acquire is a rejection here.

    Attributes:
        profile: name.
        asked: the modalities that the profile asks for. Presentations that offer less make no transaction.
        false_rejections: of claims to be oneself, against subjects that could be enrolled.
        false_acceptances: of claims to be somebody else, with no more effort than that.
    """

    profile: str
    asked: frozenset[Modality]
    false_rejections: Proportion
    false_acceptances: Proportion


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRate:
    """IAPMR: share of attack comparisons that match at the threshold set for a false match rate."""

    source: Source
    fmr: float
    matched: Proportion


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackRates:
    """One species of presentation attack instrument.

    Attributes:
        accepted: attacks that the whole system lets in (IAPAR), of all that were presented.
        checks: attacks that each check takes for bona fide (APCER), of those it judged.
        matched: IAPMR at each operating point that the data can carry.
    """

    accepted: Proportion
    checks: Mapping[str, Proportion]
    matched: tuple[MatchRate, ...]


def failures_to_enrol(evaluation: Evaluation) -> Failures:
    """FTE: subjects without a reference of a modality that their enrolment offered."""
    return _failures([(item.offered, item.failures) for item in evaluation.references])


def failures_to_acquire(evaluation: Evaluation) -> Failures:
    """FTA: probe presentations without a sample of a modality that they offered."""
    probes = (test for test in evaluation.tests if test.presentation.role is Role.PROBE)
    return _failures([(test.presentation.offered, test.failures) for test in probes])


def transactions(evaluation: Evaluation) -> Transactions:
    """FRR and FAR of single attempts."""
    profile = profile_by_name(evaluation.profile).comparison_only()
    asked = profile.counted | frozenset(profile.floors)
    table = evaluation.table
    offered = np.array([test.presentation.offered >= asked for test in evaluation.tests], dtype=np.bool_)
    enrolled = np.array([item.offered >= asked and not item.failures for item in evaluation.references], dtype=np.bool_)
    counts = offered[table.test] & enrolled[table.reference]
    mated, nonmated = mated_rows(evaluation)
    return Transactions(
        profile=evaluation.profile,
        asked=asked,
        false_rejections=proportion(~table.accepted[mated & counts]),
        false_acceptances=proportion(table.accepted[nonmated & counts]),
    )


def attack_rates(evaluation: Evaluation, rates: Mapping[Source, ComparisonRates]) -> dict[str, AttackRates]:
    """By species, in alphabetical order."""
    accepted = evaluation.table.accepted
    species = np.array([test.presentation.species for test in evaluation.tests], dtype=np.str_)
    of_row = species[evaluation.table.test]
    return {
        str(name): AttackRates(
            accepted=proportion(accepted[of_row == name]),
            checks={},
            matched=tuple(_match_rates(evaluation, of_row == name, rates)),
        )
        for name in np.unique(species)
        if name
    }


def apcer(taken_for_bona_fide: Sequence[bool | None]) -> Proportion:
    """Attack presentation classification error rate of one check on one species.

    Args:
        taken_for_bona_fide: of each attack, or None where the check was not assessed, which is no classification.
    """
    judged = [answer for answer in taken_for_bona_fide if answer is not None]
    return Proportion(count=sum(judged), of=len(judged))


def bpcer(taken_for_attack: Sequence[bool | None]) -> Proportion:
    """Bona fide presentation classification error rate; arguments as for `apcer`, of bona fide presentations."""
    return apcer(taken_for_attack)


def proportion(outcomes: NDArray[np.bool_]) -> Proportion:
    """How many of `outcomes` are true."""
    return Proportion(count=int(outcomes.sum()), of=len(outcomes))


def _match_rates(
    evaluation: Evaluation, rows: NDArray[np.bool_], rates: Mapping[Source, ComparisonRates]
) -> Iterable[MatchRate]:
    for source, found in rates.items():
        llrs = llrs_of(evaluation, source)[rows]
        llrs = llrs[~np.isnan(llrs)]
        for point in found.operating_points:
            if point.threshold is not None and len(llrs):
                yield MatchRate(source=source, fmr=point.fmr, matched=proportion(llrs >= point.threshold))


def _failures(items: Sequence[tuple[frozenset[Modality], Mapping[Modality, str]]]) -> Failures:
    return Failures(
        overall=Proportion(count=sum(bool(failed) for _, failed in items), of=len(items)),
        modalities={
            modality: Proportion(
                count=sum(modality in failed for _, failed in items),
                of=sum(modality in offered for offered, _ in items),
            )
            for modality in Modality
        },
        reasons={
            modality: dict(Counter(failed[modality] for _, failed in items if modality in failed))
            for modality in Modality
        },
    )
