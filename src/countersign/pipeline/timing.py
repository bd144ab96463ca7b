"""How long each stage of one piece of work takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

_Result = TypeVar("_Result")


def timed(timings_ms: dict[str, float], stage: str, work: Callable[[], _Result]) -> _Result:
    """What `work` returns, its milliseconds added to those of `stage`. No two threads may time one stage at once."""
    started = time.perf_counter()
    result = work()
    timings_ms[stage] = timings_ms.get(stage, 0.0) + 1000 * (time.perf_counter() - started)
    return result
