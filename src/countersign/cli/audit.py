"""``countersign audit``: is the log what was written, and take it elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from countersign.cli.with_server import config_option, set_up_django

if TYPE_CHECKING:
    from countersign.server.audit.chain import Head
    from countersign.server.audit.verification import Verdict


@click.group()
def audit() -> None:
    """The audit log: verify, export."""


@audit.command()
@config_option
@click.option(
    "--file", "exported", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="An exported log."
)
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="LINE|FILE",
    help="An anchor that an earlier `verify` printed, or a file of them: the log must still reach it.",
)
def verify(config: Path | None, exported: Path | None, anchors: tuple[str, ...]) -> None:
    """Verify every entry, the links between them, and the end.

    Prints the anchor of the log's end: keep it elsewhere, and give it next time. Ends with 1 if anything is wrong.
    """
    set_up_django(config)
    verdict = _verify(exported, anchors)
    console = Console(highlight=False)
    for fault in verdict.faults:
        console.print(f"[red]{fault.kind}[/] at {fault.sequence}: {fault.message}")
    if not verdict.intact:
        raise click.ClickException(f"the log is not what was written: {len(verdict.faults)} faults")
    console.print(f"{verdict.entries} entries, nothing changed, missing or out of order.")
    from countersign.server.audit.anchor import anchor_line  # noqa: PLC0415 - after Django's set-up

    click.echo(f"Anchor: {anchor_line(verdict.head)}")


@audit.command()
@config_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; standard output without one.")
def export(config: Path | None, out: Path | None) -> None:
    """Export the log as JSON lines, its head last. `verify --file` takes it."""
    set_up_django(config)
    from countersign.server.audit.export import export_lines  # noqa: PLC0415 - after Django's set-up
    from countersign.server.audit.stored import stored_entries, stored_head  # noqa: PLC0415

    head = stored_head()
    with click.open_file(str(out) if out else "-", "w", encoding="utf-8") as file:
        for line in export_lines(stored_entries(head), head):
            file.write(line + "\n")


def _verify(exported: Path | None, anchors: tuple[str, ...]) -> Verdict:
    from countersign.server.audit.anchor import read_anchor  # noqa: PLC0415 - after Django's set-up
    from countersign.server.audit.export import import_lines  # noqa: PLC0415
    from countersign.server.audit.keys import anchor_path, chain_keys  # noqa: PLC0415
    from countersign.server.audit.stored import stored_entries, stored_head  # noqa: PLC0415
    from countersign.server.audit.verification import verify as verify_entries  # noqa: PLC0415

    try:
        known = [head for anchor in anchors for head in _anchors(anchor)]
        if exported is not None:
            with exported.open(encoding="utf-8") as lines:
                entries, head = import_lines(lines)
            return verify_entries(entries, head, chain_keys(), anchors=known)
        own = read_anchor(anchor_path())
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    head = stored_head()
    return verify_entries(stored_entries(head), head, chain_keys(), anchors=[*known, own] if own else known)


def _anchors(given: str) -> list[Head]:
    from countersign.server.audit.anchor import parse_anchor  # noqa: PLC0415 - after Django's set-up

    text = given if given.lstrip().startswith("{") else Path(given).read_text(encoding="utf-8")
    return [parse_anchor(line.removeprefix("Anchor: ")) for line in text.splitlines() if line.strip()]
