"""Limits are positive, and each has its own code."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import pytest

from countersign.core.errors import ErrorCode, MediaError
from countersign.media.limits import DEFAULT_LIMITS, Deadline, Limits


@pytest.mark.parametrize("value", [0, -1, math.nan])
def test_a_limit_that_allows_nothing_is_a_mistake(value: float) -> None:
    with pytest.raises(ValueError, match="seconds"):
        Limits(seconds=value)


def test_each_limit_is_refused_by_its_own_code() -> None:
    limits = Limits(bytes=10, seconds=1.0, pixels=100, still_pixels=200, frames=5, memory_bytes=1000)
    checks: dict[ErrorCode, Callable[[], None]] = {
        ErrorCode.MEDIA_TOO_MANY_BYTES: lambda: limits.check_bytes(11),
        ErrorCode.MEDIA_TOO_LONG: lambda: limits.check_seconds(1.01),
        ErrorCode.MEDIA_TOO_MANY_PIXELS: lambda: limits.check_pixels(11, 10),
        ErrorCode.MEDIA_TOO_MANY_FRAMES: lambda: limits.check_frames(6),
        ErrorCode.MEDIA_TOO_MUCH_MEMORY: lambda: limits.check_memory(1001),
    }
    for code, check in checks.items():
        with pytest.raises(MediaError) as caught:
            check()
        assert caught.value.code is code


def test_what_is_just_allowed_passes() -> None:
    limits = Limits(bytes=10, seconds=1.0, pixels=100, still_pixels=200, frames=5, memory_bytes=1000)
    limits.check_bytes(10)
    limits.check_seconds(1.0)
    limits.check_pixels(10, 10)
    limits.check_frames(5)
    limits.check_memory(1000)
    with pytest.raises(MediaError):
        limits.check_pixels(20, 10)
    limits.check_pixels(20, 10, still=True)


def test_a_length_that_is_no_number_is_too_long() -> None:
    with pytest.raises(MediaError) as caught:
        DEFAULT_LIMITS.check_seconds(math.nan)
    assert caught.value.code is ErrorCode.MEDIA_TOO_LONG


def test_a_deadline_passes() -> None:
    deadline = Deadline(0.01)
    deadline.check()
    time.sleep(0.02)
    with pytest.raises(MediaError) as caught:
        deadline.check()
    assert caught.value.code is ErrorCode.MEDIA_TOO_SLOW
