"""How often one session may ask for guidance: a bucket of tokens for each, in this process."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_MOST_SESSIONS = 10_000


class Pace:
    """A token bucket (RFC 2697's idea) for each key. Thread-safe. The keys that asked longest ago are forgotten.

    In each process of its own: it spares the processor, which each process uses for itself; it guards no secret.

    Args:
        per_second: tokens that come in.
        burst: tokens that a bucket holds.
        clock: seconds, monotonic.
    """

    def __init__(self, *, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._burst, self._clock = per_second, float(burst), clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> int:
        """0 if there was a token, which is then gone; else the seconds after which to ask again."""
        now = self._clock()
        with self._lock:
            left, since = self._buckets.pop(key, (self._burst, now))
            left = min(self._burst, left + (now - since) * self._per_second)
            granted = left >= 1.0
            self._buckets[key] = (left - granted, now)
            while len(self._buckets) > _MOST_SESSIONS:
                self._buckets.popitem(last=False)
        return 0 if granted else math.ceil((1.0 - left) / self._per_second)
