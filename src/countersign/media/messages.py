"""What goes between the server and its decoding process: short messages and open files, over a socket pair."""

from __future__ import annotations

import contextlib
import mmap
import os
import socket
import struct
import sys
import tempfile
from typing import Final

_HEADER: Final = struct.Struct("<I")
_LONGEST: Final = 1 << 20
_BLOCK: Final = 512
_POPULATE_READ: Final = 22
_POPULATE_WRITE: Final = 23
"""From Linux's <linux/mman.h>; Python has no names for them yet."""


def send(connection: socket.socket, message: bytes, files: tuple[int, ...] = ()) -> None:
    """Send one message, and open files with it.

    Raises:
        OSError: the other side is gone.
    """
    socket.send_fds(connection, [_HEADER.pack(len(message))], files)
    connection.sendall(message)


def receive(connection: socket.socket, *, files: int = 0) -> tuple[bytes, list[int]]:
    """Wait for one message, with up to `files` open files.

    Raises:
        OSError: the other side is gone (also as TimeoutError, when the socket has a time-out).
    """
    first, received, _, _ = socket.recv_fds(connection, _HEADER.size, files)
    header = first + (_exactly(connection, _HEADER.size - len(first)) if first else b"")
    length = _HEADER.unpack(header)[0] if header else _LONGEST + 1
    if length > _LONGEST:
        for descriptor in received:
            os.close(descriptor)
        raise ConnectionResetError("no message")
    return _exactly(connection, length), received


def _exactly(connection: socket.socket, count: int) -> bytes:
    parts = []
    while count:
        part = connection.recv(min(count, 1 << 16))
        if not part:
            raise ConnectionResetError("the other side is gone")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def shared_file(size: int) -> int:
    """A nameless file of that many zero bytes that lies in memory (on Linux) and cannot change its size there.

    Returns:
        A descriptor, to be closed by the caller.
    """
    if hasattr(os, "memfd_create"):
        import fcntl  # noqa: PLC0415 - not there on every system

        descriptor = os.memfd_create("countersign", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(descriptor, size)
        # Without the seals a worker that was taken over could shrink the file, and reading it would kill the server.
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
        return descriptor
    with tempfile.TemporaryFile() as file:
        file.truncate(size)
        return os.dup(file.fileno())


def mapped(descriptor: int, size: int, *, writable: bool) -> mmap.mmap:
    """Map a shared file, what was written to it before at once; the descriptor may be closed afterwards."""
    memory = mmap.mmap(descriptor, size, access=mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ)
    present = min(size, os.fstat(descriptor).st_blocks * _BLOCK)
    if sys.platform == "linux" and present:
        # In one go instead of page by page as they are touched, which takes five times as long. Linux 5.14 and later.
        with contextlib.suppress(OSError):
            memory.madvise(_POPULATE_WRITE if writable else _POPULATE_READ, 0, present)
    return memory
