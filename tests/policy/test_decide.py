"""The decision fails closed: only complete, finite, sufficient evidence is accepted."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import pytest

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import Modality, ModelRef
from countersign.core.decisions import Accepted, Decision, Rejected, RejectionReason, Retry
from countersign.core.errors import ConfigurationError
from countersign.core.evidence import (
    LLR,
    Assessment,
    CheckName,
    CheckResult,
    Comparison,
    Evidence,
    ModalityResult,
    NotAssessed,
    Score,
)
from countersign.policy.decide import decide
from countersign.policy.profiles import NIST_63B4, STANDARD, TELEPHONE, profile_by_name, profile_names

NOT_RUN = NotAssessed(reason="no model")


def assessed(llr: float) -> Assessment:
    return Assessment(llr=LLR(value=llr, calibration="scripted@0"), score=llr)


def compared(modality: Modality, llr: float) -> Comparison:
    model = ModelRef(name="scripted", sha256="0" * 64)
    return Comparison(
        score=Score(value=0.5, modality=modality, model=model, comparator="scripted/1"),
        llr=LLR(value=llr, calibration="scripted@0"),
    )


PASSED: dict[CheckName, CheckResult] = {name: assessed(5.0) for name in CheckName}


def failed(modality: Modality) -> FailureToAcquire:
    return FailureToAcquire(modality=modality, reason=AcquisitionReason.TOO_DARK, detail="")


def judge(face: ModalityResult, voice: ModalityResult, fused: float | NotAssessed) -> Decision:
    total = fused if isinstance(fused, NotAssessed) else LLR(value=fused, calibration="scripted@0")
    return decide(Evidence(face=face, voice=voice, fused=total, checks=PASSED), STANDARD)


def live(**others: CheckResult) -> Evidence:
    """A person who is compared well and passes every check, but for `others`."""
    checks = PASSED | {CheckName[name.upper()]: result for name, result in others.items()}
    return Evidence(
        face=compared(Modality.FACE, 6.0),
        voice=compared(Modality.VOICE, 6.0),
        fused=LLR(value=12.0, calibration="scripted@0"),
        checks=checks,
    )


def test_strong_face_and_voice_are_accepted() -> None:
    decision = judge(compared(Modality.FACE, 6.0), compared(Modality.VOICE, 5.0), 11.0)
    assert decision == Accepted(profile="standard")


def test_a_strong_face_does_not_carry_a_foreign_voice() -> None:
    decision = judge(compared(Modality.FACE, 20.0), compared(Modality.VOICE, -6.0), 14.0)
    assert decision == Rejected(profile="standard", reasons=(RejectionReason.VOICE_TOO_LOW,))


def test_two_weak_modalities_do_not_add_up_to_a_strong_one() -> None:
    decision = judge(compared(Modality.FACE, 3.0), compared(Modality.VOICE, 3.0), 6.0)
    assert decision == Rejected(profile="standard", reasons=(RejectionReason.FUSED_TOO_LOW,))


def test_a_failure_to_acquire_asks_for_another_try() -> None:
    decision = judge(compared(Modality.FACE, 9.0), failed(Modality.VOICE), 9.5)
    assert decision == Retry(profile="standard", failures=(failed(Modality.VOICE),))


def test_a_wrong_face_is_rejected_even_where_the_voice_could_be_tried_again() -> None:
    decision = judge(compared(Modality.FACE, -3.0), failed(Modality.VOICE), NOT_RUN)
    assert decision == Rejected(profile="standard", reasons=(RejectionReason.FACE_TOO_LOW,))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_figure_that_is_not_finite_is_never_accepted(bad: float) -> None:
    good = (compared(Modality.FACE, 20.0), compared(Modality.VOICE, 20.0))
    assert isinstance(judge(*good, bad), Rejected)
    assert isinstance(judge(compared(Modality.FACE, bad), good[1], 40.0), Rejected)
    assert isinstance(judge(good[0], compared(Modality.VOICE, bad), 40.0), Rejected)


def test_every_profile_accepts_only_when_everything_it_asks_for_was_compared() -> None:
    def states(modality: Modality) -> list[ModalityResult]:
        return [compared(modality, 30.0), compared(modality, -30.0), failed(modality), NOT_RUN]

    totals: list[LLR | NotAssessed] = [LLR(value=30.0, calibration="scripted@0"), NOT_RUN]
    for name in profile_names():
        profile = profile_by_name(name)
        for face, voice, fused in product(states(Modality.FACE), states(Modality.VOICE), totals):
            decision = decide(Evidence(face=face, voice=voice, fused=fused, checks=PASSED), profile)
            needed = [{Modality.FACE: face, Modality.VOICE: voice}[m] for m in profile.counted | set(profile.floors)]
            complete = all(isinstance(result, Comparison) and result.llr.value > 0 for result in needed)
            complete = complete and (len(profile.counted) == 1 or isinstance(fused, LLR))
            assert isinstance(decision, Accepted) == complete, (name, face, voice, fused)


def test_under_nist_63b4_a_voice_can_reject_but_never_help() -> None:
    weak_face = Evidence(
        face=compared(Modality.FACE, 9.0),
        voice=compared(Modality.VOICE, 30.0),
        fused=LLR(value=39.0, calibration="scripted@0"),
        checks=PASSED,
    )
    assert isinstance(decide(weak_face, NIST_63B4), Rejected)
    foreign_voice = Evidence(
        face=compared(Modality.FACE, 12.0),
        voice=compared(Modality.VOICE, -9.0),
        fused=LLR(value=30.0, calibration="scripted@0"),
        checks=PASSED,
    )
    assert isinstance(decide(foreign_voice, NIST_63B4), Rejected)


def test_the_telephone_has_no_camera() -> None:
    evidence = Evidence(
        face=NotAssessed(reason="no picture"),
        voice=compared(Modality.VOICE, 7.5),
        fused=NotAssessed(reason="one"),
        checks={name: assessed(1.0) for name in (CheckName.PHRASE, CheckName.REPLAY)},
    )
    assert decide(evidence, TELEPHONE) == Accepted(profile="telephone")


ALONE_REJECTING = (
    CheckName.PHRASE,
    CheckName.TURN,
    CheckName.SOLID,
    CheckName.ONE_FACE,
    CheckName.LIPS,
    CheckName.ACTIVE_SPEAKER,
    CheckName.REPLAY,
)


@pytest.mark.parametrize("name", ALONE_REJECTING)
@pytest.mark.parametrize("llr", [-0.1, -50.0, math.nan, math.inf])
def test_one_check_that_speaks_for_an_attack_rejects(name: CheckName, llr: float) -> None:
    decision = decide(live(**{name.value: assessed(llr)}), STANDARD)
    assert decision == Rejected(profile="standard", reasons=(RejectionReason.CHECK_TOO_LOW,), checks=(name,))


@pytest.mark.parametrize("name", ALONE_REJECTING)
def test_a_required_check_that_did_not_run_rejects(name: CheckName) -> None:
    expected = Rejected(profile="standard", reasons=(RejectionReason.NOT_ASSESSED,), checks=(name,))
    assert decide(live(**{name.value: NOT_RUN}), STANDARD) == expected
    evidence = live()
    without = {key: value for key, value in evidence.checks.items() if key is not name}
    assert decide(replace(evidence, checks=without), STANDARD) == expected


def test_a_check_that_could_not_see_enough_asks_for_another_try() -> None:
    failure = FailureToAcquire(modality=Modality.FACE, reason=AcquisitionReason.TURN_TOO_SMALL, detail="")
    decision = decide(live(turn=failure, solid=failure), STANDARD)
    assert decision == Retry(profile="standard", failures=(failure,))


def test_the_pattern_of_a_screen_lowers_the_total_and_rejects_where_it_is_plain() -> None:
    plain = decide(live(screen=assessed(-1.1)), STANDARD)
    assert plain == Rejected(profile="standard", reasons=(RejectionReason.CHECK_TOO_LOW,), checks=(CheckName.SCREEN,))
    assert isinstance(decide(live(screen=assessed(-0.9)), STANDARD), Accepted)
    weak = replace(live(screen=assessed(-0.9)), fused=LLR(value=10.0, calibration="scripted@0"))
    assert decide(weak, STANDARD) == Rejected(profile="standard", reasons=(RejectionReason.FUSED_TOO_LOW,))
    not_run = decide(live(screen=NOT_RUN), STANDARD)
    assert not_run == Rejected(profile="standard", reasons=(RejectionReason.NOT_ASSESSED,), checks=(CheckName.SCREEN,))


def test_a_loudspeaker_lowers_the_total_and_rejects_where_it_is_plain() -> None:
    plain, check = decide(live(loudspeaker=assessed(-1.3)), STANDARD), (CheckName.LOUDSPEAKER,)
    assert plain == Rejected(profile="standard", reasons=(RejectionReason.CHECK_TOO_LOW,), checks=check)
    assert isinstance(decide(live(loudspeaker=assessed(-1.1)), STANDARD), Accepted)
    weak = replace(live(loudspeaker=assessed(-1.1)), fused=LLR(value=10.0, calibration="scripted@0"))
    assert decide(weak, STANDARD) == Rejected(profile="standard", reasons=(RejectionReason.FUSED_TOO_LOW,))
    not_run = decide(live(loudspeaker=NOT_RUN), STANDARD)
    assert not_run == Rejected(profile="standard", reasons=(RejectionReason.NOT_ASSESSED,), checks=check)


@pytest.mark.parametrize("name", [CheckName.FACE_ARTEFACTS, CheckName.SYNTHETIC_SPEECH])
def test_an_artefact_detector_moves_the_decision_but_never_makes_it(name: CheckName) -> None:
    assert isinstance(decide(live(**{name.value: NOT_RUN}), STANDARD), Accepted)
    assert isinstance(decide(live(**{name.value: assessed(-2.0)}), STANDARD), Accepted)
    doubtful = live(**{name.value: assessed(-30.0)})
    assert decide(doubtful, STANDARD) == Rejected(profile="standard", reasons=(RejectionReason.FUSED_TOO_LOW,))
    sure = replace(doubtful, fused=LLR(value=14.0, calibration="scripted@0"))
    assert isinstance(decide(sure, STANDARD), Accepted)


def test_good_marks_from_an_artefact_detector_add_nothing() -> None:
    weak = replace(live(synthetic_speech=assessed(50.0)), fused=LLR(value=9.0, calibration="scripted@0"))
    assert decide(weak, STANDARD) == Rejected(profile="standard", reasons=(RejectionReason.FUSED_TOO_LOW,))


def test_an_unknown_profile_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="there is no profile 'lax'"):
        profile_by_name("lax")
