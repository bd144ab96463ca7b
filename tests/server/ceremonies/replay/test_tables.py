"""The tables are a replay memory like any other, on SQLite and on PostgreSQL; logins and enrolments fill it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from countersign.core.ports import ReplayMemory
from countersign.core.replay import Fingerprint
from countersign.server.accounts.models import User
from countersign.server.ceremonies.models import Attempt, FingerprintToken, RecordingFingerprint
from countersign.server.ceremonies.privacy import consent
from countersign.server.ceremonies.replay.remembering import remember, replay_memory
from countersign.server.ceremonies.replay.tables import TableReplayMemory
from tests.liveness.replay.contract import ReplayMemoryContract
from tests.server.ceremonies.people import Visitor

SOME = Fingerprint(tokens=frozenset({1, 2, 3}), data=b"data")


class TestTableReplayMemory(ReplayMemoryContract):
    @pytest.fixture
    def memory(self, db: None) -> ReplayMemory:
        return TableReplayMemory(bytes(range(32)))


def test_a_transaction_that_is_undone_remembers_nothing(person: User) -> None:
    with transaction.atomic():
        remember(person, uuid4(), SOME)
        assert RecordingFingerprint.objects.exists()
        transaction.set_rollback(True)
    assert not RecordingFingerprint.objects.exists()


def test_every_judged_login_is_remembered_whatever_became_of_it(enrolled: User) -> None:
    for media in (b"reject", b"retry", b"accept"):
        visitor = Visitor()
        visitor.log_in()
        visitor.attempt(media)
    assert set(RecordingFingerprint.objects.values_list("pk", flat=True)) == set(
        Attempt.objects.values_list("pk", flat=True)
    )
    assert set(RecordingFingerprint.objects.values_list("account", flat=True)) == {enrolled.pk}


def test_what_is_older_than_the_retention_is_forgotten_at_the_next_recording(
    person: User, with_policy: Callable[..., None]
) -> None:
    with_policy(replay_days=30)
    memory = replay_memory(person)
    memory.remember(uuid4(), SOME, at=timezone.now() - timedelta(days=31))
    young = uuid4()
    memory.remember(young, SOME, at=timezone.now() - timedelta(days=29))
    remember(person, uuid4(), None)
    assert [found.attempt_id for found in memory.look_up({1}, at_most=5)] == [young]


def test_a_recording_without_anything_to_know_it_by_is_not_kept(person: User) -> None:
    remember(person, uuid4(), Fingerprint(tokens=frozenset(), data=b"data"))
    assert not RecordingFingerprint.objects.exists()


def test_recordings_of_other_accounts_are_looked_among_as_well(person: User) -> None:
    other = User.objects.create_user("bob", password="another good password")  # noqa: S106 - nobody's
    remember(other, uuid4(), SOME)
    assert len(replay_memory(person).look_up({2}, at_most=5)) == 1


def test_an_account_that_is_deleted_takes_its_fingerprints_along(person: User) -> None:
    remember(person, uuid4(), SOME)
    person.delete()
    assert not RecordingFingerprint.objects.exists()
    assert not FingerprintToken.objects.exists()


def test_who_withdraws_consent_is_forgotten(enrolled: User) -> None:
    consent.give(enrolled, consent.CURRENT.version)
    remember(enrolled, uuid4(), SOME)
    consent.withdraw(enrolled)
    assert not RecordingFingerprint.objects.exists()


def test_the_key_is_neither_the_servers_secret_nor_a_part_of_it(person: User) -> None:
    memory = replay_memory(person)
    assert len(memory.key) == 32
    assert memory.key == replay_memory(person).key
    secret = settings.COUNTERSIGN.secrets.secret_key
    assert secret is not None
    assert memory.key not in secret.reveal().encode()
    assert memory.key.hex() not in secret.reveal()
