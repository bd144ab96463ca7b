"""``countersign doctor``: what is well, and what is unsafe."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from countersign.cli.with_server import config_option, set_up_django

_COLOURS = {"well": "green", "note": "yellow", "unsafe": "red", "broken": "red"}


@click.command()
@config_option
@click.option("--settings", "show_settings", is_flag=True, help="Show every setting in force, and where it came from.")
def doctor(config: Path | None, show_settings: bool) -> None:  # noqa: FBT001 - click
    """Look at keys, database, cache, audit log, models, clock, TLS, proxies and mail.

    Ends with 1 if anything is unsafe or broken.
    """
    set_up_django(config)
    from countersign.server.configuration import describe  # noqa: PLC0415 - after Django's set-up
    from countersign.server.diagnosis import Level, examine  # noqa: PLC0415
    from countersign.server.project.current import configuration  # noqa: PLC0415

    console = Console()
    if show_settings:
        settings = Table("Setting", "Value", "From")
        for setting in describe(configuration()):
            settings.add_row(setting.name, escape(setting.value), escape(str(setting.source)))
        console.print(settings)
    findings = examine(configuration())
    table = Table("", "Subject", "Finding", "What to do")
    for finding in findings:
        level = f"[{_COLOURS[finding.level]}]{finding.level}[/]"
        table.add_row(level, finding.subject, escape(finding.message), escape(finding.advice))
    console.print(table)
    bad = [finding for finding in findings if finding.level in {Level.UNSAFE, Level.BROKEN}]
    if bad:
        raise click.ClickException(f"{len(bad)} findings are unsafe or broken")
