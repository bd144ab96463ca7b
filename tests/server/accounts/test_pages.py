"""Sign-up, login, log-out and what belongs to them, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError
from django.test import Client

from countersign.server.accounts.models import KnownDevice, User
from countersign.server.audit.models import AuditEntry
from tests.server.conftest import PASSWORD

FORM = {
    "name": "Bob Other",
    "username": "bob",
    "email": "bob@example.org",
    "phone": "+31 6 87654321",
    "account_number": "99887766",
    "password1": PASSWORD,
}
IDENTIFIERS = ("ann", "ANN@example.org", "+31 6 12345678", "0012345678")


def log_in(client: Client, login: str = "ann", password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": login, "password": password})


def sign_up(client: Client, **changes: str) -> Any:
    return client.post("/accounts/signup/", FORM | changes)


def errors(response: Any) -> dict[str, list[str]]:
    """Errors by field, as the page shows them."""
    form = response.context["form"]
    return {field: list(messages) for field, messages in form.errors.items()}


def kinds() -> list[str]:
    return list(AuditEntry.objects.values_list("kind", flat=True))


@pytest.mark.usefixtures("db")
def test_a_person_signs_up_and_is_logged_in(client: Client) -> None:
    response = sign_up(client)
    assert response.status_code == 302, errors(response)
    bob = User.objects.get()
    assert (bob.name, bob.username, bob.email) == ("Bob Other", "bob", "bob@example.org")
    assert (bob.phone, bob.account_number, bob.phone_verified) == ("+31687654321", "99887766", False)
    page = client.get("/account/").content.decode()
    assert "Bob Other" in page
    assert kinds() == ["account.created", "session.began", "device.remembered"]
    assert [message.to for message in mail.outbox] == [["bob@example.org"]]


@pytest.mark.usefixtures("db")
def test_phone_and_account_number_may_be_left_out(client: Client) -> None:
    assert sign_up(client, phone="", account_number="").status_code == 302
    assert sign_up(Client(), username="eve", email="eve@example.org", phone="", account_number="").status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "Ann"),
        ("username", "ＡＮＮ"),  # noqa: RUF001
        ("email", "Ann@Example.org"),
        ("phone", "+31612345678"),
        ("account_number", "00 1234 5678"),
    ],
)
def test_what_is_taken_is_told_at_its_field(person: User, client: Client, field: str, value: str) -> None:
    found = errors(sign_up(client, **{field: value}))
    assert list(found) == [field]
    assert "already" in found[field][0]
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "required"),
        ("username", "12345678", "not only digits"),
        ("username", "x", "3"),
        ("username", "\u0430dmin", "alphabets"),
        ("email", "nobody", "valid"),
        ("phone", "0612345678", "country code"),
        ("account_number", "12-AB", "digits"),
        ("password1", "too short", "15 characters"),
        ("password1", "bob@example.org1", "too close"),
        ("password1", "Bob Other Bob Other", "too close"),
    ],
)
@pytest.mark.usefixtures("db")
def test_what_is_wrong_is_told_once_at_its_field(client: Client, field: str, value: str, message: str) -> None:
    found = errors(sign_up(client, **{field: value}))
    assert list(found) == [field]
    assert len(found[field]) == 1
    assert message in found[field][0]


def test_who_comes_a_moment_later_is_told_so(person: User, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken_meanwhile(*_args: object, **_kwargs: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(User, "save", taken_meanwhile)
    response = sign_up(client)
    assert response.status_code == 302
    assert "Somebody just took one of these" in client.get(response["Location"]).content.decode()


@pytest.mark.usefixtures("db")
def test_an_operator_may_close_sign_up(client: Client, configured: Callable[..., Any]) -> None:
    configured(sign_up_open=False)
    assert sign_up(client).status_code == 200
    assert User.objects.count() == 0


@pytest.mark.usefixtures("db")
def test_a_pin_may_stand_for_the_password_where_the_configuration_says_so(
    client: Client, configured: Callable[..., Any]
) -> None:
    assert list(errors(sign_up(Client(), password1="385027"))) == ["password1"]
    configured(biometric_step=True, allow_pin=True)
    assert sign_up(client, password1="385027").status_code == 302
    assert log_in(Client(), "bob", "385027").status_code == 302
    assert log_in(Client(), "bob", "385028").status_code == 200


@pytest.mark.parametrize("login", IDENTIFIERS)
def test_a_person_logs_in_by_any_identifier(person: User, client: Client, login: str) -> None:
    assert log_in(client, login)["Location"] == "/account/"
    assert client.get("/account/").status_code == 200


def test_a_login_gives_a_new_session_and_is_recorded_with_its_methods(person: User, client: Client) -> None:
    client.get("/accounts/login/")
    before = client.session.session_key
    log_in(client)
    assert client.session.session_key != before
    assert kinds() == ["account.created", "password.correct", "session.began", "device.remembered"]
    assert AuditEntry.objects.get(kind="session.began").details == '{"methods":"password"}'


def test_after_logging_out_the_account_is_closed(person: User, client: Client) -> None:
    log_in(client)
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert client.get("/account/").status_code == 302
    assert kinds()[-1] == "session.ended"


def test_following_a_link_does_not_log_anybody_out(person: User, client: Client) -> None:
    log_in(client)
    client.get("/accounts/logout/")
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize("login", [*IDENTIFIERS, "nobody", "nobody@example.org", "+31699999999", "12121212"])
def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(person: User, client: Client, login: str) -> None:
    found = [errors(log_in(client, login, "wrong"))["__all__"] for _ in range(6)]
    assert found[:5] == [["These do not belong together. Check both, and try again."]] * 5
    assert found[5] == ["Too many wrong passwords. Wait a while, or reset your password."]


def test_twenty_guesses_over_four_identifiers_are_five(person: User) -> None:
    for number in range(20):
        log_in(Client(), IDENTIFIERS[number % 4], "wrong")
    assert kinds().count("password.wrong") == 5


def test_strangers_do_not_keep_a_person_out_of_their_own_browser(person: User, client: Client) -> None:
    log_in(client)
    client.post("/accounts/logout/")
    for _ in range(20):
        log_in(Client(), "ann", "wrong")
    assert log_in(client).status_code == 302
    assert log_in(Client()).status_code == 200, "a browser that the account does not know has to wait"


def test_the_devices_cookie_is_for_the_server_alone(person: User, client: Client) -> None:
    log_in(client)
    cookie = client.cookies["device"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not KnownDevice.objects.filter(token_hash=cookie.value).exists()


def test_a_second_person_at_the_same_browser_does_not_push_out_the_first(person: User, client: Client) -> None:
    bob = User.objects.create_user("bob", password=PASSWORD)
    for name in ("ann", "bob"):
        log_in(client, name)
        client.post("/accounts/logout/")
    token = client.cookies["device"].value
    assert KnownDevice.objects.recognise(person.pk, token)
    assert KnownDevice.objects.recognise(bob.pk, token)


def test_changing_the_password_asks_for_the_old_one_and_counts_it(person: User, client: Client) -> None:
    log_in(client)
    new = {"password1": "a much better password", "password2": "a much better password"}
    for _ in range(7):
        client.post("/accounts/password/change/", {"oldpassword": "wrong"} | new)
    assert kinds().count("password.wrong") == 5


def test_a_changed_password_ends_other_sessions_and_keeps_this_device(person: User, client: Client) -> None:
    other = Client()
    for browser in (client, other):
        log_in(browser)
    new = {"oldpassword": PASSWORD, "password1": "a much better password", "password2": "a much better password"}
    assert client.post("/accounts/password/change/", new).status_code == 302
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302
    assert KnownDevice.objects.recognise(person.pk, client.cookies["device"].value)
    assert not KnownDevice.objects.recognise(person.pk, other.cookies["device"].value)


def test_a_reset_by_mail_opens_what_strangers_have_held_up(person: User, client: Client) -> None:
    for _ in range(10):
        log_in(Client(), "ann", "wrong")
    client.post("/accounts/password/reset/", {"email": "Ann@example.org"})
    link = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert link is not None
    form = client.get(link[1], follow=True).redirect_chain[-1][0]
    new = {"password1": "a much better password", "password2": "a much better password"}
    assert client.post(form, new).status_code == 302
    for _ in range(10):
        log_in(Client(), "ann", "wrong")
    assert log_in(client, "ann", "a much better password").status_code == 302, "this device proved itself by mail"
    assert client.get(link[1], follow=True).status_code == 200
    assert client.post(form, new).status_code != 302, "a link works once"


def test_a_reset_for_an_unknown_address_looks_the_same(person: User, client: Client) -> None:
    known = client.post("/accounts/password/reset/", {"email": "ann@example.org"})
    unknown = Client().post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_the_address_of_another_account_cannot_be_added(person: User, client: Client) -> None:
    User.objects.create_user("bob", "bob@example.org", PASSWORD)
    log_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    response = client.post("/accounts/email/", {"action_add": "", "email": "Bob@example.org"})
    assert "already" in errors(response)["email"][0]


def test_a_new_address_counts_once_it_is_proved(person: User, client: Client) -> None:
    log_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"action_add": "", "email": "new@example.org"})
    link = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert link is not None
    client.post(link[1])
    person.refresh_from_db()
    assert person.email == "new@example.org"
    assert {"account.email_verified", "account.identifier_changed"} <= set(kinds())


def test_a_switched_off_person_is_told_so_only_with_the_right_password(person: User, client: Client) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert log_in(client)["Location"] == "/accounts/inactive/"
    assert log_in(Client(), "ann", "wrong").status_code == 200
    assert client.get("/account/").status_code == 302


@pytest.mark.usefixtures("db")
def test_forms_without_their_token_are_refused() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert log_in(strict).status_code == 403


def details(client: Client, **changes: str) -> Any:
    return client.post("/account/details/", {"name": "Ann", "username": "ann", "phone": ""} | changes)


def test_a_person_changes_their_details(person: User, client: Client) -> None:
    User.objects.filter(pk=person.pk).update(phone_verified=True)
    log_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert details(client, username="Annabel", phone="+31 6 00000000")["Location"] == "/account/"
    person.refresh_from_db()
    assert (person.name, person.username, person.phone, person.phone_verified) == (
        "Ann",
        "Annabel",
        "+31600000000",
        False,
    )
    assert kinds().count("account.identifier_changed") == 2
    details(client, username="Annabel")
    person.refresh_from_db()
    assert person.phone is None


def test_a_taken_detail_is_told_at_its_field(person: User, client: Client) -> None:
    User.objects.create_user("bob", phone="+31687654321")
    log_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert set(errors(details(client, username="BOB", phone="+31 6 87654321"))) == {"username", "phone"}
    assert details(client, username="ANN").status_code == 302, "one's own name in another case is one's own"


def test_details_are_changed_only_by_who_gives_the_password_again(person: User, client: Client) -> None:
    assert details(client)["Location"].startswith("/accounts/login/")
    log_in(client)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0}]
    session.save()
    assert details(client)["Location"].startswith("/accounts/reauthenticate/")
    assert client.get("/accounts/phone/change/")["Location"] == "/account/details/"
