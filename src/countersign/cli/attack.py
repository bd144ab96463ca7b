"""``countersign attack``: presentation attacks for testing, made from your own recordings."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from countersign.cli.demo.espeak import speak
from countersign.core.errors import ConfigurationError
from countersign.evaluation.attacks.species import Species
from countersign.evaluation.attacks.suite import MANIFEST, Suite
from countersign.face.path import FacePath
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore

_WORDS = "anchor, pepper, window, tiger, copper."


@click.group()
def attack() -> None:
    """Make presentation attacks from your own recordings, to test with."""


@attack.command("make")
@click.argument(
    "clips", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="CLIP...", nargs=-1, required=True
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder for the attacks.")
@click.option("--species", type=click.Choice([each.value for each in Species]), multiple=True, help="All by default.")
@click.option("--words", default=_WORDS, show_default=True, help="What the synthesiser says.")
@click.option("--voice", default="en-us", show_default=True, help="The synthesiser's voice (espeak-ng).")
@click.option("--seed", type=int, default=0, show_default=True, help="Of everything that is drawn.")
def make_attacks(
    *, clips: tuple[Path, ...], out: Path, species: tuple[str, ...], words: str, voice: str, seed: int
) -> None:
    """Make every species of attack from every CLIP, and a manifest in JSON lines.

    Sounds that are dubbed or spliced come from the other CLIPs: name clips of one person for spliced words, and of several
    for dubbed ones. The attacks are simulations; what is found on them flatters the checks.
    """
    chosen = tuple(Species(each) for each in species) or tuple(Species)
    suite = Suite(
        species=chosen,
        seed=seed,
        speak=partial(speak, words, voice=voice, pitch=50) if Species.CLONED in chosen else None,
        path=FacePath.load(Runtime(ModelStore.default()), pack=Pack.CORE) if Species.STILL_FACE in chosen else None,
    )
    made: Counter[Species] = Counter()
    try:
        for _, kind, file in suite.write(clips, out):
            made[kind] += file is not None
    except ConfigurationError as error:
        raise click.ClickException(f"{error} Leave out {Species.CLONED} with --species.") from error
    table = Table("species", "made", "of")
    for kind in chosen:
        table.add_row(kind.value, f"{made[kind]}", f"{len(clips)}")
    Console().print(table)
    click.echo(f"The manifest is {out / MANIFEST}")
