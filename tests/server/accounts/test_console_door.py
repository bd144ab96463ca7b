"""The console has no door of its own."""

from __future__ import annotations

from django.test import Client

from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from tests.server.accounts.test_pages import log_in
from tests.server.conftest import PASSWORD


def operator() -> User:
    return User.objects.create_superuser("root", "root@example.org", PASSWORD)


def test_the_consoles_login_is_everybodys(person: User, client: Client) -> None:
    operator()
    for path in ("/console/", "/console/login/"):
        assert client.get(path, follow=True).redirect_chain[-1][0].startswith("/accounts/login/?next=")
    client.post("/console/login/", {"username": "root", "password": PASSWORD})
    assert client.get("/console/").status_code == 302
    log_in(client, "root")
    assert client.get("/console/").status_code == 200


def test_who_is_no_operator_is_kept_out(person: User, client: Client) -> None:
    log_in(client)
    assert client.get("/console/login/").status_code == 403
    assert client.get("/console/accounts/user/").status_code in {302, 403}


def test_logging_out_of_the_console_logs_out(person: User, client: Client) -> None:
    operator()
    log_in(client, "root")
    assert client.get("/console/logout/")["Location"] == "/accounts/logout/"


def test_people_are_listed_found_and_switched_off_with_a_record(person: User, client: Client) -> None:
    root = operator()
    log_in(client, "root")
    assert "ann@example.org" in client.get("/console/accounts/user/?q=ann").content.decode()
    page = f"/console/accounts/user/{person.pk}/change/"
    form = {"name": "Ann", "username": "ann", "email": "", "phone": "", "account_number": "", "is_active": ""}
    assert client.post(page, form).status_code == 302
    person.refresh_from_db()
    assert not person.is_active
    assert person.email is None
    entry = AuditEntry.objects.get(kind="console.change")
    assert entry.actor == str(root.pk)
    assert str(person.pk) in entry.details
    assert AuditEntry.objects.filter(kind="account.privileges_changed", account=str(person.pk)).exists()


def test_a_taken_or_malformed_identifier_is_told_at_its_field_there_as_well(person: User, client: Client) -> None:
    root = operator()
    log_in(client, "root")
    form = {"name": "", "username": "ANN", "email": "Ann@example.org", "phone": "", "account_number": "12"}
    page = client.post(f"/console/accounts/user/{root.pk}/change/", form)
    assert set(page.context["adminform"].form.errors) == {"account_number", "email"}
    page = client.post(f"/console/accounts/user/{root.pk}/change/", form | {"account_number": ""})
    assert set(page.context["adminform"].form.errors) == {"username", "email"}


def test_nobody_sees_or_sets_a_password_there(person: User, client: Client) -> None:
    operator()
    log_in(client, "root")
    assert "argon2" not in client.get(f"/console/accounts/user/{person.pk}/change/").content.decode()
    assert client.get("/console/accounts/user/add/").status_code == 403
    assert client.get("/console/password_change/")["Location"] == "/accounts/password/change/"
