"""What the commands of ``countersign evaluate`` have in common: options and progress."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from countersign.evaluation.run import Watch
from countersign.models.entry import Pack

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
NEW_FILE = click.Path(path_type=Path, dir_okay=False)
NEW_FOLDER = click.Path(path_type=Path, file_okay=False)

pack = click.option(
    "--pack",
    type=click.Choice([Pack.CORE.value, Pack.PLUS.value]),
    default=Pack.CORE.value,
    show_default=True,
    help="Which models.",
)
jobs = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=lambda: os.cpu_count() or 1,
    show_default="all cores",
    help="Processes to work with.",
)
cache = click.option(
    "--cache",
    type=NEW_FOLDER,
    help="Folder of features already extracted; by default the one called cache in the output folder. It holds "
    "biometric samples: delete it when done.",
)


@contextmanager
def progress() -> Iterator[Watch]:
    """A bar for each stage; counts only, no names."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def watch(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done)

        yield watch
