"""``countersign evaluate calibrate``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from countersign.cli.evaluate import options
from countersign.core.biometrics import Modality
from countersign.evaluation.calibrating import calibration_of, candidates, chosen, json_of, raw_comparisons
from countersign.evaluation.packs import PackSource
from countersign.evaluation.run import Evaluation, evaluate
from countersign.evaluation.trials import read_trials
from countersign.models.entry import Pack
from countersign.policy.profiles import STANDARD


@click.command()
@click.argument("trials", type=options.FILE, metavar="TRIALS.csv...", nargs=-1, required=True)
@click.option("--out", type=options.NEW_FOLDER, required=True, help="Folder for the calibration files.")
@click.option("--data", required=True, help="Which data these are, in words that may be published.")
@click.option("--modality", type=click.Choice([modality.value for modality in Modality]), required=True)
@click.option("--side", multiple=True, help="Side information that may be used; all by default.")
@options.pack
@options.jobs
@options.cache
def calibrate(
    *,
    trials: tuple[Path, ...],
    out: Path,
    data: str,
    modality: str,
    side: tuple[str, ...],
    pack: str,
    jobs: int,
    cache: Path | None,
) -> None:
    """Fit the calibration of one modality to the comparisons of one or more files of trials.

    Several forms are tried with people held out in turn; the simplest is kept than which none is clearly better. Never
    calibrate on people whose error rates you want to report: make-trials --people develop keeps them apart.
    """
    evaluations: list[Evaluation] = []
    for path in trials:
        with options.progress() as watch:
            evaluations.append(
                evaluate(
                    read_trials(path),
                    PackSource(pack=Pack(pack), calibrated=False),
                    profile=STANDARD.name,
                    cache=cache or out / "cache",
                    jobs=jobs,
                    watch=watch,
                )
            )
    kind = Modality(modality)
    comparisons = raw_comparisons(evaluations, kind)
    tried = candidates(comparisons, side=side or None)
    best = chosen(tried)
    model = evaluations[0].models[kind]
    calibration = calibration_of(
        comparisons,
        best,
        evaluations[0],
        name=f"{modality}-{model.name}",
        data=data,
        date=dt.datetime.now(dt.UTC).date().isoformat(),
    )
    table = Table("form", "Cllr, people held out")
    for candidate in tried:
        table.add_row(candidate.name + (" (kept)" if candidate is best else ""), f"{candidate.cllr:.4f}")
    Console().print(table)
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{calibration.name}.json"
    path.write_text(json_of(calibration), "utf-8")
    click.echo(f"{calibration.identity}: {calibration.mated:,} mated, {calibration.nonmated:,} non-mated")
