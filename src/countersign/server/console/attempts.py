"""Attempts, with every score, check, time and reason."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from countersign.server.ceremonies.models import Attempt
from countersign.server.console.read_only import ReadOnlyAdmin, link_to

_NOTHING = "-"


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    """What was found in each recording. The recording itself was never kept."""

    list_display = ("at", "person", "purpose", "state", "reasons", "fused", "seconds")
    list_filter = ("state", "purpose", "profile")
    list_select_related = ("account",)
    search_fields = ("id", "account__username", "account__email", "account__account_number")
    date_hierarchy = "at"
    fields: ClassVar[Any] = (
        *("id", "person", "purpose", "profile", "state", "at", "settled_at", "device"),
        *("reasons", "comparisons", "checks", "times"),
    )
    readonly_fields = fields

    @admin.display(description=_("person"), ordering="account__username")
    def person(self, attempt: Attempt) -> SafeString | str:
        """Whose it was."""
        return link_to(attempt.account)

    @admin.display(description=_("reasons"))
    def reasons(self, attempt: Attempt) -> str:
        """Why it was not accepted."""
        found = attempt.findings or {}
        return ", ".join([*found.get("reasons", ()), *found.get("failed_checks", ())]) or _NOTHING

    @admin.display(description=_("fused (nats)"))
    def fused(self, attempt: Attempt) -> str:
        """The log-likelihood ratio of face and voice together."""
        return _number((attempt.findings or {}).get("fused", {}).get("llr"))

    @admin.display(description=_("seconds"))
    def seconds(self, attempt: Attempt) -> str:
        """From its reservation to its outcome."""
        if attempt.settled_at is None:
            return _NOTHING
        return f"{(attempt.settled_at - attempt.at).total_seconds():.2f}"

    @admin.display(description=_("comparisons"))
    def comparisons(self, attempt: Attempt) -> SafeString | str:
        """Face, voice, and both together."""
        found = attempt.findings or {}
        return _table({name: found[name] for name in ("face", "voice", "fused") if name in found})

    @admin.display(description=_("checks"))
    def checks(self, attempt: Attempt) -> SafeString | str:
        """Every check of liveness and tampering."""
        return _table((attempt.findings or {}).get("checks", {}))

    @admin.display(description=_("times (ms)"))
    def times(self, attempt: Attempt) -> SafeString | str:
        """Of each stage."""
        found = (attempt.findings or {}).get("timings_ms", {})
        rows = format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", ((n, _number(v)) for n, v in found.items()))
        return format_html('<table class="figures">{}</table>', rows) if found else _NOTHING


def _table(findings: dict[str, Any]) -> SafeString | str:
    if not findings:
        return _NOTHING
    rows = format_html_join(
        "",
        "<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        (
            (
                name,
                finding.get("status", _NOTHING),
                _number(finding.get("score")),
                _number(finding.get("llr")),
                finding.get("reason") or finding.get("calibration") or _NOTHING,
                ", ".join(f"{key} {_number(value)}" for key, value in finding.get("measures", {}).items()) or _NOTHING,
            )
            for name, finding in findings.items()
        ),
    )
    heads = [_("what"), _("status"), _("score"), _("LLR (nats)"), _("reason or calibration"), _("measures")]
    head = format_html_join("", "<th>{}</th>", ((name,) for name in heads))
    return format_html('<table class="figures"><tr>{}</tr>{}</table>', head, rows)


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else _NOTHING
