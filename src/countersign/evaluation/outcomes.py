"""What became of presentations: failures to enrol and to acquire, transactions, presentation attacks.

Terms of ISO/IEC 19795-1 (FTE, FTA, FAR, FRR) and ISO/IEC 30107-3 (APCER, BPCER, IAPAR, IAPMR).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countersign.core.acquisition import FailureToAcquire
from countersign.core.biometrics import Modality
from countersign.core.evidence import Assessment, NotAssessed
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
        relative: that and the bona fide logins turned away (RIAPAR = IAPAR + FRR); None without such logins.
        checks: attacks that each check takes for bona fide (APCER), of those it judged.
        matched: IAPMR at each operating point that the data can carry.
    """

    accepted: Proportion
    relative: float | None
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
    accepted = accepted_rows(evaluation)
    return Transactions(
        profile=evaluation.profile,
        asked=asked,
        false_rejections=proportion(~accepted[mated & counts]),
        false_acceptances=proportion(accepted[nonmated & counts]),
    )


def attack_rates(evaluation: Evaluation, rates: Mapping[Source, ComparisonRates]) -> dict[str, AttackRates]:
    """By species, the one that is let in most often first."""
    accepted = accepted_rows(evaluation)
    refused = refused_logins(evaluation).rate
    species = np.array([test.presentation.species for test in evaluation.tests], dtype=np.str_)
    of_row = species[evaluation.table.test]
    found = {}
    for name in (str(name) for name in np.unique(species) if name):
        let_in = proportion(accepted[of_row == name])
        found[name] = AttackRates(
            accepted=let_in,
            relative=None if let_in.rate is None or refused is None else let_in.rate + refused,
            checks=_checks(evaluation, np.flatnonzero(species == name), bona_fide=False),
            matched=tuple(_match_rates(evaluation, of_row == name, rates)),
        )
    return dict(sorted(found.items(), key=lambda item: (-(item[1].accepted.rate or 0.0), item[0])))


def bona_fide_checks(evaluation: Evaluation) -> dict[str, Proportion]:
    """BPCER of each check on bona fide logins: refused, or no answer from them."""
    return _checks(evaluation, _bona_fide(evaluation), bona_fide=True)


def refused_logins(evaluation: Evaluation) -> Proportion:
    """Bona fide logins, each with its challenge, that the whole system turns away (FRR of single attempts)."""
    chosen = [evaluation.judged[int(index)] for index in _bona_fide(evaluation)]
    return Proportion(count=sum(not login.accepted for login in chosen), of=len(chosen))


def accepted_rows(evaluation: Evaluation) -> NDArray[np.bool_]:
    """`bool[n]`, by row of the table: what the profile lets in. Where there was a challenge, with every check."""
    accepted = evaluation.table.accepted.copy()
    tests = [test.presentation for test in evaluation.tests]
    for row, (test, reference) in enumerate(zip(evaluation.table.test, evaluation.table.reference, strict=True)):
        login = evaluation.judged.get(int(test))
        if login is not None and tests[test].subject == evaluation.references[reference].subject:
            accepted[row] = login.accepted
    return accepted


def _bona_fide(evaluation: Evaluation) -> NDArray[np.int64]:
    tests = [test.presentation for test in evaluation.tests]
    return np.array([index for index in sorted(evaluation.judged) if tests[index].role is Role.PROBE], np.int64)


def _checks(evaluation: Evaluation, tests: NDArray[np.int64], *, bona_fide: bool) -> dict[str, Proportion]:
    """How often each check errs on `tests`, of those it gave an answer to."""
    rules, answers = profile_by_name(evaluation.profile).checks, dict[str, list[bool | None]]()
    for index in tests:
        login = evaluation.judged.get(int(index))
        for name, result in login.checks.items() if login is not None else ():
            floor = rules[name].floor if name in rules and np.isfinite(rules[name].floor) else 0.0
            passed = None if isinstance(result, NotAssessed) else _passes(result, floor)
            answers.setdefault(name.value, []).append(passed if passed is None else passed is not bona_fide)
    rate = bpcer if bona_fide else apcer
    return {name: rate(found) for name, found in sorted(answers.items())}


def _passes(result: Assessment | FailureToAcquire, floor: float) -> bool:
    return isinstance(result, Assessment) and result.llr.value >= floor


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
