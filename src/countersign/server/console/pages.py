"""Pages of the console that are no tables. All but the verification are GET, and none changes anything."""

from __future__ import annotations

from statistics import median
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from countersign.server.audit.anchor import anchor_line, read_anchor
from countersign.server.audit.keys import anchor_path, chain_keys
from countersign.server.audit.stored import stored_entries, stored_head
from countersign.server.audit.verification import Verdict, verify
from countersign.server.ceremonies.login.profile import rules
from countersign.server.configuration import describe
from countersign.server.console import tallies
from countersign.server.console.histogram import histogram
from countersign.server.project.current import configuration


def scores(request: HttpRequest) -> HttpResponse:
    """Histograms of every score, against the floors of the profile in force."""
    found = tallies.latest_findings()
    profile = rules()
    shown = [
        {
            "scores": one,
            "picture": histogram(one.by_outcome, floor=one.floor, title=f"{one.name}: {_summary(one)}"),
            "summary": _summary(one),
        }
        for one in tallies.scores(found, profile)
    ]
    return _page(request, "scores", _("Scores"), shown=shown, profile=profile.name, count=len(found))


def failures(request: HttpRequest) -> HttpResponse:
    """Why recordings could not be judged."""
    return _page(request, "failures", _("Failures to acquire"), failures=tallies.failures())


def alarms(request: HttpRequest) -> HttpResponse:
    """What somebody should look into."""
    return _page(request, "alarms", _("Alarms"), alarms=tallies.alarms(), many=tallies.MANY_REJECTIONS)


def settings_in_force(request: HttpRequest) -> HttpResponse:
    """Every setting and where it came from. Secrets show only that they are set."""
    return _page(request, "settings", _("Settings in force"), settings=describe(configuration()))


def verification(request: HttpRequest) -> HttpResponse:
    """The log, verified from its first entry to its last, when the button is pressed."""
    verdict = _verified() if request.method == "POST" else None
    anchor = anchor_line(verdict.head) if verdict is not None and verdict.intact else None
    return _page(request, "verification", _("Verify the log"), verdict=verdict, anchor=anchor, head=stored_head())


def _verified() -> Verdict:
    head, own = stored_head(), read_anchor(anchor_path())
    return verify(stored_entries(head), head, chain_keys(), anchors=[own] if own else [])


def _summary(one: tallies.Scores) -> str:
    parts = [
        f"{len(values)} {outcome}, median {median(values):.2f} nats"
        for outcome, values in one.by_outcome.items()
        if values
    ]
    floor = "never rejects by itself" if one.floor is None else f"floor {one.floor:.2f} nats"
    return "; ".join([*parts, floor])


def _page(request: HttpRequest, name: str, title: Any, **context: object) -> HttpResponse:
    return TemplateResponse(
        request, f"console/{name}.html", admin.site.each_context(request) | {"title": title} | context
    )
