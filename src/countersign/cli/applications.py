"""``countersign applications``: who may log people in with their account here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from countersign.cli.with_server import config_option, set_up_django

if TYPE_CHECKING:
    from countersign.server.oidc.models import Application

_CLASSES = ("single-factor", "two-factors", "biometric")


@click.group()
def applications() -> None:
    """Applications that log people in by OpenID Connect: add, list, allow, disallow, switch, remove."""


@applications.command()
@config_option
@click.argument("client_id")
@click.option("--name", required=True, help="As people see it.")
@click.option(
    "--redirect-uri", "addresses", multiple=True, required=True, help="Where people are sent back; may repeat."
)
@click.option("--public", is_flag=True, help="It runs in a browser or on a phone, and can keep no secret.")
@click.option("--restricted", is_flag=True, help="Only for accounts that `allow` names.")
@click.option("--skip-consent", is_flag=True, help="The operator's own: nobody is asked.")
@click.option("--least-acr", type=click.Choice(_CLASSES), help="Refuse logins of a lesser class.")
def add(
    config: Path | None,
    client_id: str,
    name: str,
    addresses: tuple[str, ...],
    *,
    public: bool,
    restricted: bool,
    skip_consent: bool,
    least_acr: str | None,
) -> None:
    """Register an application, and print its secret: once."""
    set_up_django(config)
    from countersign.server.oidc.facts import Acr  # noqa: PLC0415 - after Django's set-up
    from countersign.server.oidc.registration import RegistrationError, register  # noqa: PLC0415

    try:
        secret = register(
            client_id,
            name=name,
            redirect_uris=addresses,
            public=public,
            restricted=restricted,
            skip_consent=skip_consent,
            least_acr=list(Acr)[_CLASSES.index(least_acr)] if least_acr else None,
        )
    except RegistrationError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"client_id: {client_id}")
    click.echo("It has no secret." if secret is None else f"client_secret: {secret}")


@applications.command("list")
@config_option
def list_(config: Path | None) -> None:
    """List applications."""
    set_up_django(config)
    from countersign.server.oidc.models import Application, Grant  # noqa: PLC0415 - after Django's set-up

    table = Table("Application", "Name", "Type", "State", "For", "Least class", "Logins that go on")
    for application in Application.objects.select_related("client").order_by("pk"):
        going_on = Grant.objects.live().filter(client=application.client_id).count()
        table.add_row(
            str(application.pk),
            application.client.name,
            application.client.type,
            "active" if application.active else "switched off",
            "listed accounts" if application.restricted else "everybody",
            application.least_acr.rpartition(":")[2],
            str(going_on),
        )
    Console().print(table)


@applications.command()
@config_option
@click.argument("client_id")
@click.argument("who")
def allow(config: Path | None, client_id: str, who: str) -> None:
    """Let an account (id or identifier) into a restricted application."""
    _list(config, client_id, who, listed=True)


@applications.command()
@config_option
@click.argument("client_id")
@click.argument("who")
def disallow(config: Path | None, client_id: str, who: str) -> None:
    """Take an account off the list; its tokens are worth nothing from then on."""
    _list(config, client_id, who, listed=False)


@applications.command()
@config_option
@click.argument("client_id")
@click.argument("state", type=click.Choice(("on", "off")))
def switch(config: Path | None, client_id: str, state: str) -> None:
    """Switch an application on or off. While it is off, its tokens are worth nothing."""
    application = _application(config, client_id)
    from countersign.server.oidc.registration import change  # noqa: PLC0415 - after Django's set-up

    with change(application, f"switched_{state}"):
        application.active = state == "on"
        application.save()
    click.echo(f"Switched {state}.")


@applications.command()
@config_option
@click.argument("client_id")
@click.confirmation_option("--yes", prompt="Its tokens and its registration go for good. Go on?", help="Do not ask.")
def remove(config: Path | None, client_id: str) -> None:
    """Remove an application with everything it was granted."""
    application = _application(config, client_id)
    from countersign.server.oidc.registration import change  # noqa: PLC0415 - after Django's set-up

    with change(application, "removed"):
        application.client.delete()
    click.echo("Removed.")


def _application(config: Path | None, client_id: str) -> Application:
    set_up_django(config)
    from countersign.server.oidc.models import Application  # noqa: PLC0415 - after Django's set-up

    found = Application.objects.filter(pk=client_id).first()
    if found is None:
        raise click.ClickException(f"there is no application {client_id}")
    return found


def _list(config: Path | None, client_id: str, who: str, *, listed: bool) -> None:
    application = _application(config, client_id)
    from countersign.server.oidc.registration import change  # noqa: PLC0415 - after Django's set-up
    from countersign.server.operation.people import NobodyError, person_named  # noqa: PLC0415

    try:
        person = person_named(who)
    except NobodyError as error:
        raise click.ClickException(str(error)) from error
    with change(application, "allowed" if listed else "disallowed", account=person.pk):
        (application.people.add if listed else application.people.remove)(person)
    if listed and not application.restricted:
        click.echo("Noted; this application is for everybody.")
    else:
        click.echo("Allowed." if listed else "Disallowed.")
