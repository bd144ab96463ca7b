"""A person sees what is connected, and ends it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.idp.oidc.models import Token
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from countersign.server.ceremonies.housekeeping import forget_ended_sessions
from countersign.server.oidc.models import KEPT_AFTER_THE_END, Credential, Grant
from countersign.server.oidc.views import connections
from tests.server.accounts.test_pages import log_in
from tests.server.conftest import PASSWORD
from tests.server.oidc.conftest import enter
from tests.server.oidc.relying_party import Browser, RelyingParty

PAGE = "/account/applications/"


def test_applications_are_listed_with_what_they_see(shop: RelyingParty, logged_in: Browser, person: User) -> None:
    assert f'href="{PAGE}"' in logged_in.visit("/account/").text
    assert "No application uses your account" in logged_in.visit(PAGE).text
    enter(logged_in, shop)
    enter(logged_in, shop)
    (connection,) = connections(person)
    assert (connection.client_id, connection.name, connection.sessions) == ("shop", "The shop", 2)
    assert connection.scopes == ("email", "openid", "profile")
    page = logged_in.visit(PAGE).text
    assert "The shop" in page
    assert "your e-mail address" in page


def test_disconnecting_ends_every_token_at_once(shop: RelyingParty, logged_in: Browser, person: User) -> None:
    tokens = [enter(logged_in, shop), enter(logged_in, shop)]
    logged_in.visit(PAGE)
    page = logged_in.submit(application="shop")
    assert "Disconnected." in page.text
    assert connections(person) == ()
    for pair in tokens:
        assert shop.user_info(pair["access_token"]).status_code == 401
        assert shop.refresh(pair["refresh_token"]).json()["error"] == "invalid_grant"
    entry = AuditEntry.objects.get(kind="application.disconnected")
    assert (entry.account, entry.details) == (str(person.pk), '{"client":"shop","count":2}')
    assert Token.objects.count() == 0


def test_nobody_disconnects_for_another_and_strangers_see_nothing(
    shop: RelyingParty, logged_in: Browser, client: Client
) -> None:
    enter(logged_in, shop)
    assert client.get(PAGE)["Location"].startswith("/accounts/login/")
    User.objects.create_user("bob", password=PASSWORD)
    log_in(client, "bob")
    client.post(PAGE, {"application": "shop"})
    assert Grant.objects.live().count() == 1
    assert not AuditEntry.objects.filter(kind="application.disconnected").exists()


@pytest.mark.usefixtures("shop")
def test_grants_are_forgotten_some_time_after_their_end(shop: RelyingParty, logged_in: Browser) -> None:
    enter(logged_in, shop)
    assert forget_ended_sessions() == 0
    Grant.objects.update(used_at=timezone.now() - KEPT_AFTER_THE_END - timedelta(days=1))
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert forget_ended_sessions() == 6, "a grant, a code, and two tokens in both tables"
    assert Credential.objects.count() == Token.objects.count() == 0


def test_a_session_that_ran_out_ends_its_grants_when_it_is_cleared_away(shop: RelyingParty, logged_in: Browser) -> None:
    enter(logged_in, shop)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert forget_ended_sessions() == 1
    assert Grant.objects.live().count() == 0
