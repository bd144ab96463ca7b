"""Whether the log is what was written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from countersign.server.audit.chain import GENESIS, ChainKeys, Entry, Head, matches


class FaultKind(StrEnum):
    """What can be wrong with a log."""

    CHANGED = "changed"
    MISSING = "missing"
    REORDERED = "reordered"
    UNLINKED = "unlinked"
    TRUNCATED = "truncated"
    SURPLUS = "surplus"
    HEAD_FORGED = "head_forged"
    ANCHOR_FORGED = "anchor_forged"
    UNKNOWN_KEY = "unknown_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        sequence: where.
        message: one sentence.
    """

    kind: FaultKind
    sequence: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of a verification.

    Attributes:
        entries: how many were looked at.
        head: how far the log goes.
        faults: the first of them, if any; `MOST_FAULTS` at most.
    """

    entries: int
    head: Head
    faults: tuple[Fault, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


MOST_FAULTS = 100


def verify(entries: Iterable[Entry], head: Head, keys: ChainKeys, *, anchors: Sequence[Head] = ()) -> Verdict:
    """Look at every entry, once, in constant memory.

    Args:
        entries: in the order they are stored.
        head: how far the log says it goes. Entries after it are a fault.
        keys: the ones that signed it.
        anchors: earlier heads, kept elsewhere, that the log must still contain.
    """
    walk = _Walk(keys, {anchor.sequence: anchor for anchor in anchors})
    for entry in entries:
        walk.step(entry)
    walk.finish(head)
    return Verdict(entries=walk.count, head=head, faults=tuple(walk.faults[:MOST_FAULTS]))


class _Walk:
    def __init__(self, keys: ChainKeys, anchors: dict[int, Head]) -> None:
        self._keys = keys
        self._anchors = dict(anchors)
        self._last, self._last_mac = 0, GENESIS
        self.count = 0
        self.faults: list[Fault] = []
        for anchor in anchors.values():
            if anchor.sequence and not matches(keys.signature_of(anchor), anchor.signature):
                self._fault(FaultKind.ANCHOR_FORGED, anchor.sequence, "an anchor is not signed by a known key")

    def step(self, entry: Entry) -> None:
        self.count += 1
        expected = self._keys.mac_of(entry)
        if expected is None:
            self._fault(FaultKind.UNKNOWN_KEY, entry.sequence, f"made with key {entry.key_id}, which is not configured")
        elif not matches(expected, entry.mac):
            self._fault(FaultKind.CHANGED, entry.sequence, "the entry was changed")
        self._check_place(entry)
        anchor = self._anchors.pop(entry.sequence, None)
        if anchor is not None and anchor.mac != entry.mac:
            self._fault(FaultKind.CHANGED, entry.sequence, "the entry is not the one that an anchor knows")
        self._last, self._last_mac = entry.sequence, entry.mac

    def _check_place(self, entry: Entry) -> None:
        if entry.sequence <= self._last:
            self._fault(FaultKind.REORDERED, entry.sequence, f"comes after {self._last}")
        elif entry.sequence > self._last + 1:
            first, last = self._last + 1, entry.sequence - 1
            self._fault(FaultKind.MISSING, first, f"{last - first + 1} entries are missing, {first} to {last}")
        elif entry.previous_mac != self._last_mac:
            self._fault(FaultKind.UNLINKED, entry.sequence, "does not continue the entry before")

    def finish(self, head: Head) -> None:
        if (head.sequence or head.mac != GENESIS) and not matches(self._keys.signature_of(head), head.signature):
            self._fault(FaultKind.HEAD_FORGED, head.sequence, "the head is not signed by a known key")
        if self._last < head.sequence:
            missing = head.sequence - self._last
            self._fault(FaultKind.TRUNCATED, self._last + 1, f"{missing} entries are missing at the end")
        elif self._last > head.sequence:
            self._fault(FaultKind.SURPLUS, head.sequence + 1, "there are entries after the head")
        elif self._last_mac != head.mac:
            self._fault(FaultKind.CHANGED, head.sequence, "the last entry is not the one that the head knows")
        for anchor in self._anchors.values():
            if anchor.sequence > self._last:
                missing = anchor.sequence - self._last
                self._fault(FaultKind.TRUNCATED, self._last + 1, f"an anchor knows {missing} more entries")

    def _fault(self, kind: FaultKind, sequence: int, message: str) -> None:
        self.faults.append(Fault(kind=kind, sequence=sequence, message=message))
