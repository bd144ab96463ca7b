"""``/healthz``: the process answers. ``/readyz``: it can serve. Both before Django, so that any host name does."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType

from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from countersign.server.web.limits import Application, Receive, Scope, Send

_LOG = logging.getLogger("countersign.health")


def database_answers() -> bool:
    """Whether the database takes a query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def migrations_are_applied() -> bool:
    """Whether the tables are those of this version."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def cache_answers() -> bool:
    """Whether the cache gives back what it was given."""
    cache.set("countersign.ready", "yes", 30)
    return bool(cache.get("countersign.ready") == "yes")


CHECKS: Mapping[str, Callable[[], bool]] = MappingProxyType(
    {"database": database_answers, "migrations": migrations_are_applied, "cache": cache_answers}
)


class Health:
    """Answers the two addresses and hands everything else on.

    Args:
        application: what it hands on to.
        more: checks of readiness beside `CHECKS`.
    """

    def __init__(self, application: Application, more: Mapping[str, Callable[[], bool]] = MappingProxyType({})) -> None:
        self._application, self._more = application, more

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["path"] not in {"/healthz", "/readyz"}:
            await self._application(scope, receive, send)
            return
        results = {} if scope["path"] == "/healthz" else await sync_to_async(run_checks)(self._more)
        healthy = all(results.values())
        body = json.dumps({"status": "ok" if healthy else "unavailable", "checks": results}).encode()
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200 if healthy else 503, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def run_checks(more: Mapping[str, Callable[[], bool]] = MappingProxyType({})) -> dict[str, bool]:
    """Each check by name; one that raises has failed. What exactly failed is in the log, not in the answer."""
    results = {}
    for name, check in {**CHECKS, **more}.items():
        try:
            results[name] = check()
        except (DatabaseError, OSError) as error:
            _LOG.warning("check failed", extra={"check": name, "error": type(error).__name__})
            results[name] = False
    for used in connections.all(initialized_only=True):
        used.close_if_unusable_or_obsolete()  # no request ends here that would do it
    return results
