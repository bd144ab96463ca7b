"""SIGKILL at every statement of every step leaves a whole enrolment or none, and whoever comes next goes on."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from countersign.server.accounts.models import User
from countersign.server.audit.keys import chain_keys
from countersign.server.audit.models import AuditEntry
from countersign.server.audit.stored import stored_entries, stored_head
from countersign.server.audit.verification import verify
from countersign.server.ceremonies.callers import Caller, Level
from countersign.server.ceremonies.enrolment import ceremony
from countersign.server.ceremonies.enrolment.gathered import Gathered
from countersign.server.ceremonies.models import EnrolmentKind, EnrolmentSession, ReferenceSet, SealedRecord
from countersign.server.ceremonies.privacy import consent
from countersign.server.ceremonies.references import holding
from tests.server.conftest import PASSWORD
from tests.vault.enrolments import enrolment, same

pytestmark = pytest.mark.slow


def gathered(seed: int) -> Gathered:
    found = enrolment(seed=seed)
    assert found.face is not None
    assert found.voice is not None
    return Gathered(pictures=dict(enumerate(found.face.samples)), voices=dict(enumerate(found.voice.samples)))


def put(whole: Gathered, _: Gathered) -> Gathered:
    return whole


@pytest.fixture
def caller(own_database: str) -> Caller:
    """Somebody who consented."""
    account = User.objects.create_user("ann", "ann@example.org", PASSWORD)
    consent.give(account, consent.CURRENT.version)
    return Caller(account=account, level=Level.REAUTHENTICATED, stage=None, binding="b", is_app=False)


def killed_at(number: int, step: Callable[[], object]) -> bool:
    """Do `step` in a process that is killed ahead of its statement of that number. False if it came to its end."""
    connection.close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child does nothing but the step
        child = os.fork()
    if child == 0:
        left = iter(range(number))

        def statement(execute: Callable[..., Any], *arguments: Any) -> Any:
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(*arguments)

        status = 1
        try:
            with connection.execute_wrapper(statement):
                step()
            connection.close()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def at_every_statement(step: Callable[[], object], check: Callable[[], None]) -> int:
    """Kill `step` at one statement after the other until it comes through. How many there were."""
    number = 0
    while killed_at(number, step):
        check()
        number += 1
    check()
    return number


def held_seed(account: User) -> int | None:
    """Which of the small enrolments is held, whole; None for none."""
    found = holding.enrolment_of(account)
    return None if found is None else next(seed for seed in range(5) if same(found, enrolment(seed=seed)))


def completed(account: User) -> int:
    return AuditEntry.objects.filter(account=str(account.pk), kind="enrolment.completed").count()


def assert_audit_log_is_whole() -> None:
    head = stored_head()
    assert verify(stored_entries(head), head, chain_keys()).intact


def test_a_completion_that_is_killed_anywhere_makes_all_of_the_references_or_none_of_them(caller: Caller) -> None:
    account = caller.account
    for seed, before in ((1, None), (2, 1)):
        session, _ = ceremony.begin(caller, EnrolmentKind.REPLACE)
        ceremony.keep(session, partial(put, gathered(seed)))

        def check(before: int | None = before, seed: int = seed, session: EnrolmentSession = session) -> None:
            session.refresh_from_db()
            done = session.completed_at is not None
            assert held_seed(account) == (seed if done else before)
            assert completed(account) == (seed if done else seed - 1)
            if not done:
                assert len(ceremony.gathered(session).pictures) == 8, "nothing that was gathered is lost"

        assert at_every_statement(partial(ceremony.complete, session), check) > 20
        assert held_seed(account) == seed
    assert SealedRecord.objects.count() == 2, "the references, and the voice profile"
    assert_audit_log_is_whole()


def test_a_beginning_that_is_killed_anywhere_can_be_made_again(caller: Caller) -> None:
    def check() -> None:
        assert EnrolmentSession.objects.count() == AuditEntry.objects.filter(kind="enrolment.begun").count() <= 1

    assert at_every_statement(lambda: ceremony.begin(caller, EnrolmentKind.REPLACE), check) > 3
    assert EnrolmentSession.objects.count() == 1


def test_an_upload_that_is_killed_anywhere_is_kept_or_not_and_what_there_was_stays(caller: Caller) -> None:
    session, _ = ceremony.begin(caller, EnrolmentKind.REPLACE)
    whole = gathered(1)
    ceremony.keep(session, lambda _: Gathered().with_picture(0, whole.pictures[0], "aa"))

    def check() -> None:
        found = ceremony.gathered(session)
        assert set(found.pictures) in ({0}, {0, 1})
        assert (found.media == {"aa", "bb"}) is (1 in found.pictures)

    def upload() -> None:
        ceremony.keep(session, lambda present: present.with_picture(1, whole.pictures[1], "bb"))

    assert at_every_statement(upload, check) > 5
    assert set(ceremony.gathered(session).pictures) == {0, 1}


def test_an_erasure_that_is_killed_anywhere_leaves_references_that_are_whole_or_gone(caller: Caller) -> None:
    session, _ = ceremony.begin(caller, EnrolmentKind.REPLACE)
    ceremony.keep(session, lambda _: gathered(1))
    ceremony.complete(session)

    def check() -> None:
        erased = AuditEntry.objects.filter(kind="references.erased").count()
        assert held_seed(caller.account) == (None if erased else 1)
        assert ReferenceSet.objects.count() == 1 - erased

    assert at_every_statement(lambda: holding.erase(caller.account), check) > 5
    assert not SealedRecord.objects.exists()
    assert_audit_log_is_whole()
