"""Evidence to decision: pure, total, and failing closed."""

from __future__ import annotations

import math
from typing import assert_never

from countersign.core.acquisition import FailureToAcquire
from countersign.core.biometrics import Modality
from countersign.core.decisions import Accepted, Decision, Rejected, RejectionReason, Retry
from countersign.core.evidence import LLR, Comparison, Evidence, ModalityResult, NotAssessed
from countersign.policy.profiles import Profile

_TOO_LOW = {Modality.FACE: RejectionReason.FACE_TOO_LOW, Modality.VOICE: RejectionReason.VOICE_TOO_LOW}


def decide(evidence: Evidence, profile: Profile) -> Decision:
    """Judge `evidence` by `profile`.

    A rejection outweighs a retry: who has the wrong face is not asked to speak louder. What was not assessed is not
    accepted, and neither is a figure that is not finite.
    """
    rejections: list[RejectionReason] = []
    failures: list[FailureToAcquire] = []
    results = {Modality.FACE: evidence.face, Modality.VOICE: evidence.voice}
    for modality in sorted(profile.counted | set(profile.floors)):
        outcome = _judge(results[modality], profile.floors.get(modality, 0.0), _TOO_LOW[modality])
        if isinstance(outcome, FailureToAcquire):
            failures.append(outcome)
        elif outcome is not None:
            rejections.append(outcome)
    if not rejections and not failures and not _reaches(_total(evidence, profile), profile.total_floor):
        rejections.append(RejectionReason.FUSED_TOO_LOW)

    if rejections:
        return Rejected(profile=profile.name, reasons=tuple(rejections))
    if failures:
        return Retry(profile=profile.name, failures=tuple(failures))
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


def _total(evidence: Evidence, profile: Profile) -> LLR | NotAssessed:
    if len(profile.counted) > 1:
        return evidence.fused
    (modality,) = profile.counted
    result = evidence.face if modality is Modality.FACE else evidence.voice
    return result.llr if isinstance(result, Comparison) else NotAssessed(reason=f"{modality} was not compared")


def _reaches(llr: LLR | NotAssessed, floor: float) -> bool:
    return isinstance(llr, LLR) and math.isfinite(llr.value) and llr.value >= floor
