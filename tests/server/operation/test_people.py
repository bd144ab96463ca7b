"""What an operator does to an account happens whole, and is recorded."""

from __future__ import annotations

import pytest
from django.test import Client

from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from countersign.server.operation.people import (
    Door,
    NobodyError,
    end_sessions,
    erase,
    lock,
    person_named,
    reset_enrolment,
    unlock,
)
from tests.server.accounts.test_pages import log_in
from tests.server.conftest import PASSWORD


def acted() -> list[str]:
    return list(AuditEntry.objects.filter(kind="operator.acted").values_list("details", flat=True))


@pytest.mark.parametrize("text", ["ann", "ANN@example.org", "+31 6 12345678", "0012345678"])
def test_a_person_is_found_by_whatever_they_log_in_with(person: User, text: str) -> None:
    assert person_named(text) == person
    assert person_named(str(person.pk)) == person


@pytest.mark.usefixtures("person")
def test_a_name_that_nobody_has_is_nobodys() -> None:
    for text in ("nobody", "00000000-0000-0000-0000-000000000000", ""):
        with pytest.raises(NobodyError):
            person_named(text)


def test_a_locked_account_is_logged_out_and_cannot_log_in(person: User, client: Client) -> None:
    log_in(client)
    assert client.get("/account/").status_code == 200
    lock(person, door=Door.COMMAND)
    assert client.get("/account/").status_code == 302
    log_in(client)
    assert client.get("/account/").status_code == 302
    unlock(person, door=Door.COMMAND)
    log_in(client)
    assert client.get("/account/").status_code == 200
    assert acted() == ['{"action":"lock","door":"command"}', '{"action":"unlock","door":"command"}']
    assert AuditEntry.objects.filter(kind="account.privileges_changed", account=str(person.pk)).count() == 2


def test_sessions_are_ended_everywhere(person: User, client: Client) -> None:
    other = Client()
    log_in(client)
    log_in(other)
    operator = User.objects.create_superuser("root", password=PASSWORD)
    assert end_sessions(person, door=Door.CONSOLE, actor=operator.pk) == 2
    assert [browser.get("/account/").status_code for browser in (client, other)] == [302, 302]
    entry = AuditEntry.objects.get(kind="operator.acted")
    assert (entry.account, entry.actor) == (str(person.pk), str(operator.pk))


def test_resetting_an_enrolment_that_is_not_there_says_so(person: User) -> None:
    assert not reset_enrolment(person, door=Door.COMMAND)
    assert acted() == ['{"action":"reset_enrolment","door":"command"}']


def test_an_erased_account_is_gone_but_for_its_number_in_the_log(person: User, client: Client) -> None:
    log_in(client)
    account = str(person.pk)
    erase(person, door=Door.COMMAND)
    assert not User.objects.exists()
    assert client.get("/account/").status_code == 302
    kinds = AuditEntry.objects.filter(account=account).values_list("kind", flat=True)
    assert {"account.deleted", "operator.acted"} <= set(kinds)
