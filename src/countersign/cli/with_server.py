"""For commands that need the server's settings or its database."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from countersign.core.errors import ConfigurationError

Command = TypeVar("Command", bound=Callable[..., object])


def config_option(command: Command) -> Command:
    """``--config FILE``."""
    return click.option(
        "--config",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="TOML file of settings; COUNTERSIGN_CONFIG does the same.",
    )(command)


def set_up_django(config: Path | None) -> None:
    """Load the settings, and Django with them. What imports Django's models is imported after this.

    Raises:
        click.ClickException: a setting is unsafe, or the server's packages are not installed.
    """
    if config is not None:
        os.environ["COUNTERSIGN_CONFIG"] = str(config)
    os.environ["DJANGO_SETTINGS_MODULE"] = "countersign.server.project.settings"
    try:
        import django  # noqa: PLC0415 - an extra, which other commands do without

        django.setup()
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from error
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is missing: pip install 'countersign[server]'") from error
