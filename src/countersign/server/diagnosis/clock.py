"""Is the clock right? Codes of authenticator apps, expiries and the order of the audit log depend on it."""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection

from countersign.server.diagnosis.finding import Finding, note, unsafe, well

_UNSYNCHRONISED = 0x40  # STA_UNSYNC of adjtimex(2)
_EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)
_MOST_SECONDS_APART = 5.0


def clock() -> Iterator[Finding]:
    """What the kernel says of its clock, and how far the database's is off."""
    if datetime.now(UTC) < _EARLIEST:
        yield unsafe("clock", "the clock is years behind", "set it, and keep it by NTP")
        return
    match synchronised():
        case True:
            yield well("clock", "kept by NTP")
        case False:
            yield note("clock", "the kernel does not know it to be kept by NTP", "chrony or systemd-timesyncd")
        case None:
            yield note("clock", "this system does not say whether it is kept by NTP", "check by hand")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            apart = abs((cursor.fetchone()[0] - datetime.now(UTC)).total_seconds())
        if apart > _MOST_SECONDS_APART:
            yield unsafe("clock", f"the database's clock is {apart:.0f} seconds off", "keep both by NTP")


def synchronised() -> bool | None:
    """Whether the kernel's clock is disciplined; None where the kernel does not say."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
        # struct timex begins with `modes` (0: only read) and has `status` as its sixth word of eight bytes.
        buffer = (ctypes.c_long * 64)()
        if library.adjtimex(ctypes.byref(buffer)) < 0:
            return None
        return not (buffer[5] & 0xFFFFFFFF) & _UNSYNCHRONISED
    except (OSError, AttributeError):
        return None
