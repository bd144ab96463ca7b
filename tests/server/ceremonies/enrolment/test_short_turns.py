"""Who cannot turn the head as far as others is asked for less, and can log in with that."""

from __future__ import annotations

import pytest

from countersign.liveness.challenge import Side
from countersign.liveness.turn import LEAST_DEG, Reach
from countersign.server.ceremonies.enrolment.slots import EASED_AFTER, PICTURES, asked_pictures
from countersign.server.ceremonies.references import holding
from tests.server.ceremonies.enrolment.enrollee import Enrollee
from tests.server.ceremonies.enrolment.scripted import picture

FAR_LEFT, FAR_RIGHT = 3, 6


def asked(ann: Enrollee, slot: int) -> list[float]:
    found: list[float] = ann.api("GET", f"/enrolments/{ann.enrolment['id']}").json()["pictures"][slot]["yaw_deg"]
    return found


@pytest.mark.parametrize(("slot", "side", "eased"), [(FAR_LEFT, 1, [15, 80]), (FAR_RIGHT, -1, [-80, -15])])
def test_after_two_turns_that_were_too_short_less_is_asked_for(
    ann: Enrollee, slot: int, side: int, eased: list[float]
) -> None:
    ann.begin()
    before = asked(ann, slot)
    assert len(ann.advice("picture", slot, picture(yaw=side * 18))) == 1
    assert asked(ann, slot) == before, "once may be a slip"
    answer = ann.sent("picture", slot, picture(yaw=side * 19))
    assert [each["code"] for each in answer["advice"]][1:] == ["as_far_as_you_can"]
    assert answer["enrolment"]["pictures"][slot]["yaw_deg"] == eased
    assert ann.advice("picture", slot, picture(yaw=side * 14))[1:] == ["as_far_as_you_can"], (
        "a little is asked of everybody"
    )
    assert ann.advice("picture", slot, picture(yaw=side * 18)) == []
    assert asked(ann, slot) == eased


def test_other_pictures_and_other_faults_change_nothing(ann: Enrollee) -> None:
    ann.begin()
    for number in range(EASED_AFTER):
        ann.sent("picture", 1, picture(yaw=2 + number))
        ann.sent("picture", 2, picture(yaw=60 + number))
        ann.sent("picture", 0, picture(yaw=30 + number))
    assert [asked(ann, slot.slot) for slot in PICTURES] == [[slot.low_deg, slot.high_deg] for slot in PICTURES]


def test_who_turns_fifteen_degrees_enrols_and_is_asked_for_no_more_at_login(ann: Enrollee) -> None:
    ann.begin()
    for slot in (2, 3, 5, 6):
        side = 1 if slot < 4 else -1
        for number in range(EASED_AFTER):
            ann.sent("picture", slot, picture(yaw=side * (12 + number)))
        assert ann.advice("picture", slot, picture(yaw=side * LEAST_DEG, slot=slot)) == []
    for slot in (1, 4):
        assert ann.advice("picture", slot, picture(yaw=(1 if slot < 4 else -1) * 12.0, slot=slot)) == []
    ann.enrolment = ann.api("GET", f"/enrolments/{ann.enrolment['id']}").json()
    ann.gather()
    ann.completed()
    enrolled = holding.enrolment_of(ann.account)
    assert enrolled is not None
    assert enrolled.face is not None
    reach = Reach.of(enrolled.face)
    assert reach is not None
    assert [reach.asked(side, 30.0) for side in Side] == [LEAST_DEG, LEAST_DEG]


def test_what_is_eased_asks_for_the_same_side() -> None:
    eased = asked_pictures({str(slot.slot): EASED_AFTER for slot in PICTURES})
    for before, after in zip(PICTURES, eased, strict=True):
        assert (before.slot, before.pose) == (after.slot, after.pose)
        assert after.low_deg <= before.low_deg
        assert after.high_deg >= before.high_deg
        assert after.low_deg > 0 or after.high_deg < 0 or before == after
