"""Ports for servers that tests start. Below those that the system gives out by itself, and other ones for each process of tests."""

from __future__ import annotations

import os
import socket
from itertools import count

_LOWEST, _EACH, _PROCESSES = 11_000, 100, 200  # Chromium refuses 10080
_NUMBERS = count()


def free_port() -> int:
    """A port that nobody listens on, and that nobody is given before our server does."""
    first = _LOWEST + os.getpid() % _PROCESSES * _EACH
    for number in _NUMBERS:
        port = first + number % _EACH
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError  # it counts for ever
