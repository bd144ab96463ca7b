"""An application, its person, and both their ends of the line."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings

from countersign.server.accounts.models import User
from countersign.server.oidc.registration import register
from tests.server.conftest import PASSWORD
from tests.server.oidc.relying_party import CALLBACK, Browser, RelyingParty, in_process


@pytest.fixture
def shop(person: User) -> RelyingParty:
    """A confidential application that everybody may use."""
    secret = register("shop", name="The shop", redirect_uris=[CALLBACK])
    return RelyingParty(backchannel=in_process(), secret=secret)


@pytest.fixture
def phone(person: User) -> RelyingParty:
    """A public application."""
    callback = "org.example.app:/back"
    register("phone", name="The app", redirect_uris=[callback], public=True)
    return RelyingParty(backchannel=in_process(), client_id="phone", callback=callback)


@pytest.fixture
def browser() -> Browser:
    """A browser in which nobody is logged in."""
    return Browser(client=in_process())


@pytest.fixture
def logged_in(browser: Browser, person: User) -> Browser:
    """A browser in which the person is logged in by password."""
    browser.visit("/accounts/login/")
    browser.log_in("ann", PASSWORD)
    assert browser.page.url.path == "/account/"
    return browser


@pytest.fixture
def records() -> Callable[..., None]:
    """Change the authentication records of a browser's session, as other ways to log in would."""

    def change(browser: Browser, *added: dict[str, Any], age: float = 0) -> None:
        key = browser.client.cookies[settings.SESSION_COOKIE_NAME]
        session = import_module(settings.SESSION_ENGINE).SessionStore(key)
        found = [entry | {"at": entry["at"] - age} for entry in session["account_authentication_methods"]]
        session["account_authentication_methods"] = [*found, *({"at": time.time()} | entry for entry in added)]
        session.save()

    return change


def enter(browser: Browser, application: RelyingParty, **extra: str | None) -> dict[str, Any]:
    """The whole way of somebody who is logged in: consent, code, tokens."""
    browser.visit(application.request(**extra))
    if browser.left_for is None:
        browser.consent()
    tokens = application.redeem(application.answered(browser.left_for)["code"])
    assert tokens.status_code == 200, tokens.text
    found: dict[str, Any] = tokens.json()
    return found
