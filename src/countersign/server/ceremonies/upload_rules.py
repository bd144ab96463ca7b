"""How large uploads may be, how many at once, and how many a minute: asked before a byte of them is read."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

from countersign.server.configuration import ServerConfiguration
from countersign.server.web.limits import BodyRule, Scope

PREFIXES = ("/api/v1/attempts", "/api/v1/enrolments")
_FORM_BYTES = 16_384
"""Besides the file: the other fields, and what divides them."""
_MOST_ADDRESSES = 20_000


class AddressRate:
    """A bucket of uploads for each network address, in this process: it runs over, and fills again within a minute.

    Args:
        per_minute: uploads.
        trusted_proxies: that stand before the server.
        now: seconds.
    """

    def __init__(self, *, per_minute: int, trusted_proxies: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._proxies, self._now = per_minute, trusted_proxies, now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope) -> int | None:
        """None to let the upload in, else the seconds until there is room."""
        if scope["method"] not in {"POST", "PUT", "PATCH"}:
            return None
        address, now = network(scope, self._proxies), self._now()
        left, at = self._buckets.pop(address, (float(self._per_minute), now))
        left = min(left + (now - at) * self._per_minute / 60, self._per_minute)
        self._buckets[address] = (max(left - 1, 0.0) if left >= 1 else left, now)
        while len(self._buckets) > _MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        return None if left >= 1 else max(int((1 - left) * 60 / self._per_minute) + 1, 1)


def network(scope: Scope, trusted_proxies: int) -> str:
    """Where a request comes from, as far as the trusted proxies vouch for it; of IPv6, the network of 64 bits.

    Args:
        scope: of ASGI.
        trusted_proxies: that stand before the server, each adding to X-Forwarded-For.
    """
    client = scope.get("client")
    address = client[0] if client else ""
    if trusted_proxies:
        forwarded = b",".join(value for name, value in scope["headers"] if name.lower() == b"x-forwarded-for")
        hops = [hop.strip() for hop in forwarded.decode("latin-1").split(",") if hop.strip()]
        address = hops[-trusted_proxies] if len(hops) >= trusted_proxies else address
    try:
        parsed = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return "unknown"
    return str(parsed) if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False))


def upload_rules(configuration: ServerConfiguration) -> tuple[BodyRule, ...]:
    """One rule for each address that takes media; all of them share one rate."""
    server = configuration.server
    rate = AddressRate(per_minute=server.uploads_per_minute, trusted_proxies=server.trusted_proxies)
    return tuple(
        BodyRule(
            prefix=prefix,
            most_bytes=server.max_upload_bytes + _FORM_BYTES,
            seconds=server.upload_seconds,
            at_once=server.uploads_at_once,
            admission=rate,
        )
        for prefix in PREFIXES
    )
