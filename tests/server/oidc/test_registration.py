"""Applications are registered strictly."""

from __future__ import annotations

import pytest
from allauth.idp.oidc.models import Client

from countersign.server.audit.models import AuditEntry
from countersign.server.oidc.facts import Acr
from countersign.server.oidc.models import Application
from countersign.server.oidc.registration import RegistrationError, is_registered, register

pytestmark = pytest.mark.usefixtures("db")
HTTPS = "https://shop.example.org/back"


def test_a_secret_is_shown_once_and_stored_as_a_hash() -> None:
    secret = register("shop", name="Shop", redirect_uris=[HTTPS], restricted=True, least_acr=Acr.BIOMETRIC)
    assert secret is not None
    client = Client.objects.get()
    assert client.check_secret(secret)
    assert secret not in client.secret
    assert client.get_response_types() == ["code"]
    application = Application.objects.get()
    assert application.restricted
    assert application.least_acr == Acr.BIOMETRIC
    assert AuditEntry.objects.get(kind="application.changed").details == '{"change":"registered","client":"shop"}'


def test_an_application_that_can_keep_no_secret_gets_none() -> None:
    assert register("app", name="App", redirect_uris=["org.example.app:/back"], public=True) is None
    assert Client.objects.get().type == Client.Type.PUBLIC


@pytest.mark.parametrize(
    ("client_id", "addresses"),
    [
        ("Shop", [HTTPS]),
        ("a", [HTTPS]),
        ("shop one", [HTTPS]),
        ("shop", []),
        ("shop", ["http://shop.example.org/back"]),
        ("shop", ["https://*.example.org/back"]),
        ("shop", ["https://shop.example.org/back#fragment"]),
        ("shop", ["https://user@shop.example.org/back"]),
        ("shop", ["javascript:alert(1)"]),
        ("shop", ["app:/back"]),
        ("shop", [HTTPS, "https:// /"]),
    ],
)
def test_malformed_identifiers_and_unsafe_addresses_are_refused(client_id: str, addresses: list[str]) -> None:
    with pytest.raises(RegistrationError):
        register(client_id, name="Shop", redirect_uris=addresses)
    assert Client.objects.count() == 0


def test_an_identifier_belongs_to_one_application() -> None:
    register("shop", name="Shop", redirect_uris=[HTTPS])
    with pytest.raises(RegistrationError, match="already"):
        register("shop", name="Other", redirect_uris=[HTTPS])


def test_addresses_are_compared_letter_by_letter_but_for_ports_of_ones_own_machine() -> None:
    register("tool", name="Tool", redirect_uris=[HTTPS, "http://127.0.0.1/back"], public=True)
    client = Client.objects.get()
    for good in (HTTPS, "http://127.0.0.1/back", "http://127.0.0.1:51234/back"):
        assert is_registered(good, client), good
    for bad in (
        HTTPS + "/",
        HTTPS + "?x=1",
        "https://shop.example.org:8443/back",
        "http://127.0.0.1:51234/back?x=1",
        "http://localhost:51234/back",
        "http://evil@127.0.0.1/back",
    ):
        assert not is_registered(bad, client), bad
