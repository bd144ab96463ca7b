"""Several decoding processes behind one door, with back-pressure."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import Capture, Recording
from countersign.media.decode import KEEP_FPS, MAX_SIDE
from countersign.media.limits import DEFAULT_LIMITS, Limits
from countersign.media.worker import DecodeWorker


class DecodePool:
    """Several decoding processes, for a server that answers several people at once. Thread-safe.

    Args:
        size: how many processes; two cores decode about two files at once.
        limits: for every file.
        threads: that each picture's decoder may use.
        max_waiting: how many callers may wait for a free process; one more is refused. None: any number.
        on_wait: called, with the number of callers that now wait, whenever one has to: the place to shed load.
    """

    def __init__(
        self,
        *,
        size: int = 2,
        limits: Limits = DEFAULT_LIMITS,
        threads: int = 1,
        max_waiting: int | None = None,
        on_wait: Callable[[int], None] | None = None,
    ) -> None:
        self._workers = [DecodeWorker(limits=limits, threads=threads) for _ in range(size)]
        self._free: queue.LifoQueue[DecodeWorker] = queue.LifoQueue()
        for worker in self._workers:
            self._free.put(worker)
        self._max_waiting = max_waiting
        self._on_wait = on_wait
        self._waiting = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def waiting(self) -> int:
        """How many callers wait for a free process now."""
        return self._waiting

    def start(self) -> None:
        """Start all processes now."""
        for worker in self._workers:
            worker.start()

    def close(self) -> None:
        """End all processes, each after the file that it is at."""
        for worker in self._workers:
            worker.close()

    def decode(self, capture: Capture, *, keep_fps: float = KEEP_FPS, max_side: int | None = MAX_SIDE) -> Recording:
        """Decode a file in the next free process.

        Raises:
            MediaError: as `DecodeWorker.decode`; MEDIA_BUSY when too many callers wait already.
        """
        worker = self._take()
        try:
            return worker.decode(capture, keep_fps=keep_fps, max_side=max_side)
        finally:
            self._free.put(worker)

    def _take(self) -> DecodeWorker:
        with contextlib.suppress(queue.Empty):
            return self._free.get_nowait()
        with self._lock:
            if self._max_waiting is not None and self._waiting >= self._max_waiting:
                raise MediaError(ErrorCode.MEDIA_BUSY, f"{self._waiting} files are waiting to be decoded already")
            self._waiting += 1
            waiting = self._waiting
        try:
            if self._on_wait is not None:
                self._on_wait(waiting)
            return self._free.get()
        finally:
            with self._lock:
                self._waiting -= 1
