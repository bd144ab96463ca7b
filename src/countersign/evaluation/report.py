"""``report.html``: one page that needs nothing else, made to be read. An operator's document: it names presentations."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from countersign.evaluation import charts
from countersign.evaluation.bootstrap import REPLICATES
from countersign.evaluation.intervals import Interval, Proportion
from countersign.evaluation.judging import write_checks
from countersign.evaluation.rates import FMRS, Estimate, Figure, Missing, Source, llrs_of, mated_rows, population
from countersign.evaluation.results import NO_CHECKS, Results, as_json, no_transactions
from countersign.evaluation.run import Evaluation
from countersign.evaluation.scores import write_scores

WORST = 12
PERCENT = "\N{NO-BREAK SPACE}%"
_TITLES = {"face": "Face", "voice": "Voice", "fused": "Face and voice"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstError:
    """A comparison that went furthest the wrong way."""

    presentation: str
    reference: str
    llr: float


def write_report(folder: Path, evaluation: Evaluation, results: Results, *, today: dt.date) -> None:
    """Write ``report.json``, ``scores.csv``, ``report.html`` and, of logins, ``checks.csv`` into `folder`, which is made when missing."""
    folder.mkdir(parents=True, exist_ok=True)
    document = json.dumps(as_json(results), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "report.json").write_text(document + "\n", "utf-8")
    references = [reference.subject for reference in evaluation.references]
    write_scores(folder / "scores.csv", evaluation.table, evaluation.tests, references)
    if evaluation.judged:
        write_checks(folder / "checks.csv", evaluation.tests, evaluation.judged)
    (folder / "report.html").write_text(page(evaluation, results, today=today), "utf-8")


def page(evaluation: Evaluation, results: Results, *, today: dt.date) -> str:
    """The content of ``report.html``."""
    populations = {source: population(evaluation, source) for source in Source}
    histograms = {
        source: charts.histogram(populations[source], rates, source) for source, rates in results.comparisons.items()
    }
    environment = Environment(
        loader=PackageLoader("countersign.evaluation", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        results=results,
        counts=results.counts,
        date=today.isoformat(),
        titles=_TITLES,
        fmrs=FMRS,
        replicates=REPLICATES,
        reasons=_reasons(results),
        no_checks=NO_CHECKS,
        det=_markup(charts.det(results.comparisons)),
        calibration=_markup(charts.calibration(populations)),
        histograms={source: Markup(svg) for source, svg in histograms.items() if svg},  # noqa: S704 - drawn here
        worst_errors={source: worst_errors(evaluation, source) for source in Source if histograms[source]},
        number=lambda value: f"{value:,}",
        percent=charts.percent,
        interval=_interval,
        figure=_figure,
        share=_share,
        counted=_counted,
        proportion=_proportion,
    )


def worst_errors(evaluation: Evaluation, source: Source) -> Sequence[tuple[WorstError | None, WorstError | None]]:
    """The lowest mated and the highest non-mated comparisons, side by side."""
    llrs = llrs_of(evaluation, source)
    mated, nonmated = mated_rows(evaluation)

    def picked(rows: np.ndarray, sign: float) -> list[WorstError]:
        candidates = np.flatnonzero(rows & ~np.isnan(llrs))
        worst = candidates[np.argsort(sign * llrs[candidates], kind="stable")[:WORST]]
        return [_worst(evaluation, int(row), float(llrs[row])) for row in worst]

    return list(zip_longest(picked(mated, 1.0), picked(nonmated, -1.0)))


def _worst(evaluation: Evaluation, row: int, llr: float) -> WorstError:
    shown = evaluation.tests[evaluation.table.test[row]].presentation
    reference = evaluation.references[evaluation.table.reference[row]].subject
    return WorstError(presentation=f"{shown.subject} · {shown.attempt}", reference=reference, llr=llr)


def _reasons(results: Results) -> list[str]:
    """Why figures are missing, each reason once."""
    found: dict[str, list[str]] = {}
    for source, rates in results.comparisons.items():
        figures = [rates.eer, *(point.fnmr for point in rates.operating_points)]
        for reason in dict.fromkeys(item.reason for item in figures if isinstance(item, Missing)):
            found.setdefault(reason, []).append(_TITLES[source])
    if not results.transactions.false_rejections.of and not results.transactions.false_acceptances.of:
        found[no_transactions(results.transactions)] = ["FRR and FAR"]
    return [f"{'; '.join(titles)}: {reason}." for reason, titles in found.items()]


def _markup(svg: str | None) -> Markup | None:
    return None if svg is None else Markup(svg)  # noqa: S704 - drawn here, of numbers alone


def _interval(interval: Interval) -> str:
    low, high = (charts.percent(end) for end in interval)
    return f"{low.removesuffix(PERCENT)} to {high}"


def _figure(figure: Figure) -> Markup:
    if isinstance(figure, Estimate):
        return Markup("{}<small>{}</small>").format(charts.percent(figure.value), _interval(figure.interval))
    return Markup("n/a")


def _share(share: Proportion) -> str:
    return "n/a" if share.rate is None else charts.percent(share.rate)


def _counted(share: Proportion) -> str:
    if share.interval is None:
        return "nothing to count"
    return f"{share.count:,} of {share.of:,}, 95 % interval {_interval(share.interval)}"


def _proportion(share: Proportion) -> Markup:
    if share.interval is None:
        return Markup("n/a<small>not offered</small>")
    small = f"{share.count:,} of {share.of:,}; {_interval(share.interval)}"
    return Markup("{}<small>{}</small>").format(_share(share), small)
