"""A histogram as SVG, drawn here: no script, and the numbers stand beside it as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT, BINS = 640, 140, 40
FARTHEST = 25.0
_COLOURS = {"accepted": "#1f7a4d", "rejected": "#b3261e"}


def histogram(values: Mapping[str, Sequence[float]], *, floor: float | None, title: str) -> SafeString:
    """Accepted and rejected apart, over one axis, with the floor as a line.

    Args:
        values: log-likelihood ratios in nats, by outcome; those beyond 25 nats stand in the outermost bins.
        floor: where to draw the line; None for none.
        title: read out instead of the picture.
    """
    everything = [value for some in values.values() for value in some] + ([floor] if floor is not None else [])
    low, high = _ends(everything)
    edges = np.linspace(low, high, BINS + 1)
    counts = {name: np.histogram(np.clip(some, low, high), edges)[0] for name, some in values.items()}
    most = max((int(count.max()) for count in counts.values() if count.size), default=1) or 1
    step = WIDTH / BINS
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" fill="{}" fill-opacity="0.55"/>',
        (
            (
                f"{number * step:.1f}",
                f"{HEIGHT - HEIGHT * count / most:.1f}",
                f"{step - 1:.1f}",
                f"{HEIGHT * count / most:.1f}",
                _COLOURS.get(name, "#666"),
            )
            for name, some in counts.items()
            for number, count in enumerate(some)
            if count
        ),
    )
    return format_html(
        '<svg role="img" viewBox="0 0 {} {}" class="histogram"><title>{}</title>{}'
        '<line x1="0" y1="{}" x2="{}" y2="{}" stroke="currentColor"/>{}'
        '<text x="0" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text></svg>',
        *(WIDTH, HEIGHT + 22, title, bars),
        *(HEIGHT, WIDTH, HEIGHT),
        _line(floor, low, high),
        *(HEIGHT + 16, f"{low:.1f}", WIDTH, HEIGHT + 16, f"{high:.1f} nats"),
    )


def _ends(values: Sequence[float]) -> tuple[float, float]:
    if not values:
        return -1.0, 1.0
    low, high = max(min(values), -FARTHEST), min(max(values), FARTHEST)
    return (low, high) if high - low > 1e-6 else (low - 1.0, high + 1.0)


def _line(floor: float | None, low: float, high: float) -> SafeString:
    if floor is None:
        return SafeString("")
    x = f"{WIDTH * (floor - low) / (high - low):.1f}"
    template = '<line x1="{}" y1="0" x2="{}" y2="{}" stroke="currentColor" stroke-dasharray="5 3"/>'
    return format_html(template, x, x, HEIGHT)
