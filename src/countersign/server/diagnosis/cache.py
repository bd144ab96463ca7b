"""The cache holds what must not be doubled or forgotten: limits, and the codes of logins to applications."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.core.cache import cache as in_use
from redis.exceptions import RedisError

from countersign.server.configuration import ServerConfiguration
from countersign.server.diagnosis.finding import Finding, broken, note, unsafe, well
from countersign.server.web.health import cache_answers

_SHARED = ("DatabaseCache", "RedisCache")


def cache(configuration: ServerConfiguration) -> Iterator[Finding]:
    """Whether it answers, whether all processes share it, and whether it forgets when it is full."""
    if not cache_answers():
        yield broken("cache", "does not give back what it was given", "check storage.cache_url")
        return
    kind = str(settings.CACHES["default"]["BACKEND"]).rpartition(".")[2]
    if kind not in _SHARED and configuration.server.workers > 1:
        yield unsafe("cache", f"{kind}: each process has its own, so limits are multiplied", "storage.cache_url")
    else:
        shared = "shared by all processes" if kind in _SHARED else "of this process alone"
        yield well("cache", f"answers, {shared}")
    if kind == "RedisCache":
        yield from eviction()


def eviction() -> Iterator[Finding]:
    """What Redis does when it is full."""
    try:
        client = in_use._cache.get_client()  # type: ignore[attr-defined]  # noqa: SLF001 - Django has no other way
        policy = client.config_get("maxmemory-policy").get("maxmemory-policy", "")
    except RedisError:
        yield note("cache", "Redis does not say what it does when it is full", "maxmemory-policy noeviction")
        return
    if policy != "noeviction":
        yield unsafe("cache", f"Redis forgets limits when it is full ({policy})", "maxmemory-policy noeviction")
