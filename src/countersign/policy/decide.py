"""Evidence to decision: pure, total, and failing closed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import assert_never

from countersign.core.acquisition import FailureToAcquire
from countersign.core.biometrics import Modality
from countersign.core.decisions import Accepted, Decision, Rejected, RejectionReason, Retry
from countersign.core.evidence import (
    LLR,
    Assessment,
    CheckName,
    CheckResult,
    Comparison,
    Evidence,
    ModalityResult,
    NotAssessed,
)
from countersign.policy.profiles import CheckRule, Profile

_TOO_LOW = {Modality.FACE: RejectionReason.FACE_TOO_LOW, Modality.VOICE: RejectionReason.VOICE_TOO_LOW}
_NOT_RUN = NotAssessed(reason="the check did not run")


@dataclass(slots=True)
class _Findings:
    """What speaks against acceptance, gathered from all there is, so that the operator sees the whole of it."""

    reasons: list[RejectionReason] = field(default_factory=list)
    checks: list[CheckName] = field(default_factory=list)
    failures: list[FailureToAcquire] = field(default_factory=list)

    def add(self, outcome: FailureToAcquire | RejectionReason | None, check: CheckName | None = None) -> None:
        if isinstance(outcome, FailureToAcquire):
            if outcome not in self.failures:
                self.failures.append(outcome)
        elif outcome is not None:
            if outcome not in self.reasons:
                self.reasons.append(outcome)
            if check is not None:
                self.checks.append(check)


def decide(evidence: Evidence, profile: Profile) -> Decision:
    """Judge `evidence` by `profile`.

    A rejection outweighs a retry: who has the wrong face is not asked to speak louder. What was not assessed is not
    accepted unless the profile says so, and neither is a figure that is not finite.
    """
    found = _Findings()
    results = {Modality.FACE: evidence.face, Modality.VOICE: evidence.voice}
    for modality in sorted(profile.counted | set(profile.floors)):
        found.add(_judge(results[modality], profile.floors.get(modality, 0.0), _TOO_LOW[modality]))
    for name, rule in profile.checks.items():
        found.add(_judge_check(evidence.checks.get(name, _NOT_RUN), rule), name)
    if not found.reasons and not found.failures and not _reaches(_total(evidence, profile), profile.total_floor):
        found.reasons.append(RejectionReason.FUSED_TOO_LOW)

    if found.reasons:
        return Rejected(profile=profile.name, reasons=tuple(found.reasons), checks=tuple(found.checks))
    if found.failures:
        return Retry(profile=profile.name, failures=tuple(found.failures))
    return Accepted(profile=profile.name)


def _judge(result: ModalityResult, floor: float, too_low: RejectionReason) -> FailureToAcquire | RejectionReason | None:
    match result:
        case Comparison():
            return None if _reaches(result.llr, floor) else too_low
        case FailureToAcquire():
            return result
        case NotAssessed():
            return RejectionReason.NOT_ASSESSED
        case _:
            assert_never(result)


def _judge_check(result: CheckResult, rule: CheckRule) -> FailureToAcquire | RejectionReason | None:
    match result:
        case Assessment():
            return None if _reaches(result.llr, rule.floor) else RejectionReason.CHECK_TOO_LOW
        case FailureToAcquire():
            return result
        case NotAssessed():
            return RejectionReason.NOT_ASSESSED if rule.required else None
        case _:
            assert_never(result)


def _total(evidence: Evidence, profile: Profile) -> LLR | NotAssessed:
    """The counted modalities together, less what checks that may move the decision take from them."""
    total = _counted(evidence, profile)
    if isinstance(total, NotAssessed):
        return total
    taken = sum(_taken(evidence.checks.get(name), rule) for name, rule in profile.checks.items())
    return LLR(value=total.value - taken, calibration=total.calibration)


def _counted(evidence: Evidence, profile: Profile) -> LLR | NotAssessed:
    if len(profile.counted) > 1:
        return evidence.fused
    (modality,) = profile.counted
    result = evidence.face if modality is Modality.FACE else evidence.voice
    return result.llr if isinstance(result, Comparison) else NotAssessed(reason=f"{modality} was not compared")


def _taken(result: CheckResult | None, rule: CheckRule) -> float:
    """Nats in [0, `rule.takes_at_most`]: doubt counts, confidence does not."""
    return min(max(-result.llr.value, 0.0), rule.takes_at_most) if isinstance(result, Assessment) else 0.0


def _reaches(llr: LLR | NotAssessed, floor: float) -> bool:
    return isinstance(llr, LLR) and math.isfinite(llr.value) and llr.value >= floor
