"""Authenticator apps, recovery codes and passkeys: kept sealed, asked for at login, and recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.test import Client

from countersign.server.accounts.models import User
from countersign.server.accounts.second_factors import SecondFactorAdapter
from countersign.server.audit.models import AuditEntry
from countersign.server.configuration import Secret, ServerConfiguration
from tests.server.accounts.test_pages import log_in
from tests.server.conftest import PASSWORD, TOTP_PERIOD


def code(secret: str, ago: int = 0) -> str:
    return str(format_hotp_value(hotp_value(secret, TOTP_PERIOD - ago)))


def activate(client: Client) -> str:
    """Switch on an authenticator app. Returns its secret."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    found = re.search(r"\b[A-Z2-7]{32}\b", page)
    assert found is not None
    response = client.post("/accounts/2fa/totp/activate/", {"code": code(found[0], ago=1)})
    assert response.status_code == 302, response.content
    return found[0]


def kinds() -> list[str]:
    return list(AuditEntry.objects.values_list("kind", flat=True))


def test_an_authenticator_app_is_asked_for_at_the_next_login(person: User, client: Client) -> None:
    log_in(client)
    secret = activate(client)
    browser = Client()
    assert log_in(browser)["Location"] == "/accounts/2fa/authenticate/"
    assert browser.get("/account/").status_code == 302
    assert browser.post("/accounts/2fa/authenticate/", {"code": code(secret)})["Location"] == "/account/"
    assert browser.get("/account/").status_code == 200
    assert AuditEntry.objects.filter(kind="session.began").last().details == '{"methods":"mfa.password"}'  # type: ignore[union-attr]


def test_a_device_is_known_only_after_the_whole_login(person: User, client: Client) -> None:
    log_in(client)
    activate(client)
    stranger = Client()
    log_in(stranger)
    assert "device" not in stranger.cookies
    assert person.known_devices.count() == 1


def test_a_wrong_code_is_recorded_and_lets_nobody_in(person: User, client: Client) -> None:
    log_in(client)
    activate(client)
    browser = Client()
    log_in(browser)
    assert browser.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert browser.get("/account/").status_code == 302
    assert kinds()[-1] == "authenticator.wrong"


def test_adding_and_removing_is_recorded(person: User, client: Client) -> None:
    log_in(client)
    activate(client)
    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert {"authenticator.added", "authenticator.removed"} <= set(kinds())


def test_secrets_are_sealed_where_they_are_stored(person: User, client: Client) -> None:
    log_in(client)
    secret = activate(client)
    stored = [str(authenticator.data) for authenticator in Authenticator.objects.all()]
    assert len(stored) == 2, "the app and its recovery codes"
    assert all(secret not in text and "gAAAA" in text for text in stored)


@pytest.mark.usefixtures("db")
def test_an_earlier_secret_key_still_opens_them(
    configured: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = SecondFactorAdapter()
    sealed = adapter.encrypt("JBSWY3DPEHPK3PXP")
    current: ServerConfiguration = settings.COUNTERSIGN
    assert current.secrets.secret_key is not None
    new_key = Secret("a-new-secret-key-abcdefghijklmnopqrstuvwxyz-0123456789")
    previous: tuple[Secret, ...]
    for previous, opens in (((current.secrets.secret_key,), True), ((), False)):
        secrets = replace(current.secrets, secret_key=new_key, previous_secret_keys=previous)
        monkeypatch.setattr(settings, "COUNTERSIGN", replace(current, secrets=secrets))
        if opens:
            assert adapter.decrypt(sealed) == "JBSWY3DPEHPK3PXP"
        else:
            with pytest.raises(InvalidToken):
                adapter.decrypt(sealed)


def test_a_recovery_code_works_once(person: User, client: Client) -> None:
    log_in(client)
    activate(client)
    page = client.get("/accounts/2fa/recovery-codes/").content.decode()
    found = re.search(r"<textarea[^>]*>\s*(\S+)", page)
    assert found is not None, page
    for expected in (302, 200):
        browser = Client()
        log_in(browser)
        assert browser.post("/accounts/2fa/authenticate/", {"code": found[1]}).status_code == expected


def test_the_pages_offer_passkeys(person: User, client: Client) -> None:
    assert "passkey" in client.get("/accounts/login/").content.decode().lower()
    log_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.get("/accounts/2fa/webauthn/add/").status_code == 200


def test_sensitive_pages_ask_for_the_password_again(person: User, client: Client) -> None:
    log_in(client)
    session = client.session
    records = [record | {"at": record["at"] - 3600} for record in session["account_authentication_methods"]]
    session["account_authentication_methods"] = records
    session.save()
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
