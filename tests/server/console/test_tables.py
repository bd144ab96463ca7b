"""Everything can be looked at, nothing edited; what may be done to an account is done, and recorded."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client

from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from countersign.server.ceremonies.models import AttemptState
from countersign.server.oidc.registration import register
from tests.server.accounts.test_pages import log_in
from tests.server.console.conftest import attempt

PEOPLE = "/console/accounts/user/"


def act(console: Client, action: str, *people: User, **more: str) -> str:
    fields = {"action": action, "_selected_action": [str(person.pk) for person in people], **more}
    return console.post(PEOPLE, fields, follow=True).content.decode()


def test_people_are_listed_found_and_shown_without_secrets(console: Client, person: User) -> None:
    assert "ann@example.org" in console.get(f"{PEOPLE}?q=ann").content.decode()
    page = console.get(f"{PEOPLE}{person.pk}/change/").content.decode()
    assert "+31612345678" in page
    assert "argon2" not in page
    assert 'name="username"' not in page


@pytest.mark.usefixtures("console")
def test_no_table_can_be_edited(console: Client, person: User) -> None:
    for model, table in admin.site._registry.items():
        address = f"/console/{model._meta.app_label}/{model._meta.model_name}/"
        assert console.get(f"{address}add/").status_code == 403, address
        assert console.post(f"{address}add/", {}).status_code == 403, address
        assert table.get_actions is not None
    page = f"{PEOPLE}{person.pk}/change/"
    assert console.post(page, {"username": "mallory"}).status_code == 403
    assert console.post(f"{PEOPLE}{person.pk}/delete/", {"post": "yes"}).status_code == 403
    person.refresh_from_db()
    assert person.username == "ann"


def test_accounts_are_locked_and_unlocked_but_not_ones_own(console: Client, operator: User, person: User) -> None:
    browser = Client()
    log_in(browser)
    assert "Done for 1 account." in act(console, "lock", person, operator)
    person.refresh_from_db()
    operator.refresh_from_db()
    assert (person.is_active, operator.is_active) == (False, True)
    assert browser.get("/account/").status_code == 302
    act(console, "unlock", person)
    person.refresh_from_db()
    assert person.is_active
    entry = AuditEntry.objects.filter(kind="operator.acted").first()
    assert entry is not None
    assert (entry.actor, entry.account) == (str(operator.pk), str(person.pk))
    assert entry.details == '{"action":"lock","door":"console"}'


def test_sessions_are_ended(console: Client, person: User) -> None:
    browser = Client()
    log_in(browser)
    act(console, "end_sessions", person)
    assert browser.get("/account/").status_code == 302


def test_erasing_asks_first_and_spares_oneself(console: Client, operator: User, person: User) -> None:
    asked = act(console, "erase", person, operator)
    assert "This cannot be undone" in asked
    assert f"root · {operator.pk}" not in asked
    assert User.objects.count() == 2
    act(console, "erase", person, operator, confirmed="yes")
    assert list(User.objects.all()) == [operator]
    assert AuditEntry.objects.filter(kind="account.deleted", account=str(person.pk)).exists()


def test_an_attempt_shows_every_score_check_time_and_reason(console: Client, person: User) -> None:
    made = attempt(person)
    listed = console.get("/console/ceremonies/attempt/").content.decode()
    assert "face_below_floor, replay" in listed
    page = console.get(f"/console/ceremonies/attempt/{made.pk}/change/").content.decode()
    for shown in ("0.41", "-3.25", "face-core-1", "yaw 12.5", "too_quiet", "voice was not compared"):
        assert shown in page, shown
    for shown in ("replay-1", "-9", "turn-1", "4.5", "no_speech", "210", "480.5"):
        assert shown in page, shown


def test_an_attempt_that_nothing_was_found_in_is_shown_as_well(console: Client, person: User) -> None:
    made = attempt(person, AttemptState.RESERVED)
    type(made).objects.update(findings=None)
    assert console.get(f"/console/ceremonies/attempt/{made.pk}/change/").status_code == 200


def test_applications_and_the_log_are_shown(console: Client, person: User) -> None:
    register("shop", name="The shop", redirect_uris=["https://shop.example.org/back"])
    page = console.get("/console/oidc/application/shop/change/").content.decode()
    assert "https://shop.example.org/back" in page
    assert "argon2" not in page
    log = console.get("/console/audit/auditentry/").content.decode()
    assert "application.changed" in log
    entry = AuditEntry.objects.filter(account=str(person.pk)).first()
    assert entry is not None
    assert person.username in console.get(f"/console/audit/auditentry/{entry.pk}/change/").content.decode()
