"""The console has no door of its own, and opens for two factors."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from countersign.server.accounts.models import User
from tests.server.accounts.test_pages import log_in
from tests.server.conftest import PASSWORD
from tests.server.console.conftest import with_second_factor

PAGES = (
    *("", "accounts/user/", "ceremonies/attempt/", "ceremonies/referenceset/", "ceremonies/enrolmentsession/"),
    *("ceremonies/consent/", "oidc/application/", "audit/auditentry/"),
    *("scores/", "failures/", "alarms/", "verification/", "settings-in-force/"),
)


@pytest.mark.usefixtures("operator")
def test_the_consoles_login_is_everybodys(client: Client) -> None:
    for path in ("/console/", "/console/login/"):
        assert client.get(path, follow=True).redirect_chain[-1][0].startswith("/accounts/login/?next=")
    client.post("/console/login/", {"username": "root", "password": PASSWORD})
    assert client.get("/console/").status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_an_operator_with_two_factors_and_for_nobody_else(
    console: Client, person: User, client: Client, page: str
) -> None:
    address = f"/console/{page}"
    shown = console.get(address)
    assert shown.status_code == 200
    assert shown["Content-Security-Policy"].startswith("default-src 'none'")
    assert "<video" not in shown.content.decode()
    assert client.get(address).status_code == 302
    log_in(client)
    assert client.get(address, follow=True).status_code == 403
    one_factor = Client()
    log_in(one_factor, "root")
    assert one_factor.get(address).status_code == 302


def test_an_operator_with_a_password_alone_is_told_what_is_missing_or_sent_to_give_it(operator: User) -> None:
    client = Client()
    log_in(client, "root")
    told = client.get("/console/", follow=True)
    assert told.status_code == 403
    assert "A second factor is needed" in told.content.decode()
    Authenticator.objects.create(user=operator, type="totp", data={"secret": ""})
    assert client.get("/console/login/")["Location"] == "/accounts/2fa/reauthenticate/?next=%2Fconsole%2F"
    with_second_factor(client)
    assert client.get("/console/login/")["Location"] == "/console/"


def test_an_operator_who_lost_the_role_is_out_at_once(console: Client, operator: User) -> None:
    operator.is_staff = False
    operator.save()
    assert console.get("/console/").status_code == 302


def test_logging_out_of_the_console_logs_out(console: Client) -> None:
    assert console.get("/console/logout/")["Location"] == "/accounts/logout/"
    assert console.get("/console/password_change/")["Location"] == "/accounts/password/change/"
