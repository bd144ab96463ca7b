"""``countersign applications``: registering who logs people in here."""

from __future__ import annotations

import pytest
from allauth.idp.oidc.models import Client
from click.testing import CliRunner, Result

from countersign.cli.applications import applications
from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from countersign.server.oidc.facts import Acr
from countersign.server.oidc.models import Application

ADD = ("add", "shop", "--name", "The shop", "--redirect-uri", "https://shop.example.org/back")


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.server.settings")
    monkeypatch.setenv("COLUMNS", "250")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(applications, list(arguments))


@pytest.mark.usefixtures("db")
def test_an_application_is_added_listed_switched_and_removed() -> None:
    output = run(*ADD, "--least-acr", "biometric").output
    secret = output.split("client_secret: ")[1].strip()
    assert Client.objects.get().check_secret(secret)
    assert Application.objects.get().least_acr == Acr.BIOMETRIC
    listed = run("list").output
    assert "The shop" in listed
    assert secret not in listed
    assert run("switch", "shop", "off").output == "Switched off.\n"
    assert not Application.objects.get().active
    assert run("remove", "shop").exit_code == 1
    assert run("remove", "shop", "--yes").output == "Removed.\n"
    assert not Client.objects.exists()
    changes = AuditEntry.objects.filter(kind="application.changed").values_list("details", flat=True)
    assert [text.split('"')[3] for text in changes] == ["registered", "switched_off", "removed"]


def test_accounts_are_let_into_a_restricted_one(person: User) -> None:
    run(*ADD, "--restricted", "--public")
    application = Application.objects.get()
    assert not application.admits(person)
    assert run("allow", "shop", "ann@example.org").output == "Allowed.\n"
    assert application.admits(person)
    assert run("disallow", "shop", "ann").output == "Disallowed.\n"
    assert not application.admits(person)
    assert run("allow", "shop", "nobody").exit_code == 1
    assert run("allow", "bank", "ann").output == "Error: there is no application bank\n"


@pytest.mark.usefixtures("db")
def test_what_is_malformed_is_told() -> None:
    assert "wildcards" in run("add", "shop", "--name", "S", "--redirect-uri", "https://*.example.org/").output
