"""The whole way of an application's login, as a relying party and a browser see it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import httpx
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session

from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from countersign.server.ceremonies.models import ReferenceSet
from countersign.server.oidc.facts import Acr
from countersign.server.oidc.models import Application, Grant
from tests.server.conftest import PASSWORD
from tests.server.oidc.conftest import enter
from tests.server.oidc.relying_party import Browser, RelyingParty

Records = Callable[..., None]
BIOMETRIC = {"method": "biometric", "profile": "standard"}


def error(browser: Browser, application: RelyingParty) -> str:
    return application.answered(browser.left_for)["error"]


def test_a_person_logs_in_consents_and_is_known_to_the_application(
    shop: RelyingParty, browser: Browser, person: User
) -> None:
    browser.visit(shop.request())
    assert browser.page.url.path == "/accounts/login/"
    browser.log_in("ann", PASSWORD)
    assert "The shop" in browser.page.text
    browser.consent()
    answer = shop.redeem(shop.answered(browser.left_for)["code"])
    assert answer.status_code == 200
    tokens = answer.json()
    claims = shop.claims(tokens)
    assert claims["sub"] == str(person.pk)
    assert (claims["amr"], claims["acr"]) == (["pwd"], Acr.SINGLE_FACTOR)
    assert 0 <= time.time() - claims["auth_time"] < 30
    info = shop.user_info(tokens["access_token"]).json()
    assert info == {
        "sub": str(person.pk),
        "name": "Ann Other",
        "preferred_username": "ann",
    } | {name: info[name] for name in ("email", "email_verified") if name in info}
    details = AuditEntry.objects.get(kind="application.granted")
    assert details.account == str(person.pk)
    assert '"client":"shop"' in details.details


def test_a_public_application_of_a_phone_comes_in_with_pkce_alone(phone: RelyingParty, logged_in: Browser) -> None:
    tokens = enter(logged_in, phone)
    assert phone.claims(tokens)["aud"] == "phone"


def test_refreshed_tokens_tell_the_same_login(shop: RelyingParty, logged_in: Browser, records: Records) -> None:
    records(logged_in, BIOMETRIC)
    first = enter(logged_in, shop)
    claims = shop.claims(first)
    assert (claims["acr"], claims["amr"]) == (Acr.BIOMETRIC, ["face", "mfa", "pwd", "vbm"])
    second = shop.refresh(first["refresh_token"]).json()
    again = shop.claims(second, nonce=False)
    assert {name: again[name] for name in ("acr", "amr", "auth_time")} == {
        name: claims[name] for name in ("acr", "amr", "auth_time")
    }
    assert shop.user_info(second["access_token"]).status_code == 200


def test_a_pin_is_not_called_a_password(
    shop: RelyingParty, browser: Browser, person: User, configured: Callable[..., object]
) -> None:
    configured(allow_pin=True)
    person.set_password("830264")
    person.save()
    browser.visit(shop.request())
    browser.log_in("ann", "830264")
    browser.consent()
    tokens = shop.redeem(shop.answered(browser.left_for)["code"]).json()
    assert shop.claims(tokens)["amr"] == ["pin"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"response_type": "code token"}, "unauthorized_client"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"claims": "no JSON"}, "invalid_request"),
        ({"response_mode": "fragment"}, "unsupported_response_type"),
        ({"request": "abc"}, "request_not_supported"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"scope": "openid admin"}, "invalid_scope"),
    ],
)
def test_unsafe_and_unknown_requests_are_refused(
    shop: RelyingParty, logged_in: Browser, change: dict[str, str | None], expected: str
) -> None:
    logged_in.visit(shop.request(**change))
    answer = shop.answered(logged_in.left_for)
    assert answer["error"] == expected
    assert Grant.objects.count() == 0


@pytest.mark.parametrize(
    "address",
    ["https://evil.example.org/callback", "https://shop.example.org/callback?more=1", "https://shop.example.org/"],
)
def test_nobody_is_sent_back_to_an_address_that_is_not_registered(
    shop: RelyingParty, logged_in: Browser, address: str
) -> None:
    page = logged_in.visit(shop.request(redirect_uri=address))
    assert logged_in.left_for is None
    assert page.status_code == 400


def test_a_code_without_its_verifier_or_secret_is_worth_nothing(shop: RelyingParty, logged_in: Browser) -> None:
    logged_in.visit(shop.request())
    logged_in.consent()
    code = shop.answered(logged_in.left_for)["code"]
    secret, shop.secret = shop.secret, "guessed"
    assert shop.redeem(code).json()["error"] == "invalid_client"
    shop.secret = secret
    assert shop.redeem(code).status_code == 200, "who does not know the secret has not used it up"
    logged_in.visit(shop.request())
    logged_in.consent()
    code = shop.answered(logged_in.left_for)["code"]
    assert shop.redeem(code, code_verifier="x" * 43).json()["error"] == "invalid_grant"
    assert shop.redeem(code).json()["error"] == "invalid_grant"


def test_using_a_code_twice_ends_what_came_of_it(shop: RelyingParty, logged_in: Browser) -> None:
    logged_in.visit(shop.request())
    logged_in.consent()
    code = shop.answered(logged_in.left_for)["code"]
    tokens = shop.redeem(code).json()
    assert shop.redeem(code).json()["error"] == "invalid_grant"
    assert shop.user_info(tokens["access_token"]).status_code == 401
    assert shop.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert '"credential":"code"' in AuditEntry.objects.get(kind="application.credential_reused").details


def test_using_a_refresh_token_twice_ends_the_family(shop: RelyingParty, logged_in: Browser) -> None:
    first = enter(logged_in, shop)
    second = shop.refresh(first["refresh_token"]).json()
    assert shop.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert shop.user_info(second["access_token"]).status_code == 401
    assert shop.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"


def test_tokens_end_with_the_session_that_logged_out(shop: RelyingParty, logged_in: Browser) -> None:
    tokens = enter(logged_in, shop)
    assert shop.introspect(tokens["access_token"])["acr"] == Acr.SINGLE_FACTOR
    logged_in.visit("/accounts/logout/")
    token = logged_in.client.cookies["csrf"]
    logged_in.client.post("/accounts/logout/", data={"csrfmiddlewaretoken": token})
    assert shop.user_info(tokens["access_token"]).status_code == 401
    assert shop.introspect(tokens["access_token"]) == {"active": False}
    assert shop.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_session_under_a_new_key_keeps_its_tokens(shop: RelyingParty, logged_in: Browser) -> None:
    tokens = enter(logged_in, shop)
    before = Session.objects.get().session_key
    logged_in.visit("/accounts/password/change/")
    new = "another horse, another battery"
    logged_in.submit(oldpassword=PASSWORD, password1=new, password2=new)
    assert Session.objects.get().session_key != before
    assert shop.user_info(tokens["access_token"]).status_code == 200


def test_a_new_password_ends_the_tokens_of_other_sessions(shop: RelyingParty, logged_in: Browser, person: User) -> None:
    tokens = enter(logged_in, shop)
    person.set_password("another horse, another battery")
    person.save()
    assert shop.user_info(tokens["access_token"]).status_code == 401


def test_a_session_that_vanished_or_an_account_that_was_locked_ends_tokens_as_well(
    shop: RelyingParty, logged_in: Browser, person: User
) -> None:
    tokens = enter(logged_in, shop)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert shop.user_info(tokens["access_token"]).status_code == 401
    User.objects.filter(pk=person.pk).update(is_active=True)
    assert shop.user_info(tokens["access_token"]).status_code == 200
    Session.objects.all()._raw_delete("default")
    assert shop.user_info(tokens["access_token"]).status_code == 401
    assert shop.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_token_that_is_given_back_ends_its_family(shop: RelyingParty, logged_in: Browser) -> None:
    tokens = enter(logged_in, shop)
    assert shop.revoke(tokens["refresh_token"]).status_code == 200
    assert shop.user_info(tokens["access_token"]).status_code == 401


def test_only_who_is_listed_enters_a_restricted_application(
    shop: RelyingParty, logged_in: Browser, person: User
) -> None:
    application = Application.objects.get(pk="shop")
    application.restricted = True
    application.save()
    logged_in.visit(shop.request())
    assert error(logged_in, shop) == "access_denied"
    assert '"reason":"not_admitted"' in AuditEntry.objects.get(kind="application.refused").details
    application.people.add(person)
    tokens = enter(logged_in, shop)
    assert shop.user_info(tokens["access_token"]).status_code == 200
    application.people.clear()
    assert shop.user_info(tokens["access_token"]).status_code == 401


def test_an_application_that_was_switched_off_is_refused(shop: RelyingParty, logged_in: Browser) -> None:
    Application.objects.update(active=False)
    logged_in.visit(shop.request())
    assert error(logged_in, shop) == "access_denied"


def test_without_asking_only_who_is_logged_in_and_consented_to_this_application_enters(
    shop: RelyingParty, phone: RelyingParty, browser: Browser, logged_in: Browser
) -> None:
    stranger = Browser(client=shop.backchannel)
    stranger.visit(shop.request(prompt="none"))
    assert error(stranger, shop) == "login_required"
    enter(logged_in, phone)
    logged_in.visit(shop.request(prompt="none"))
    assert error(logged_in, shop) == "consent_required", "consent to one application is not consent to another"
    enter(logged_in, shop)
    tokens = enter(logged_in, shop, prompt="none")
    assert shop.claims(tokens)["acr"] == Acr.SINGLE_FACTOR


@pytest.mark.parametrize("demand", [{"prompt": "login"}, {"max_age": "600"}])
def test_a_fresh_login_is_asked_for_and_its_time_is_told(
    shop: RelyingParty, logged_in: Browser, records: Records, demand: dict[str, str | None]
) -> None:
    records(logged_in, age=3600)
    began = int(time.time())
    logged_in.visit(shop.request(**demand))
    assert logged_in.page.url.path == "/accounts/reauthenticate/"
    logged_in.submit(password=PASSWORD)
    logged_in.consent()
    tokens = shop.redeem(shop.answered(logged_in.left_for)["code"]).json()
    assert shop.claims(tokens)["auth_time"] >= began


def test_who_is_enrolled_is_asked_for_face_and_voice(
    shop: RelyingParty, logged_in: Browser, person: User, records: Records, configured: Callable[..., object]
) -> None:
    configured(biometric_step=True)
    ReferenceSet.objects.create(account=person, version=1)
    records(logged_in, age=3600)
    for demand in ({"prompt": "login"}, {"max_age": "600"}, {"acr_values": Acr.BIOMETRIC.value}):
        logged_in.visit(shop.request(**demand))
        assert logged_in.page.url.path == "/accounts/reauthenticate/biometric/", demand
    back = logged_in.page.url.params["next"]
    records(logged_in, BIOMETRIC | {"reauthenticated": True})  # as an accepted recording does
    logged_in.visit(f"/accounts/reauthenticate/resume/?{urlencode({'next': back})}")
    logged_in.consent()
    claims = shop.claims(shop.redeem(shop.answered(logged_in.left_for)["code"]).json())
    assert (claims["acr"], claims["amr"]) == (Acr.BIOMETRIC, ["face", "mfa", "pwd", "vbm"])
    assert time.time() - claims["auth_time"] < 60


def test_who_skips_the_fresh_login_is_asked_again(shop: RelyingParty, logged_in: Browser, records: Records) -> None:
    records(logged_in, age=3600)
    away = logged_in.visit(shop.request(max_age="600"))
    back = httpx.URL(str(away.url)).params["next"]
    logged_in.visit(back)
    assert logged_in.page.url.path == "/accounts/reauthenticate/"
    logged_in.visit(shop.request(max_age="600", prompt="none"))
    assert error(logged_in, shop) in {"login_required", "consent_required"}


def test_a_login_a_moment_ago_is_fresh_enough(shop: RelyingParty, logged_in: Browser) -> None:
    assert enter(logged_in, shop, max_age="600")["expires_in"] == 600


def test_a_login_at_an_applications_wish_is_not_asked_for_twice(
    shop: RelyingParty, browser: Browser, person: User
) -> None:
    browser.visit(shop.request(max_age="0", prompt="login"))
    browser.log_in("ann", PASSWORD)
    assert "The shop" in browser.page.text


def test_a_class_that_is_only_preferred_is_told_truly_when_it_cannot_be_reached(
    shop: RelyingParty, logged_in: Browser
) -> None:
    tokens = enter(logged_in, shop, acr_values=f"{Acr.BIOMETRIC} unknown")
    assert shop.claims(tokens)["acr"] == Acr.SINGLE_FACTOR


def test_a_class_that_is_essential_is_reached_or_refused(
    shop: RelyingParty, logged_in: Browser, records: Records
) -> None:
    essential = f'{{"id_token":{{"acr":{{"essential":true,"values":["{Acr.BIOMETRIC}"]}}}}}}'
    logged_in.visit(shop.request(claims=essential))
    assert error(logged_in, shop) == "unmet_authentication_requirements"
    records(logged_in, BIOMETRIC)
    assert shop.claims(enter(logged_in, shop, claims=essential))["acr"] == Acr.BIOMETRIC


def test_a_login_as_somebody_else_is_not_what_was_asked(shop: RelyingParty, logged_in: Browser, person: User) -> None:
    logged_in.visit(shop.request(claims='{"id_token":{"sub":{"value":"somebody"}}}'))
    assert error(logged_in, shop) == "login_required"
    tokens = enter(logged_in, shop, claims=f'{{"id_token":{{"sub":{{"value":"{person.pk}"}}}}}}')
    assert shop.claims(tokens)["sub"] == str(person.pk)


def test_an_application_that_demands_a_class_gets_nothing_less(
    shop: RelyingParty, logged_in: Browser, records: Records
) -> None:
    Application.objects.update(least_acr=Acr.TWO_FACTORS)
    logged_in.visit(shop.request(acr_values=Acr.SINGLE_FACTOR))
    assert error(logged_in, shop) == "unmet_authentication_requirements"
    records(logged_in, {"method": "mfa", "type": "totp"})
    assert shop.claims(enter(logged_in, shop))["acr"] == Acr.TWO_FACTORS


def test_what_is_true_no_longer_when_consent_is_given_does_not_pass(
    shop: RelyingParty, logged_in: Browser, person: User
) -> None:
    logged_in.visit(shop.request())
    Application.objects.update(restricted=True)
    logged_in.consent()
    assert error(logged_in, shop) == "access_denied"


def test_browsers_whose_forms_may_not_leave_go_on_by_a_page(shop: RelyingParty, logged_in: Browser) -> None:
    same = {"Sec-Fetch-Site": "same-origin"}
    logged_in.visit(shop.request())
    page = logged_in.consent(**same)
    assert logged_in.left_for is None
    assert page.status_code == 200
    assert f'http-equiv="refresh" content="0;url={shop.callback}?code=' in page.text


def test_other_grant_types_are_not_offered(shop: RelyingParty) -> None:
    for kind in ("client_credentials", "password", "urn:ietf:params:oauth:grant-type:device_code", ""):
        assert shop._ask({"grant_type": kind}).json()["error"] == "unsupported_grant_type"
    assert shop.backchannel.get("/identity/o/api/device/code").status_code == 404
    assert shop.backchannel.get("/identity/o/device").status_code == 404
    assert shop.backchannel.get("/identity/o/api/clients").status_code == 404


def test_the_description_says_what_is_offered_and_nothing_else(shop: RelyingParty) -> None:
    found = shop.discover()
    assert found["response_types_supported"] == ["code"]
    assert found["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["acr_values_supported"] == [acr.value for acr in Acr]
    assert "device_authorization_endpoint" not in found
    for name in [name for name in found if name.endswith("_endpoint")]:
        assert shop.backchannel.get(found[name]).status_code != 404, name


def test_who_asks_for_tokens_too_often_waits(shop: RelyingParty, monkeypatch: pytest.MonkeyPatch) -> None:
    five = replace(settings.COUNTERSIGN.openid_connect, token_requests_per_minute=5)
    monkeypatch.setattr(settings, "COUNTERSIGN", replace(settings.COUNTERSIGN, openid_connect=five))
    answers = [shop.redeem("x") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert answers[5].headers["Retry-After"] == "60"
