"""``countersign keys``: making, rotating and retiring the key-encryption keys of the reference vault."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeAlias

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from countersign.cli.with_server import config_option, set_up_django
from countersign.core.errors import CountersignError
from countersign.core.ports import ReferenceStore
from countersign.vault import key_records
from countersign.vault.key_sources import KEY_FILE, KeyFile, key_ring

OpenRecords: TypeAlias = Callable[[], ReferenceStore]


def keys_group(open_records: OpenRecords, *, prepare: Callable[[Path | None], None] | None = None) -> click.Group:
    """The command group.

    Args:
        open_records: opens the store of wrapped data keys; called only by the commands that need it.
        prepare: called with the path of the configuration, ahead of every command but `create`; what the environment
            says of keys counts from then on.
    """

    def callback(config: Path | None = None) -> None:
        if prepare is not None and click.get_current_context().invoked_subcommand != "create":
            prepare(config)

    group = click.Group(
        "keys",
        help="The key-encryption keys that protect stored references: create, list, rotate, retire.",
        commands=[create, list_, rotate, retire],
        context_settings={"obj": open_records},
        callback=callback,
    )
    return group if prepare is None else config_option(group)


@click.command("create")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def create(file: Path) -> None:
    """Make FILE with one new key, readable by you alone. An existing file is never overwritten.

    Keep a copy of it in a safe place, apart from the copies of the database: without the key no stored reference can be
    read again, and with both everyone can.
    """
    with _told():
        key = KeyFile(file).create(_today())
    click.echo(f"Made {file} with the key {key.key_id}. Set {KEY_FILE} to its path.")


@click.command("list")
@click.pass_obj
def list_(open_records: OpenRecords) -> None:
    """List the keys in force and how many data keys each one wraps. Fails when a wrapping key is missing."""
    with _told():
        keys = [key.key_id for key in key_ring(os.environ).keys]
        usage = key_records.usage(open_records())
    table = Table("Key", "State", "Data keys wrapped")
    for key_id in keys:
        table.add_row(key_id, "[green]present[/]" if key_id == keys[0] else "old", str(usage.get(key_id, 0)))
    missing = sorted(usage.keys() - set(keys))
    for key_id in missing:
        table.add_row(key_id, "[red]missing[/]", str(usage[key_id]))
    Console().print(table)
    if missing:
        raise click.exceptions.Exit(1)


@click.command("rotate")
@click.option("--rewrap-only", is_flag=True, help="Do not make a new key; finish with the present one.")
@click.pass_obj
def rotate(open_records: OpenRecords, *, rewrap_only: bool) -> None:
    """Put a new key in force and wrap every data key by it. References themselves are not touched.

    With a key file the new key is made here; with keys from the environment or a key service, put the new key before the
    old ones and restart the servers first. The old keys stay, for backups and for servers that are not reached yet, until
    `countersign keys retire` takes them out. May be broken off and run again with --rewrap-only, beside running servers.
    """
    with _told():
        ring = key_ring(os.environ)
        file = os.environ.get(KEY_FILE)
        if file and not rewrap_only:
            KeyFile(Path(file)).add(_today())
        records = open_records()
        changed = 0
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("Wrapping data keys", total=None)
            for renewed in key_records.rewrap(records, ring):
                changed += renewed
                progress.advance(task)
        present, *old = [key.key_id for key in ring.keys]
    click.echo(f"The present key is {present}. Data keys of {changed} references were wrapped by it.")
    for key_id in old:
        click.echo(f"Still there for backups: {key_id}. When no backup needs it: countersign keys retire {key_id}")


@click.command("retire")
@click.argument("key_id")
@click.confirmation_option(prompt="Backups that were made under this key can never be read again. Go on?")
@click.pass_obj
def retire(open_records: OpenRecords, key_id: str) -> None:
    """Take the old key KEY_ID out of the key file, once it wraps nothing any more."""
    with _told():
        file = os.environ.get(KEY_FILE)
        if not file:
            raise click.UsageError(f"keys that are not in a key file ({KEY_FILE}) are taken out where they are kept")
        wrapped = key_records.usage(open_records()).get(key_id, 0)
        if wrapped:
            raise click.ClickException(
                f"{key_id} still wraps {wrapped} data keys; run: countersign keys rotate --rewrap-only"
            )
        KeyFile(Path(file)).remove(key_id)
    click.echo(f"{key_id} is gone.")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except CountersignError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"the key file could not be used: {error.strerror}") from error


def _today() -> date:
    return datetime.now(UTC).date()


def _prepare(config: Path | None) -> None:
    set_up_django(config)
    from countersign.server.ceremonies.references.opening import key_environment  # noqa: PLC0415 - after Django's set-up
    from countersign.server.project.current import configuration  # noqa: PLC0415

    with _told():
        os.environ.update(key_environment(configuration()))  # the key file of a development server is found as well


def _open_records() -> ReferenceStore:
    from countersign.server.ceremonies.references.opening import open_keys  # noqa: PLC0415 - after Django's set-up

    return open_keys()


keys = keys_group(_open_records, prepare=_prepare)
