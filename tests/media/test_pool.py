"""Several files at once, each in its own process, and a word when too many wait."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import Capture, Recording
from countersign.media.limits import Limits
from countersign.media.pool import DecodePool
from tests.media import clips

CAPTURE = Capture(data=clips.named("webm-vp8-opus"))


def processes(pool: DecodePool) -> list[int]:
    return [worker.pid for worker in pool._workers if worker.pid is not None]


def test_every_process_is_started_once_and_serves_all() -> None:
    with DecodePool(size=2) as pool:
        before = processes(pool)
        results: list[Recording] = []
        threads = [threading.Thread(target=lambda: results.append(pool.decode(CAPTURE))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(results) == 8
        assert processes(pool) == before
        assert len(set(before)) == 2
        assert pool.waiting == 0


def test_who_must_wait_is_announced_and_one_too_many_is_refused() -> None:
    announced: list[int] = []
    results: list[Recording] = []
    with DecodePool(size=1, max_waiting=1, on_wait=announced.append) as pool:
        (pid,) = processes(pool)
        os.kill(pid, signal.SIGSTOP)
        threads = [threading.Thread(target=lambda: results.append(pool.decode(CAPTURE))) for _ in range(2)]
        for thread in threads:
            thread.start()
        until = time.monotonic() + 60.0
        while pool.waiting < 1 and time.monotonic() < until:
            time.sleep(0.01)
        with pytest.raises(MediaError) as caught:
            pool.decode(CAPTURE)
        os.kill(pid, signal.SIGCONT)
        for thread in threads:
            thread.join()
    assert caught.value.code is ErrorCode.MEDIA_BUSY
    assert announced == [1]
    assert len(results) == 2


def test_a_crash_leaves_the_pool_whole() -> None:
    with DecodePool(size=1, limits=Limits(wall_s=1.0)) as pool:
        (pid,) = processes(pool)
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(MediaError):
            pool.decode(CAPTURE)
        assert pool.decode(CAPTURE).video is not None
