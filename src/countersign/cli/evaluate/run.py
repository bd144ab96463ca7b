"""``countersign evaluate run``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from countersign.cli.evaluate import options
from countersign.core.biometrics import Modality
from countersign.evaluation.charts import percent
from countersign.evaluation.packs import PackSource
from countersign.evaluation.rates import Estimate, Figure
from countersign.evaluation.report import write_report
from countersign.evaluation.results import Results, measure
from countersign.evaluation.run import evaluate
from countersign.evaluation.trials import Trials, read_trials
from countersign.models.entry import Pack
from countersign.policy.profiles import STANDARD, TELEPHONE, profile_names


@click.command()
@click.argument("trials", type=options.FILE, metavar="TRIALS.csv")
@click.option("--out", type=options.NEW_FOLDER, required=True, help="Folder for the report.")
@options.pack
@options.jobs
@options.cache
@click.option(
    "--profile",
    type=click.Choice(profile_names()),
    help=f"Judges transactions. Default: {STANDARD.name}, or {TELEPHONE.name} where no trial shows a face.",
)
def run(*, trials: Path, out: Path, pack: str, jobs: int, cache: Path | None, profile: str | None) -> None:
    """Compare all that TRIALS.csv calls for, and report the error rates.

    Its columns are subject, attempt, role (enrol, probe, attack), kind (face, voice, video, av), path, text, species.
    Rows with the same subject, attempt and role make one presentation. Writes report.json, scores.csv and report.html.
    Run again after a stop, it goes on where it was.
    """
    read = read_trials(trials)
    with options.progress() as watch:
        evaluation = evaluate(
            read,
            PackSource(pack=Pack(pack)),
            profile=profile or _default_profile(read),
            cache=cache or out / "cache",
            jobs=jobs,
            watch=watch,
        )
    results = measure(evaluation, pack=pack)
    write_report(out, evaluation, results, today=dt.datetime.now(dt.UTC).date())
    _tell(results)
    click.echo(f"{evaluation.cached} of {evaluation.files} files came from the cache.")
    click.echo(f"The report is {out / 'report.html'}")


def _default_profile(trials: Trials) -> str:
    shows_faces = any(Modality.FACE in shown.offered for shown in trials.presentations)
    return (STANDARD if shows_faces else TELEPHONE).name


def _tell(results: Results) -> None:
    table = Table("", "mated", "non-mated", "EER", "FNMR at FMR 1 %", "0.1 %", "0.01 %", "Cllr")
    for source, rates in results.comparisons.items():
        points = [_words(point.fnmr) for point in rates.operating_points]
        cllr = f"{rates.cllr.value:.3f}" if isinstance(rates.cllr, Estimate) else "-"
        table.add_row(source, f"{rates.mated:,}", f"{rates.nonmated:,}", _words(rates.eer), *points, cllr)
    Console().print(table)


def _words(figure: Figure) -> str:
    return percent(figure.value) if isinstance(figure, Estimate) else "-"
