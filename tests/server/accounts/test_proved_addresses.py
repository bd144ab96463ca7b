"""Where every address has to be proved, nobody is in before, and signing up does not tell who has an account."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from tests.server.accounts.test_pages import log_in, sign_up


@pytest.fixture(autouse=True)
def _mandatory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ACCOUNT_EMAIL_VERIFICATION", "mandatory")


def link() -> str:
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


@pytest.mark.usefixtures("db")
def test_who_signs_up_is_in_after_the_link(client: Client) -> None:
    assert sign_up(client)["Location"] == "/accounts/confirm-email/"
    assert client.get("/account/").status_code == 302
    assert log_in(Client(), "bob")["Location"] == "/accounts/confirm-email/"
    client.post(link())
    assert log_in(Client(), "bob")["Location"] == "/account/"
    assert AuditEntry.objects.filter(kind="account.email_verified").count() == 1


def test_an_address_that_has_an_account_gets_the_same_answer_and_a_letter(person: User, client: Client) -> None:
    fresh = sign_up(Client())
    known = sign_up(client, username="other", email="ann@example.org", phone="", account_number="")
    assert (known.status_code, known["Location"]) == (fresh.status_code, fresh["Location"])
    assert not User.objects.filter(username="other").exists()
    assert mail.outbox[-1].to == ["ann@example.org"]
    assert "already" in str(mail.outbox[-1].subject).lower()


@pytest.mark.usefixtures("db")
def test_an_unproved_account_cannot_be_taken_over_by_guessing_its_stage(client: Client) -> None:
    sign_up(client)
    for path in (
        "/account/",
        "/accounts/email/",
        "/accounts/2fa/",
        "/accounts/sessions/",
        "/accounts/password/change/",
    ):
        assert client.get(path).status_code == 302, path
