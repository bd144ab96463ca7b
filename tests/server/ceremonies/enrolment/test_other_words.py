"""Words that are not understood give way to others: no voice is kept out by one word that it says in its own way."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from countersign.liveness.word_list import WordList
from countersign.server.accounts.models import User
from countersign.server.ceremonies.callers import Caller, Level
from countersign.server.ceremonies.enrolment import ceremony
from countersign.server.ceremonies.enrolment.slots import WORDS_IN_A_PROMPT, draw_other_prompt, draw_prompts
from countersign.server.ceremonies.models import EnrolmentKind, EnrolmentSession
from countersign.server.ceremonies.privacy import consent
from countersign.server.ceremonies.problems import Problem
from tests.server.ceremonies.enrolment.enrollee import Enrollee
from tests.server.ceremonies.enrolment.scripted import speech
from tests.server.conftest import PASSWORD

AT_ONCE = 4


def texts(enrolment: dict[str, list[dict[str, str]]]) -> list[str]:
    return [voice["text"] for voice in enrolment["voices"]]


def test_words_that_are_not_understood_are_replaced_in_the_answer_and_for_good(ann: Enrollee) -> None:
    before = texts(ann.begin())
    answer = ann.sent("voice", 2, speech("something else"))
    assert answer["accepted"] is False
    assert answer["advice"] == [{"code": "other_words", "text": "We did not catch that. Here are other words."}]
    after = texts(answer["enrolment"])
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, True, False, True, True]
    assert not set(after[2].split()) & set(" ".join(before).split())
    assert texts(ann.api("GET", f"/enrolments/{ann.enrolment['id']}").json()) == after
    assert texts(ann.begin()) == after, "and when it is resumed"
    assert ann.advice("voice", 2, speech(before[2])) == ["other_words"], "the old ones are not asked for any more"


def test_no_word_comes_again_while_there_are_others(ann: Enrollee) -> None:
    asked = " ".join(texts(ann.begin())).split()
    for number in range(6):
        ann.enrolment = ann.sent("voice", number % 5, speech("something else", take=number))["enrolment"]
        asked += texts(ann.enrolment)[number % 5].split()
    assert len(asked) == len(set(asked)) == 66
    ann.gather()
    assert ann.complete().status_code == 200


def test_only_words_that_were_not_understood_change(ann: Enrollee) -> None:
    before = texts(ann.begin())
    assert ann.advice("voice", 0, speech(before[0], fails="too_quiet")) == ["too_quiet"]
    assert ann.advice("voice", 0, speech(before[0])) == []
    assert ann.advice("voice", 1, speech(before[1], "bob")) == ["other_voice"]
    assert texts(ann.begin()) == before


def test_words_never_run_out() -> None:
    words = WordList.words("en")
    prompts, withdrawn = draw_prompts(words, secrets), set[str]()
    for _ in range(2 * len(words) // WORDS_IN_A_PROMPT):
        other = draw_other_prompt(words, secrets, prompts=prompts, withdrawn=withdrawn)
        held = {word for prompt in prompts for word in prompt}
        assert len(set(other)) == WORDS_IN_A_PROMPT
        assert not held & set(other)
        withdrawn |= set(prompts[0])
        prompts[0] = other
    assert len(withdrawn) > len(words) - 2 * WORDS_IN_A_PROMPT * len(prompts)


@pytest.fixture
def session(own_database: str) -> EnrolmentSession:
    """An enrolment in a database of its own."""
    account = User.objects.create_user("ann", "ann@example.org", PASSWORD)
    consent.give(account, consent.CURRENT.version)
    caller = Caller(account=account, level=Level.REAUTHENTICATED, stage=None, binding="b", is_app=False)
    return ceremony.begin(caller, EnrolmentKind.REPLACE)[0]


def test_of_uploads_that_are_refused_at_once_one_changes_the_words_and_all_are_told_the_same(
    session: EnrolmentSession,
) -> None:
    barrier = Barrier(AT_ONCE)

    def refused(_number: int) -> list[list[str]]:
        mine = EnrolmentSession.objects.get(pk=session.pk)
        barrier.wait(20)
        try:
            told: list[list[str]] = ceremony.ask_other_words(mine, 0, session.prompts[0]).prompts
        finally:
            connection.close()
        return told

    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(refused, range(AT_ONCE)))
    kept = EnrolmentSession.objects.get(pk=session.pk)
    assert told == [kept.prompts] * AT_ONCE
    assert kept.prompts[0] != session.prompts[0]
    assert sorted(session.prompts[0]) == kept.withdrawn


def test_two_prompts_that_are_refused_at_once_both_change(session: EnrolmentSession) -> None:
    barrier = Barrier(2)

    def refused(slot: int) -> None:
        mine = EnrolmentSession.objects.get(pk=session.pk)
        barrier.wait(20)
        try:
            ceremony.ask_other_words(mine, slot, session.prompts[slot])
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(refused, range(2)))
    kept = EnrolmentSession.objects.get(pk=session.pk)
    assert [old == new for old, new in zip(session.prompts, kept.prompts, strict=True)] == [
        False,
        False,
        True,
        True,
        True,
    ]
    words = [word for prompt in kept.prompts for word in prompt]
    assert len(words) == len(set(words)) == 30


def test_an_enrolment_that_was_dropped_meanwhile_asks_for_nothing(session: EnrolmentSession) -> None:
    ceremony.drop(EnrolmentSession.objects.get(pk=session.pk))
    with pytest.raises(Problem, match=r"enrolment\.unknown"):
        ceremony.ask_other_words(session, 0, session.prompts[0])
