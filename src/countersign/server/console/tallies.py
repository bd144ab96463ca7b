"""What many attempts say together. Computed over the latest ones, so that a page stays quick."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from django.db.models import Count
from django.utils import timezone

from countersign.core.biometrics import Modality
from countersign.core.evidence import CheckName
from countersign.policy.profiles import Profile
from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from countersign.server.ceremonies.models import Attempt, AttemptState, DuplicateAlarm

LATEST = 5_000
MANY_REJECTIONS = 5
WATCHED = ("upload.refused", "application.credential_reused", "password.held_up", "attempt.held_up")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Log-likelihood ratios of one comparison or check, in nats.

    Attributes:
        by_outcome: accepted and rejected attempts apart.
        floor: the least that the profile in force accepts; None where it never rejects by itself.
    """

    name: str
    question: str
    by_outcome: Mapping[str, tuple[float, ...]]
    floor: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """How often nothing could be judged, and why.

    Attributes:
        reasons: of face, voice and each check, most frequent first.
    """

    attempts: int
    unreadable: int
    retries: int
    reasons: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """What somebody should look into."""

    duplicates: tuple[DuplicateAlarm, ...]
    replays: tuple[Attempt, ...]
    rejections: tuple[tuple[User, int], ...]
    events: tuple[tuple[str, int], ...]
    since: datetime = field(default_factory=lambda: timezone.now() - timedelta(days=7))


def latest_findings() -> list[tuple[str, dict[str, Any]]]:
    """State and findings of the latest attempts."""
    rows = Attempt.objects.filter(findings__isnull=False).order_by("-at").values_list("state", "findings")
    return [(state, found) for state, found in rows[:LATEST] if found is not None]


def scores(found: Iterable[tuple[str, Mapping[str, Any]]], rules: Profile) -> tuple[Scores, ...]:
    """Of face, voice, both together and every check."""
    floors: dict[str, float | None] = {
        "face": rules.floors.get(Modality.FACE),
        "voice": rules.floors.get(Modality.VOICE),
        "fused": rules.total_floor,
    } | {name.value: rule.floor for name, rule in rules.checks.items()}
    questions = {
        "face": "face against reference",
        "voice": "voice against reference",
        "fused": "face and voice together",
    }
    questions |= {name.value: name.question for name in CheckName}
    values: dict[str, dict[str, list[float]]] = {name: {} for name in questions}
    for state, findings in found:
        named = {name: findings.get(name, {}) for name in ("face", "voice", "fused")} | findings.get("checks", {})
        for name, finding in named.items():
            llr = finding.get("llr")
            if isinstance(llr, int | float) and name in values and state in {"accepted", "rejected"}:
                values[name].setdefault(state, []).append(float(llr))
    return tuple(
        Scores(
            name=name,
            question=questions[name],
            by_outcome={state: tuple(numbers) for state, numbers in sorted(by_outcome.items())},
            floor=floor if (floor := floors.get(name)) is not None and isfinite(floor) else None,
        )
        for name, by_outcome in values.items()
    )


def failures() -> Failures:
    """Of the latest attempts."""
    latest = Attempt.objects.order_by("-at")[:LATEST]
    counts: Counter[tuple[str, str]] = Counter()
    states: Counter[str] = Counter()
    for attempt in latest:
        states[attempt.state] += 1
        found = attempt.findings or {}
        parts = {name: found.get(name, {}) for name in ("face", "voice")} | found.get("checks", {})
        for name, finding in parts.items():
            if finding.get("status") == "failed":
                counts[(name, str(finding.get("reason", "unknown")))] += 1
    return Failures(
        attempts=states.total(),
        unreadable=states[AttemptState.UNREADABLE],
        retries=states[AttemptState.RETRY],
        reasons=tuple((name, reason, count) for (name, reason), count in counts.most_common()),
    )


def alarms() -> Alarms:
    """Of the last seven days; duplicates of all time, because nothing else settles them."""
    since = timezone.now() - timedelta(days=7)
    recent = Attempt.objects.filter(at__gte=since, state=AttemptState.REJECTED).select_related("account")
    often = recent.order_by().values("account").annotate(count=Count("pk")).filter(count__gte=MANY_REJECTIONS)
    people = User.objects.in_bulk([row["account"] for row in often])
    replayed = [
        one for one in recent.order_by("-at")[:LATEST] if "replay" in (one.findings or {}).get("failed_checks", ())
    ]
    events = AuditEntry.objects.filter(at__gte=since, kind__in=WATCHED).order_by().values_list("kind")
    return Alarms(
        duplicates=tuple(DuplicateAlarm.objects.select_related("account", "other").order_by("-at")[:200]),
        replays=tuple(replayed[:200]),
        rejections=tuple(
            (people[row["account"]], row["count"]) for row in sorted(often, key=lambda row: row["count"], reverse=True)
        ),
        events=tuple(sorted(events.annotate(count=Count("pk")))),
        since=since,
    )
