"""Accounts are unique by every identifier, and what happens to one is in the log."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from countersign.server.accounts.models import GuessCounter, KnownDevice, User
from countersign.server.audit.models import AuditEntry
from tests.server.conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("db")


def kinds(account: User) -> list[str]:
    return list(AuditEntry.objects.filter(account=str(account.pk)).values_list("kind", flat=True))


@pytest.mark.parametrize(
    "taken",
    [
        {"username": "ANN"},
        {"username": "ａｎｎ"},  # noqa: RUF001
        {"email": "ann@example.org"},
        {"phone": "+31612345678"},
        {"account_number": "0012345678"},
    ],
)
def test_the_database_itself_keeps_identifiers_unique(person: User, taken: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(**({"username": "bob"} | taken))


def test_identifiers_are_stored_in_their_one_spelling_whoever_makes_the_account() -> None:
    made = User.objects.create_user(" ann ", "Ann@Example.ORG", phone="+31 6 12345678", account_number="00 1234")
    assert (made.username, made.email, made.phone, made.account_number) == (
        "ann",
        "ann@example.org",
        "+31612345678",
        "001234",
    )
    with pytest.raises(ValidationError) as refused:
        User.objects.create_user("1", "nobody", phone="5", account_number="x")
    assert set(refused.value.message_dict) == {"username", "email", "phone", "account_number"}


def test_what_is_left_out_may_be_left_out_by_many() -> None:
    for name in ("ann", "bob"):
        User.objects.create_user(name, email="", phone="", account_number="")
    assert User.objects.filter(email=None, phone=None, account_number=None).count() == 2


def test_a_username_keeps_its_spelling_and_is_found_by_any() -> None:
    zoe = User.objects.create_user("Zoë")
    assert str(zoe) == "Zoë"
    assert User.objects.get_by_natural_key("ZOE\u0308") == zoe


def test_a_renamed_person_is_found_by_the_new_name(person: User) -> None:
    person.username = "Annabel"
    person.save(update_fields=["username"])
    assert User.objects.get_by_natural_key("annabel") == person


def test_passwords_are_hashed_by_argon2id_and_alike_on_every_keyboard() -> None:
    person = User.objects.create_user("ann", password="Zoe\u0308 likes long passwords")  # noqa: S106
    assert person.password.startswith("argon2$argon2id$")
    assert person.check_password("Zoë likes long passwords")


def test_a_hash_with_old_parameters_is_made_anew_without_being_a_new_password(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    KnownDevice.objects.remember(person, "a" * 43)
    monkeypatch.setattr("tests.server.cheap_hashes.CheapArgon2Hasher.time_cost", 2)
    before, events = person.password, kinds(person)
    assert person.check_password(PASSWORD)
    person.refresh_from_db()
    assert person.password != before
    assert kinds(person) == [*events, "password.correct"]
    assert person.known_devices.count() == 1


def test_of_several_logins_at_once_one_stores_the_new_hash(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [User.objects.get(pk=person.pk) for _ in range(2)]
    monkeypatch.setattr("tests.server.cheap_hashes.CheapArgon2Hasher.time_cost", 2)
    assert all(copy.check_password(PASSWORD) for copy in both)
    assert both[0].get_session_auth_hash() == both[1].get_session_auth_hash()
    assert both[0].password != person.password


def test_a_new_password_forgets_devices_and_wrong_guesses(person: User) -> None:
    KnownDevice.objects.remember(person, "a" * 43)
    for _ in range(5):
        person.check_password("wrong")
    person.set_password("another good password")
    person.save()
    assert person.known_devices.count() == 0
    assert GuessCounter.objects.get(key=f"account:{person.pk}").failures == 0
    assert kinds(person)[-2:] == ["password.set", "device.forgotten"]


def test_making_an_account_is_recorded_once(person: User) -> None:
    assert kinds(person) == ["account.created"]


def test_an_operator_is_recorded_as_one() -> None:
    operator = User.objects.create_superuser("root")
    assert kinds(operator) == ["account.created", "account.privileges_changed"]


def test_roles_and_identifiers_are_recorded_when_they_change(person: User) -> None:
    same = User.objects.get(pk=person.pk)
    same.is_active = False
    same.phone = None
    same.save()
    same.name = "Ann Else"
    same.save()
    assert kinds(person)[1:] == ["account.privileges_changed", "account.identifier_changed"]
    details = AuditEntry.objects.filter(account=str(person.pk)).last()
    assert details is not None
    assert details.details == '{"identifier":"phone"}'


def test_what_was_not_loaded_is_not_loaded_to_be_compared(person: User) -> None:
    partly = User.objects.only("username", "username_key", "email", "phone", "account_number", "password").get(
        pk=person.pk
    )
    partly.email = "other@example.org"
    with CaptureQueriesContext(connection) as queries:
        partly.save(update_fields=["email"])
    assert not [query for query in queries if query["sql"].startswith("SELECT") and "accounts_user" in query["sql"]]
    assert kinds(person)[-1] == "account.identifier_changed"


def test_a_deleted_account_is_recorded(person: User) -> None:
    key = str(person.pk)
    person.delete()
    assert AuditEntry.objects.filter(account=key, kind="account.deleted").exists()


def test_an_account_without_a_password_cannot_log_in_by_one() -> None:
    person = User.objects.create_user("ann")
    assert not person.check_password("")
    assert not person.check_password(PASSWORD)
    assert not person.check_password(None)
