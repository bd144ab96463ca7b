"""``/metrics``, for networks that may and for who has the token. Before Django, so that any host name does."""

from __future__ import annotations

import hmac
import ipaddress
import os
from pathlib import Path

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connections
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from countersign.server.configuration import Metrics
from countersign.server.metrics.events import EventCounts
from countersign.server.web.limits import Application, Receive, Scope, Send

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_FROM_ELSEWHERE = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip"})


class MetricsEndpoint:
    """Answers one address and hands everything else on.

    A network counts by the address of the connection. A request that a proxy handed on comes from somewhere else than its
    connection says, so it needs the token whatever the network.
    """

    def __init__(self, application: Application, settings: Metrics) -> None:
        self._application, self._token = application, settings.token
        self._networks = [ipaddress.ip_network(network) for network in settings.networks]
        self._events = EventCounts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["path"] != "/metrics":
            await self._application(scope, receive, send)
            return
        if scope["method"] != "GET" or not self._may(scope):
            status, kind, body = 403, "text/plain", b"metrics.networks and metrics.token say who may read this\n"
        else:
            status, kind, body = 200, CONTENT_TYPE_LATEST, await sync_to_async(self._in_a_thread)()
        headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def text(self) -> bytes:
        """All figures, of all processes."""
        registry = CollectorRegistry()
        folder = os.environ.get(FOLDER_VARIABLE)
        if folder:
            _forget_the_dead(Path(folder))
            MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]  # it has no types
        figures = generate_latest(registry if folder else REGISTRY)
        counted = CollectorRegistry()
        counted.register(self._events)
        try:
            return figures + generate_latest(counted)
        except DatabaseError:  # what the process itself knows is worth the more when the database is gone
            return figures

    def _in_a_thread(self) -> bytes:
        try:
            return self.text()
        finally:
            for used in connections.all(initialized_only=True):
                used.close_if_unusable_or_obsolete()  # no request ends here that would do it

    def _may(self, scope: Scope) -> bool:
        headers = dict(scope["headers"])
        if self._token is not None:
            expected = f"Bearer {self._token.reveal()}".encode()
            if hmac.compare_digest(headers.get(b"authorization", b""), expected):
                return True
        if _FROM_ELSEWHERE & headers.keys():
            return False
        try:
            address = ipaddress.ip_address((scope.get("client") or ("",))[0])
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def _forget_the_dead(folder: Path) -> None:
    """What was true of a process now, such as what is inside of it, is not true of one that is gone."""
    for path in folder.glob("gauge_live*_*.db"):
        process = path.stem.rpartition("_")[2]
        if process.isdigit() and not _lives(int(process)):
            mark_process_dead(int(process), str(folder))  # type: ignore[no-untyped-call]  # it has no types


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
