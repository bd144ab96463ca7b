"""The anchor: how far the log went, kept outside of the database.

A head inside the database can be put back together with the rows: whoever restores an older copy of both leaves a chain
without a fault. The anchor in the data folder, the log stream and the operator's own copies (`countersign audit verify`
prints one) are what such a copy falls short of.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock

from countersign.server.audit.chain import Head


def advance_anchor(path: Path, head: Head) -> None:
    """Move the anchor forward to `head`; never back, whoever comes late."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        known = read_anchor(path)
        if known is not None and known.sequence >= head.sequence:
            return
        draft = path.with_suffix(".new")
        draft.write_text(anchor_line(head) + "\n", encoding="ascii")
        draft.replace(path)


def read_anchor(path: Path) -> Head | None:
    """The anchor in `path`, or None where there is none.

    Raises:
        ValueError: the file is no anchor.
    """
    try:
        return parse_anchor(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def anchor_line(head: Head) -> str:
    """`head` as one line of JSON."""
    return json.dumps(asdict(head), separators=(",", ":"))


def parse_anchor(line: str) -> Head:
    """The head that `anchor_line` wrote.

    Raises:
        ValueError: it is none.
    """
    values = json.loads(line)
    shape = {"sequence": int, "mac": str, "key_id": str, "signature": str}
    if not isinstance(values, dict) or {name: type(value) for name, value in values.items()} != shape:
        raise ValueError("not an anchor")
    return Head(**values)
