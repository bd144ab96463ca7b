"""Decode in a process that may crash, hang or be attacked without the server noticing more than an error.

Hostile files are FFmpeg's oldest problem. The process that opens them has a hard limit on memory and computing time,
an empty environment, no open files but its socket, and may not write files. It is started once and used again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import Capture, Recording
from countersign.media.decode import KEEP_FPS, MAX_SIDE
from countersign.media.limits import DEFAULT_LIMITS, MIB, Limits
from countersign.media.messages import mapped, receive, send, shared_file
from countersign.media.segments import Segments
from countersign.media.wire import unpack

_BOOT: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); "
    "from countersign.media.worker_process import main; main()"
)
_START_S: Final = 30.0
_GRACE_S: Final = 1.0
_KEPT_VARIABLES: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
_SINGLE_THREADED: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class DecodeWorker:
    """One decoding process, started at the first call (or by `start`) and anew after it died.

    Thread-safe: calls wait for each other.

    Args:
        limits: for every file.
        threads: that the picture's decoder may use.
        calls_per_process: after so many files the process is replaced, so that nothing a file left behind stays long.
    """

    def __init__(self, *, limits: Limits = DEFAULT_LIMITS, threads: int = 2, calls_per_process: int = 1_000) -> None:
        self._limits = limits
        self._threads = threads
        self._calls_per_process = calls_per_process
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._owner = os.getpid()
        self._calls = 0
        # Room for the pictures, the sound, and the times of all pictures.
        self._segments = Segments(limits.memory_bytes + 16 * limits.frames + MIB)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process's number; None while there is none."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start the process now, so that the first person does not wait for it.

        Raises:
            MediaError: MEDIA_WORKER_DIED when it cannot be started.
        """
        with self._lock:
            self._ready()

    def close(self) -> None:
        """End the process. A later call starts another."""
        with self._lock:
            self._end()
        self._segments.clear()

    def decode(self, capture: Capture, *, keep_fps: float = KEEP_FPS, max_side: int | None = MAX_SIDE) -> Recording:
        """Decode a file, as `countersign.media.decode.decode` does.

        Args:
            capture: the file.
            keep_fps: pictures kept for each second.
            max_side: longest side of a kept picture, pixels; None keeps the size.

        Returns:
            The recording. Its arrays are read-only and lie in memory shared with the process.

        Raises:
            MediaError: as `decode`; MEDIA_WORKER_DIED when the process ended over the file, MEDIA_TOO_SLOW when it did
                not answer in time. Either way the next call gets a fresh process.
        """
        if not capture.data:
            raise MediaError(ErrorCode.MEDIA_EMPTY, "the file is empty")
        self._limits.check_bytes(len(capture.data))
        request = {
            "size": len(capture.data),
            "capacity": self._segments.size,
            "keep_fps": keep_fps,
            "max_side": max_side,
            "threads": self._threads,
        }
        source = shared_file(len(capture.data))
        result = self._segments.take()
        try:
            with mapped(source, len(capture.data), writable=True) as memory:
                memory[:] = capture.data
            reply = self._ask(json.dumps(request).encode(), (source, result))
        except BaseException:
            # The process may still be writing to it.
            self._segments.drop(result)
            raise
        finally:
            os.close(source)
        return unpack(reply, self._segments.view(result), capture_sha256=capture.sha256)

    def _ask(self, message: bytes, files: tuple[int, ...]) -> bytes:
        with self._lock:
            connection = self._ready()
            self._calls += 1
            try:
                connection.settimeout(self._limits.wall_s + _GRACE_S)
                send(connection, message, files)
                reply, _ = receive(connection)
            except TimeoutError as error:
                self._end()
                raise self._too_slow() from error
            except OSError as error:
                raise self._explain_death() from error
            if self._calls >= self._calls_per_process:
                self._end()
            return reply

    def _ready(self) -> socket.socket:
        if self._owner != os.getpid():
            # The server forked: the process belongs to the parent.
            self._process, self._connection, self._owner = None, None, os.getpid()
        if self._process is not None and self._process.poll() is not None:
            self._end()
        if self._connection is None:
            self._connection = self._spawn()
        return self._connection

    def _spawn(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        paths = json.dumps([str(Path(entry).absolute()) for entry in sys.path])
        limits = json.dumps(dataclasses.asdict(self._limits))
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ} | _SINGLE_THREADED
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own code
                [sys.executable, "-I", "-c", _BOOT, str(theirs.fileno()), limits, paths],
                pass_fds=[theirs.fileno()],
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._calls = 0
        try:
            ours.settimeout(_START_S)
            receive(ours)
        except OSError as error:
            ours.close()
            self._end()
            raise MediaError(ErrorCode.MEDIA_WORKER_DIED, "the decoding process does not start") from error
        return ours

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _explain_death(self) -> MediaError:
        process = self._process
        status = None
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = process.wait(_GRACE_S)
        self._end()
        if status == -signal.SIGXCPU:
            return self._too_slow()
        return MediaError(ErrorCode.MEDIA_WORKER_DIED, f"the decoding process ended over the file (status {status})")

    def _too_slow(self) -> MediaError:
        return MediaError(ErrorCode.MEDIA_TOO_SLOW, f"decoding took longer than {self._limits.wall_s:g} s")
