"""What changes an account is one transaction, its audit rows with it; what counts a guess never is part of one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth import urls as account_urls
from allauth.headless import urls as headless_urls
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver

from countersign.server.accounts.models import User
from countersign.server.accounts.models.known_device import new_token
from countersign.server.audit.models import AuditEntry
from countersign.server.project import urls
from countersign.server.project.transactions import CHECK_PASSWORDS
from tests.server.accounts.test_pages import FORM

assert urls.urlpatterns


def views(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns)
        else:
            yield pattern


ALL = [*views(account_urls.urlpatterns), *views(headless_urls.urlpatterns)]


def test_every_view_of_allauth_but_those_that_check_passwords_is_one_transaction() -> None:
    wrapped = {str(pattern.name) for pattern in ALL if hasattr(pattern.callback, "in_one_transaction")}
    bare = {str(pattern.name) for pattern in ALL if not hasattr(pattern.callback, "in_one_transaction")}
    assert bare == CHECK_PASSWORDS
    assert {"account_signup", "account_email", "mfa_deactivate_totp", "usersessions_list", "manage_totp"} <= wrapped


def test_a_sign_up_that_fails_halfway_leaves_nothing(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the power went out")

    monkeypatch.setattr(settings, "MAIL_TRANSPORT", settings.EMAIL_BACKEND)
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "countersign.server.project.mail.AfterCommitBackend")
    monkeypatch.setattr("countersign.server.accounts.receivers.new_token", fail)
    with pytest.raises(RuntimeError):
        Client().post("/accounts/signup/", FORM)
    assert User.objects.count() == 0
    assert AuditEntry.objects.count() == 0
    assert mail.outbox == []
    monkeypatch.setattr("countersign.server.accounts.receivers.new_token", new_token)
    cache.clear()  # one message every three minutes to an address, whatever became of the sign-up that asked for it
    assert Client().post("/accounts/signup/", FORM).status_code == 302
    assert len(mail.outbox) == 1
    assert User.objects.count() == 1


def test_a_login_and_its_record_are_one(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the power went out")

    person = User.objects.create_user("ann", password=FORM["password1"])
    monkeypatch.setattr("countersign.server.accounts.adapters.record", fail)
    browser = Client()
    with pytest.raises(RuntimeError):
        browser.post("/accounts/login/", {"login": "ann", "password": FORM["password1"]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_session")
        assert cursor.fetchone() == (0,)
    assert list(AuditEntry.objects.filter(account=str(person.pk)).values_list("kind", flat=True)) == [
        "account.created",
        "password.correct",
    ]
