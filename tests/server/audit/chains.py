"""Chains for tests, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from countersign.server.audit.chain import GENESIS, ChainKeys, Entry, Head, canonical
from countersign.server.audit.events import EventKind

KEYS = ChainKeys("a key for tests")


def chain(length: int, keys: ChainKeys = KEYS) -> tuple[list[Entry], Head]:
    """A chain that nobody touched."""
    entries: list[Entry] = []
    last = GENESIS
    for number in range(1, length + 1):
        entry = Entry(
            sequence=number,
            at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
            kind=EventKind.PASSWORD_WRONG,
            account=f"account-{number % 3}",
            actor="",
            details=canonical({"device": "unknown", "number": number}),
            key_id=keys.current_id,
            previous_mac=last,
        )
        last = keys.mac_of(entry) or ""
        entries.append(replace(entry, mac=last))
    return entries, keys.sign(length, last) if length else Head(sequence=0, mac=GENESIS)
