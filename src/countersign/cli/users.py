"""``countersign users``: what an operator does to accounts, where there is no console."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from rich.console import Console
from rich.table import Table

from countersign.cli.with_server import config_option, set_up_django

if TYPE_CHECKING:
    from countersign.server.accounts.models import User

Command = TypeVar("Command", bound=Callable[..., object])


@click.group()
def users() -> None:
    """Accounts: list, make an operator, lock, end sessions, reset the enrolment, erase.

    WHO is the account's id, or anything the person logs in with.
    """


def _who(command: Command) -> Command:
    return config_option(click.argument("who")(command))


_sure = click.confirmation_option("--yes", prompt="This cannot be undone. Go on?", help="Do not ask.")


@users.command("list")
@config_option
@click.option("--personal", is_flag=True, help="Show usernames, names and addresses as well.")
@click.option("--operators", is_flag=True, help="Operators only.")
def list_(config: Path | None, *, personal: bool, operators: bool) -> None:
    """List accounts, without personal data unless asked."""
    set_up_django(config)
    from countersign.server.accounts.models import User  # noqa: PLC0415 - after Django's set-up

    columns = ["Account", "Since", "State", "Role", "Enrolled"] + (["Username", "Name", "E-mail"] if personal else [])
    table = Table(*columns)
    found = User.objects.select_related("reference_set").order_by("date_joined")
    for person in found.filter(is_staff=True) if operators else found:
        enrolled = "yes" if hasattr(person, "reference_set") else "no"
        role = "superuser" if person.is_superuser else "operator" if person.is_staff else ""
        state = "active" if person.is_active else "locked"
        row = [str(person.pk), f"{person.date_joined:%Y-%m-%d}", state, role, enrolled]
        table.add_row(*row, *([person.username, person.name, person.email or ""] if personal else []))
    Console().print(table)


@users.command("create-operator")
@config_option
@click.argument("username")
@click.option("--email", help="Where password links go.")
@click.password_option(help="Asked for if not given; a command line is seen by others on the machine.")
def create_operator(config: Path | None, username: str, email: str | None, password: str) -> None:
    """Make an account for the console. It needs a second factor, or face and voice, before the console opens."""
    set_up_django(config)
    from django.contrib.auth.password_validation import validate_password  # noqa: PLC0415 - after Django's set-up
    from django.core.exceptions import ValidationError  # noqa: PLC0415
    from django.db import IntegrityError  # noqa: PLC0415

    from countersign.server.accounts.models import User  # noqa: PLC0415

    try:
        validate_password(password, User(username=username, email=email))
        operator = User.objects.create_superuser(username, email, password)
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    except IntegrityError:
        raise click.ClickException("there is an account with this username or address already") from None
    click.echo(f"Made the operator {operator.username}, account {operator.pk}.")


@users.command()
@_who
def lock(config: Path | None, who: str) -> None:
    """Switch an account off, and end its sessions and tokens."""
    with _person(config, who) as person:
        from countersign.server.operation import people  # noqa: PLC0415 - after Django's set-up

        people.lock(person, door=people.Door.COMMAND)
    click.echo("Locked.")


@users.command()
@_who
def unlock(config: Path | None, who: str) -> None:
    """Switch an account on again."""
    with _person(config, who) as person:
        from countersign.server.operation import people  # noqa: PLC0415 - after Django's set-up

        people.unlock(person, door=people.Door.COMMAND)
    click.echo("Unlocked.")


@users.command("end-sessions")
@_who
def end_sessions(config: Path | None, who: str) -> None:
    """Log a person out everywhere, and end what applications were granted."""
    with _person(config, who) as person:
        from countersign.server.operation import people  # noqa: PLC0415 - after Django's set-up

        count = people.end_sessions(person, door=people.Door.COMMAND)
    click.echo(f"Ended {count} sessions.")


@users.command("reset-enrolment")
@_who
@_sure
def reset_enrolment(config: Path | None, who: str) -> None:
    """Erase a person's face and voice for good, so that they enrol anew."""
    with _person(config, who) as person:
        from countersign.server.operation import people  # noqa: PLC0415 - after Django's set-up

        erased = people.reset_enrolment(person, door=people.Door.COMMAND)
    click.echo("Erased." if erased else "There was nothing to erase.")


@users.command()
@_who
@_sure
def erase(config: Path | None, who: str) -> None:
    """Delete an account with everything that belongs to it, for good. The audit log keeps that there was one."""
    with _person(config, who) as person:
        from countersign.server.operation import people  # noqa: PLC0415 - after Django's set-up

        people.erase(person, door=people.Door.COMMAND)
    click.echo("Erased.")


@contextmanager
def _person(config: Path | None, who: str) -> Iterator[User]:
    set_up_django(config)
    from countersign.server.operation.people import NobodyError, person_named  # noqa: PLC0415 - after Django's set-up

    try:
        yield person_named(who)
    except NobodyError as error:
        raise click.ClickException(str(error)) from error
