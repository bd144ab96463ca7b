"""The decoding process itself: takes a file, gives its recording, confined by the operating system. Run by `worker`."""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import Capture
from countersign.media.decode import decode
from countersign.media.limits import MIB, Limits
from countersign.media.messages import mapped, receive, send
from countersign.media.wire import Arena, pack_error, pack_recording

DECODER_HEADROOM: Final = 768 * MIB
"""Address space for FFmpeg's own pictures, beside twice the memory limit (the result, and its copy in shared memory)."""
_OPEN_FILES: Final = 32
_CPU_GRACE_S: Final = 2
_POLL_S: Final = 0.02


def main() -> None:
    """Serve one connection until it closes. Arguments: the socket's descriptor and the limits as JSON."""
    descriptor, limits = int(sys.argv[1]), Limits(**json.loads(sys.argv[2]))
    confine(limits)
    connection = socket.socket(fileno=descriptor)
    send(connection, b"ready")
    while True:
        try:
            message, files = receive(connection, files=2)
        except OSError:
            return
        send(connection, _answer(json.loads(message), files, limits))


def _answer(request: dict[str, float | int | None], files: list[int], limits: Limits) -> bytes:
    source, result = files
    try:
        size, capacity = int(request["size"] or 0), int(request["capacity"] or 0)
        data = mapped(source, size, writable=False)[:] if size else b""
        threads = int(request["threads"] or 1)
        _allow_cpu(limits.wall_s * threads)
        max_side = request["max_side"]
        arena = Arena(mapped(result, capacity, writable=True))
        recording = decode(
            Capture(data=data),
            limits=limits,
            keep_fps=float(request["keep_fps"] or 0.0),
            max_side=None if max_side is None else int(max_side),
            threads=threads,
            place=arena.place,
        )
        return pack_recording(recording, arena)
    except MediaError as error:
        return pack_error(error)
    except MemoryError:
        return pack_error(MediaError(ErrorCode.MEDIA_TOO_MUCH_MEMORY, "decoding the file takes too much memory"))
    finally:
        for descriptor in files:
            os.close(descriptor)


def confine(limits: Limits) -> None:
    """Give up what a decoder does not need: memory beyond the limits, writing files, core dumps with faces in them."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    allowed = 2 * limits.memory_bytes + limits.bytes + DECODER_HEADROOM
    taken = _address_space()
    if taken is not None:
        resource.setrlimit(resource.RLIMIT_AS, (taken + allowed, taken + allowed))
    else:
        # macOS accepts RLIMIT_AS and does not enforce it.
        watch_resident_memory(_resident_peak() + allowed, lambda: os._exit(1))


def watch_resident_memory(limit: int, exceeded: Callable[[], None]) -> threading.Thread:
    """Call `exceeded` once this process has had more than `limit` bytes in memory."""

    def watch() -> None:
        while _resident_peak() <= limit:
            time.sleep(_POLL_S)
        exceeded()

    thread = threading.Thread(target=watch, daemon=True, name="memory watch")
    thread.start()
    return thread


def _resident_peak() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _address_space() -> int | None:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - one line of a kernel file
            return int(file.read().split()[0]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return None


def _allow_cpu(seconds: float) -> None:
    """Let this process compute for so much longer; then the kernel ends it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = usage.ru_utime + usage.ru_stime
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent + seconds) + _CPU_GRACE_S, hard))
