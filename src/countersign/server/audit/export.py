"""The log as JSON lines, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime

from countersign.server.audit.anchor import anchor_line, parse_anchor
from countersign.server.audit.chain import Entry, Head


def export_lines(entries: Iterable[Entry], head: Head) -> Iterator[str]:
    """One line of JSON for each entry, and the head as the last line."""
    for entry in entries:
        values = asdict(entry) | {"at": entry.at.astimezone(UTC).isoformat(timespec="microseconds")}
        yield json.dumps(values, separators=(",", ":"))
    yield json.dumps({"head": json.loads(anchor_line(head))}, separators=(",", ":"))


def import_lines(lines: Iterable[str]) -> tuple[list[Entry], Head]:
    """What `export_lines` wrote.

    Raises:
        ValueError: a line is malformed, or the head is missing; the message names the line.
    """
    entries: list[Entry] = []
    head: Head | None = None
    for number, line in enumerate(lines, start=1):
        try:
            values = json.loads(line)
            if "head" in values:
                head = parse_anchor(json.dumps(values["head"]))
            else:
                entries.append(Entry(**(values | {"at": datetime.fromisoformat(values["at"])})))
        except (KeyError, TypeError, ValueError):
            raise ValueError(f"line {number} is no line of an exported log") from None
    if head is None:
        raise ValueError("the last line, which says how far the log goes, is missing")
    return entries, head
