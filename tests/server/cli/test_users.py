"""``countersign users``: accounts without a console."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from countersign.cli.users import users
from countersign.server.accounts.models import User

NEW = "a horse that nobody corrected"


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.server.settings")
    monkeypatch.setenv("COLUMNS", "250")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(users, list(arguments))


def test_the_list_names_nobody_unless_asked(person: User) -> None:
    output = run("list").output
    assert str(person.pk) in output
    for personal in ("ann", "Other", "example.org", "612345678"):
        assert personal not in output
    output = run("list", "--personal").output
    assert "ann@example.org" in output
    assert str(person.pk) not in run("list", "--operators").output


@pytest.mark.usefixtures("db")
def test_an_operator_is_made_with_a_password_that_will_do() -> None:
    assert "too short" in run("create-operator", "root", "--password", "short").output
    done = run("create-operator", "root", "--email", "root@example.org", "--password", NEW)
    assert done.exit_code == 0, done.output
    operator = User.objects.get()
    assert operator.is_staff
    assert operator.is_superuser
    assert operator.matches(NEW)
    assert run("create-operator", "ROOT", "--password", NEW).exit_code == 1


def test_accounts_are_locked_and_unlocked(person: User) -> None:
    assert run("lock", "ann").output == "Locked.\n"
    person.refresh_from_db()
    assert not person.is_active
    assert run("unlock", str(person.pk)).output == "Unlocked.\n"
    person.refresh_from_db()
    assert person.is_active
    assert run("end-sessions", "ann").output == "Ended 0 sessions.\n"


def test_what_cannot_be_undone_is_asked_twice(person: User) -> None:
    assert run("erase", "ann").exit_code == 1
    assert User.objects.exists()
    assert run("reset-enrolment", "ann", "--yes").output == "There was nothing to erase.\n"
    assert run("erase", "ann", "--yes").output == "Erased.\n"
    assert not User.objects.exists()


@pytest.mark.usefixtures("db")
def test_nobody_is_nobody() -> None:
    assert run("lock", "nobody").output == "Error: there is no such account\n"
