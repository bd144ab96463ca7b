"""The report's charts, as SVG that stands inside the page and takes its colours and fonts from it.

Matplotlib wants colours it knows, so each role has a colour that occurs nowhere else, replaced by the page's variable of
that name afterwards: one drawing serves light and dark.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import norm

from countersign.core.arrays import Float64Array
from countersign.evaluation.bootstrap import SubjectScores
from countersign.evaluation.metrics import ErrorCurve
from countersign.evaluation.rates import ComparisonRates, Estimate, Source
from countersign.scoring.fit import LabelledScores, pav_llrs

_INK, _MUTED, _GRID, _NONMATED = "#010203", "#010204", "#010205", "#010206"
_SERIES = {Source.FACE: "#010207", Source.VOICE: "#010208", Source.FUSED: "#010209"}
_VARIABLES = {
    _INK: "var(--ink)",
    _MUTED: "var(--muted)",
    _GRID: "var(--rule)",
    _NONMATED: "var(--nonmated)",
    **{colour: f"var(--{source})" for source, colour in _SERIES.items()},
}
_STYLE = {
    "svg.fonttype": "none",
    "font.size": 11,
    "axes.edgecolor": _GRID,
    "axes.labelcolor": _MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": _MUTED,
    "ytick.color": _MUTED,
    "text.color": _INK,
    "grid.color": _GRID,
    "grid.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "legend.frameon": False,
}
_RATES = (1e-5, 1e-4, 1e-3, 1e-2, 5e-2, 0.2, 0.5)


def det(rates: Mapping[Source, ComparisonRates]) -> str | None:
    """Detection error trade-off (Martin et al., 1997): FNMR over FMR on normal-deviate axes; None without a curve."""
    drawn = {source: (found, found.curve) for source, found in rates.items() if found.curve is not None}
    if not drawn:
        return None
    floor = max(1e-6, min(0.3 / max(found.nonmated, found.mated) for found, _ in drawn.values()))
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(6.4, 5.6))
        axes = figure.subplots()
        for source, (found, curve) in drawn.items():
            fmr, fnmr = _corners(curve, floor)
            axes.plot(fmr, fnmr, color=_SERIES[source], linewidth=2.6 if source is Source.FUSED else 1.8, label=source)
            if isinstance(found.eer, Estimate):
                at = norm.ppf(max(found.eer.value, floor))
                axes.plot([at], [at], "o", color=_SERIES[source], markersize=6)
        ends = norm.ppf([floor, 0.5])
        axes.plot(ends, ends, color=_GRID, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
        _rate_axis(axes, floor)
        axes.legend(loc="upper right", labelcolor=_INK)
        return _svg(figure, "det")


def histogram(scores: SubjectScores, rates: ComparisonRates, source: Source) -> str | None:
    """Mated and non-mated log-likelihood ratios, each as a share of its own kind; None without comparisons."""
    if rates.curve is None:
        return None
    low, high = _span(np.concatenate([scores.mated, scores.nonmated]))
    edges = np.linspace(low, high, 61)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(6.4, 3.2))
        axes = figure.subplots()
        for values, colour, label in (
            (scores.nonmated, _NONMATED, f"non-mated, {len(scores.nonmated):,}"),
            (scores.mated, _SERIES[source], f"mated, {len(scores.mated):,}"),
        ):
            weights = np.full(len(values), 100.0 / len(values))
            axes.hist(
                np.clip(values, low, high), edges.tolist(), weights=weights, color=colour, alpha=0.75, label=label
            )
        axes.axvline(0.0, color=_INK, linewidth=1)
        for point in rates.operating_points:
            if point.threshold is not None and low < point.threshold < high:
                axes.axvline(point.threshold, color=_MUTED, linewidth=1, linestyle=(0, (3, 3)))
                text = f" FMR {percent(point.fmr)}"
                axes.text(point.threshold, axes.get_ylim()[1], text, fontsize=9, color=_MUTED, rotation=90, va="top")
        axes.set_xlabel("log-likelihood ratio, nats: against  ←  0  →  for the same person")
        axes.set_ylabel("% of comparisons")
        axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2, labelcolor=_INK)
        return _svg(figure, f"histogram-{source}")


def calibration(scores: Mapping[Source, SubjectScores]) -> str | None:
    """What the log-likelihood ratios claim over what these data say they are (PAV); the diagonal is honest."""
    drawn = {source: found for source, found in scores.items() if len(found.mated) and len(found.nonmated)}
    if not drawn:
        return None
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(6.4, 4.4))
        axes = figure.subplots()
        reach = 1.0
        for source, found in drawn.items():
            claimed, shown = _reliability(found)
            if len(claimed):
                axes.plot(claimed, shown, color=_SERIES[source], linewidth=2, label=source)
                reach = max(reach, float(np.abs(np.concatenate([claimed, shown])).max()))
        axes.plot([-reach, reach], [-reach, reach], color=_INK, linewidth=1, linestyle=(0, (4, 3)), label="honest")
        axes.set_xlabel("log-likelihood ratio claimed, nats")
        axes.set_ylabel("borne out by these data, nats")
        axes.legend(loc="upper left", labelcolor=_INK)
        return _svg(figure, "calibration")


def percent(rate: float) -> str:
    """A fraction as a short percentage that does not break over two lines: 0.001 is "0.1 %"."""
    return f"{100 * rate:.3g}\N{NO-BREAK SPACE}%"


def _corners(curve: ErrorCurve, floor: float) -> tuple[Float64Array, Float64Array]:
    """The curve as the corners of its steps on normal-deviate axes, without those that no eye could tell apart."""
    fmr = norm.ppf(np.clip(curve.fmr, floor, 0.6))
    fnmr = norm.ppf(np.clip(curve.fnmr, floor, 0.6))
    steps = np.stack([np.repeat(fmr, 2)[1:], np.repeat(fnmr, 2)[:-1]], axis=1)
    coarse = np.round(steps, 3)
    kept = steps[np.r_[True, np.any(np.diff(coarse, axis=0) != 0, axis=1)]]
    return kept[:, 0], kept[:, 1]


def _rate_axis(axes: Axes, floor: float) -> None:
    ticks = [rate for rate in _RATES if rate >= floor]
    for axis, name in ((axes.xaxis, "false match rate"), (axes.yaxis, "false non-match rate")):
        axis.set_ticks(norm.ppf(ticks), [percent(rate) for rate in ticks])
        axis.set_label_text(name)
    axes.set_xlim(norm.ppf(floor), norm.ppf(0.55))
    axes.set_ylim(norm.ppf(floor), norm.ppf(0.55))
    axes.set_aspect("equal")


def _span(values: Float64Array) -> tuple[float, float]:
    low, high = np.quantile(values, [0.001, 0.999])
    margin = 0.04 * (high - low) + 0.1
    return float(low - margin), float(high + margin)


def _reliability(scores: SubjectScores) -> tuple[Float64Array, Float64Array]:
    values = np.concatenate([scores.mated, scores.nonmated])
    labels = np.arange(len(values)) < len(scores.mated)
    shown = pav_llrs(LabelledScores(values=values, mated=labels))
    finite = np.isfinite(shown)
    values, shown = np.sort(values)[finite], shown[finite]
    # The steps' corners are all there is to draw.
    rises = np.diff(shown) > 0
    corner = np.r_[True, rises] | np.r_[rises, True] if len(shown) else finite[:0]
    return values[corner], shown[corner]


def _svg(figure: Figure, name: str) -> str:
    stream = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(stream, format="svg", transparent=True, bbox_inches="tight", metadata=nothing)
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, variable)
    # The page sets the size; the font family is the page's.
    text = re.sub(r'<svg ([^>]*?)width="[^"]*"', r"<svg \1", text, count=1)
    text = re.sub(r'height="[^"]*pt"', "", text, count=1)
    return re.sub(r"font: ([0-9.]+)px [^;\"]*", r"font-size: \1px", text)
