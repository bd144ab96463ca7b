"""Events of the audit log as counters: logins, attempts by outcome, wrong passwords, reused credentials.

They are counted where they are written, so they are exact with any number of processes and machines, and outlive restarts.
Rows are never changed or deleted, so each process counts only those that are new since it was last asked.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Max
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from countersign.server.audit.events import EventKind
from countersign.server.audit.models import AuditEntry


class EventCounts(Collector):
    """Counts of every kind of event, and the length of the log."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter({kind.value: 0 for kind in EventKind})
        self._up_to = 0

    def collect(self) -> Iterator[Metric]:
        """Both families."""
        counts, length = self._counted()
        events = CounterMetricFamily("countersign_events", "Events of the audit log, by kind.", labels=["kind"])
        for kind, count in sorted(counts.items()):
            events.add_metric([kind], count)
        yield events
        yield GaugeMetricFamily("countersign_audit_entries", "Length of the audit log.", value=length)

    def _counted(self) -> tuple[dict[str, int], int]:
        with self._lock:
            new = AuditEntry.objects.filter(sequence__gt=self._up_to)
            last = new.aggregate(last=Max("sequence"))["last"]
            if last is not None:
                rows = new.filter(sequence__lte=last).order_by().values_list("kind").annotate(count=Count("pk"))
                self._counts.update(dict(rows))
                self._up_to = last
            return dict(self._counts), self._up_to
