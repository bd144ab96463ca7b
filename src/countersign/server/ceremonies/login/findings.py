"""What was found in one attempt, as it is kept for the operator: numbers, codes and names of models, in JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypedDict, assert_never

from countersign.core.acquisition import FailureToAcquire
from countersign.core.decisions import Accepted, Decision, Rejected, Retry
from countersign.core.evidence import Assessment, CheckResult, Comparison, Evidence, ModalityResult, NotAssessed

VERSION = 1


class Finding(TypedDict, total=False):
    """One comparison or check.

    ``status`` is "compared", "assessed", "failed" or "not_assessed"; the first two have figures, the others a reason.
    A figure that was not finite is null.
    """

    status: str
    reason: str
    score: float | None
    llr: float | None
    calibration: str
    model: str
    comparator: str
    measures: dict[str, float | None]


class Findings(TypedDict):
    """All of one attempt. ``outcome`` is the decision's, and ``reasons`` are those of a rejection or a retry."""

    version: int
    outcome: str
    reasons: list[str]
    failed_checks: list[str]
    face: Finding
    voice: Finding
    fused: Finding
    checks: dict[str, Finding]
    timings_ms: dict[str, float | None]


def findings(evidence: Evidence, decision: Decision, timings_ms: Mapping[str, float]) -> Findings:
    """Everything that the operator may want to know.

    Args:
        evidence: of the engine.
        decision: of the policy.
        timings_ms: of work outside of the engine, by stage.
    """
    outcome, reasons, failed = _of_decision(decision)
    fused = evidence.fused
    return Findings(
        version=VERSION,
        outcome=outcome,
        reasons=reasons,
        failed_checks=failed,
        face=_of_modality(evidence.face),
        voice=_of_modality(evidence.voice),
        fused=(
            _without_figures("not_assessed", fused.reason)
            if isinstance(fused, NotAssessed)
            else Finding(status="assessed", llr=_finite(fused.value), calibration=fused.calibration)
        ),
        checks={name.value: _of_check(result) for name, result in evidence.checks.items()},
        timings_ms=_all_finite({**evidence.timings_ms, **timings_ms}),
    )


def _of_decision(decision: Decision) -> tuple[str, list[str], list[str]]:
    match decision:
        case Accepted():
            return "accepted", [], []
        case Retry():
            return "retry", [failure.reason.value for failure in decision.failures], []
        case Rejected():
            reasons = [reason.value for reason in decision.reasons]
            return "rejected", reasons, [check.value for check in decision.checks]
        case _:
            assert_never(decision)


def _of_modality(result: ModalityResult) -> Finding:
    match result:
        case Comparison():
            return Finding(
                status="compared",
                score=_finite(result.score.value),
                llr=_finite(result.llr.value),
                calibration=result.llr.calibration,
                model=str(result.score.model),
                comparator=result.score.comparator,
                measures=_all_finite(result.score.side),
            )
        case FailureToAcquire():
            return _without_figures("failed", result.reason.value)
        case NotAssessed():
            return _without_figures("not_assessed", result.reason)
        case _:
            assert_never(result)


def _of_check(result: CheckResult) -> Finding:
    match result:
        case Assessment():
            return Finding(
                status="assessed",
                score=_finite(result.score),
                llr=_finite(result.llr.value),
                calibration=result.llr.calibration,
                measures=_all_finite(result.measures),
            )
        case FailureToAcquire():
            return _without_figures("failed", result.reason.value)
        case NotAssessed():
            return _without_figures("not_assessed", result.reason)
        case _:
            assert_never(result)


def _without_figures(status: str, reason: str) -> Finding:
    return Finding(status=status, reason=reason)


def _all_finite(figures: Mapping[str, float]) -> dict[str, float | None]:
    return {name: _finite(value) for name, value in figures.items()}


def _finite(value: float) -> float | None:
    """JSON has no infinity, and PostgreSQL takes none."""
    return round(float(value), 6) if math.isfinite(value) else None
