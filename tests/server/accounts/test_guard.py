"""Guesses are counted for each account over every door, strangers hold up strangers only, and nobody learns who exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from countersign.server.accounts import guard
from countersign.server.accounts.backends import find, warm_up
from countersign.server.accounts.hashers import Argon2Hasher
from countersign.server.accounts.identifiers import read
from countersign.server.accounts.models import GuessCounter, KnownDevice, User
from countersign.server.accounts.models.known_device import MOST_DEVICES
from countersign.server.audit.models import AuditEntry
from tests.server.conftest import PASSWORD

IDENTIFIERS = ("ann", "Ann@Example.org", "+31 6 12345678", "0012-345678")
TOKEN = "t" * 43


def guesses(typed: str, secret: str = "wrong", times: int = 1) -> list[AbstractBaseUser | None]:  # noqa: S107
    """Who is found by each of several guesses."""
    return [authenticate(None, username=typed, password=secret) for _ in range(times)]


def looked_at() -> int:
    return AuditEntry.objects.filter(kind__in=["password.wrong", "password.correct"]).count()


@pytest.fixture
def from_device() -> Any:
    reset = guard.device_token.set(TOKEN)
    yield
    guard.device_token.reset(reset)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that are compared with from now on."""
    seen: list[str] = []
    verify = Argon2Hasher.verify

    def watch(hasher: Argon2Hasher, password: str, encoded: str) -> bool:
        seen.append(encoded)
        return verify(hasher, password, encoded)

    monkeypatch.setattr(Argon2Hasher, "verify", watch)
    return seen


@pytest.mark.parametrize("typed", IDENTIFIERS)
def test_any_identifier_finds_the_account(person: User, typed: str) -> None:
    assert guesses(typed, PASSWORD) == [person]


def test_a_phone_number_may_be_typed_as_at_home(person: User, configured: Callable[..., Any]) -> None:
    assert guesses("06 12345678", PASSWORD) == [None]
    configured(phone_region="NL")
    assert guesses("06 12345678", PASSWORD) == [person]


def test_digits_are_an_account_number_before_they_are_a_phone_number(
    person: User, configured: Callable[..., Any]
) -> None:
    configured(phone_region="NL")
    other = User.objects.create_user("bob", account_number="0612345678")
    assert find(read("0612345678", "NL")) == other
    assert find(read("+31612345678", "NL")) == person


def test_nobody_is_found_by_what_they_left_out() -> None:
    assert read("").canonical == ""


@pytest.mark.usefixtures("db")
def test_an_account_without_phone_is_not_found_by_an_empty_one() -> None:
    User.objects.create_user("bob")
    assert find(read("")) is None


def test_all_identifiers_of_an_account_count_together(person: User) -> None:
    for typed in IDENTIFIERS * 3:
        guesses(typed)
    assert looked_at() == 5
    assert guesses("ann", PASSWORD) == [None], "while it is held up, nothing is looked at, not even the right one"


def test_every_other_door_counts_as_well(person: User) -> None:
    guesses("ann", times=3)
    assert not person.check_password("wrong")
    assert not person.check_password("wrong")
    assert not person.check_password(PASSWORD)
    assert looked_at() == 5


def test_a_right_password_starts_anew(person: User) -> None:
    guesses("ann", times=4)
    assert guesses("ann", PASSWORD) == [person]
    guesses("ann", times=4)
    assert guesses("ann", PASSWORD) == [person]


@pytest.mark.usefixtures("from_device")
def test_strangers_do_not_keep_the_person_out(person: User) -> None:
    guesses("ann", times=20)
    KnownDevice.objects.remember(person, TOKEN)
    assert guesses("ann", PASSWORD) == [person], "on a device that the account knows"
    with_reset = guard.device_token.set("")
    assert guesses("ann", PASSWORD) == [None], "on one that it does not"
    guard.device_token.reset(with_reset)


@pytest.mark.usefixtures("from_device")
def test_a_known_device_has_no_more_guesses_than_a_stranger(person: User) -> None:
    KnownDevice.objects.remember(person, TOKEN)
    guesses("ann", times=20)
    assert looked_at() == 5
    assert guesses("ann", PASSWORD) == [None]


@pytest.mark.usefixtures("from_device")
def test_a_device_is_known_to_the_account_it_logged_in_to_only(person: User) -> None:
    other = User.objects.create_user("bob", password=PASSWORD)
    KnownDevice.objects.remember(other, TOKEN)
    assert KnownDevice.objects.recognise(person.pk, TOKEN) is None
    assert KnownDevice.objects.recognise(other.pk, TOKEN) is not None


def test_of_too_many_devices_the_oldest_is_forgotten(person: User) -> None:
    for number in range(MOST_DEVICES + 2):
        KnownDevice.objects.remember(person, f"{number:043}")
    assert person.known_devices.count() == MOST_DEVICES
    assert KnownDevice.objects.recognise(person.pk, f"{0:043}") is None
    assert KnownDevice.objects.recognise(person.pk, f"{MOST_DEVICES + 1:043}") is not None


def test_guesses_at_a_name_that_nobody_has_are_counted_for_that_name(person: User) -> None:
    guesses("nobody", times=8)
    assert looked_at() == 5
    guesses("nobody-else", times=1)
    assert looked_at() == 6
    assert guesses("ann", PASSWORD) == [person]


def test_other_spellings_of_a_name_that_nobody_has_count_together(person: User) -> None:
    for typed in ("nobody", "NOBODY", " Nobody ", "ｎｏｂｏｄｙ") * 3:  # noqa: RUF001
        guesses(typed)
    assert looked_at() == 5


def test_the_name_itself_is_not_kept(person: User) -> None:
    guesses("secret-mistress")
    assert not GuessCounter.objects.filter(key__contains="mistress").exists()


@pytest.mark.parametrize(
    "typed", ["nobody", "nobody@example.org", "+31699999999", "99999999", "no spelling of anything!"]
)
def test_a_name_that_nobody_has_takes_the_same_statements_and_hashes(
    person: User, typed: str, hashed: list[str]
) -> None:
    warm_up()

    def work(name: str) -> tuple[int, list[str]]:
        hashed.clear()
        with CaptureQueriesContext(connection) as queries:
            guesses(name, times=7)
        return len(hashed), [query["sql"].split(" ")[0] for query in queries]

    assert work(typed) == work("ann")


def test_an_account_without_password_is_like_any_other(person: User, hashed: list[str]) -> None:
    User.objects.create_user("bob")
    guesses("bob", times=7)
    assert len(hashed) == 5


def test_holding_up_is_recorded_with_its_length(person: User) -> None:
    guesses("ann", times=6)
    entry = AuditEntry.objects.get(kind="password.held_up")
    assert entry.account == str(person.pk)
    assert '"failures":5' in entry.details
    assert '"seconds":30' in entry.details


@pytest.mark.parametrize(
    "credentials", [{}, {"username": "ann"}, {"password": "x"}, {"username": "ann", "password": ""}]
)
def test_a_guess_without_name_or_password_is_none(person: User, credentials: dict[str, str]) -> None:
    assert authenticate(None, **credentials) is None
    assert looked_at() == 0


def test_a_password_longer_than_any_is_wrong_and_counted(person: User) -> None:
    assert guesses("ann", PASSWORD + "x" * 1_000_000) == [None]
    assert looked_at() == 1


def test_a_switched_off_account_does_not_log_in(person: User) -> None:
    person.is_active = False
    person.save()
    assert guesses("ann", PASSWORD) == [None]


def test_a_guess_cannot_be_part_of_what_may_be_rolled_back(own_database: str) -> None:
    person = User.objects.create_user("ann", password=PASSWORD)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        person.check_password("wrong")
