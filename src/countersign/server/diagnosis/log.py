"""Whether the audit log can be written, and whether its end is where the anchor saw it."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.server.audit.anchor import read_anchor
from countersign.server.audit.keys import anchor_path
from countersign.server.audit.models import AuditEntry, AuditHead
from countersign.server.diagnosis.finding import Finding, broken, note, unsafe, well


def log() -> Iterator[Finding]:
    """A quick look at the end; `countersign audit verify` looks at every entry."""
    head = AuditHead.objects.filter(pk=1).first()
    if head is None:
        yield broken("audit log", "its head is missing, so nothing can be recorded", "countersign audit verify")
        return
    anchor = read_anchor(anchor_path())
    if anchor is None:
        if head.sequence:
            yield note("audit log", "this machine has no anchor of it", "countersign audit verify --anchor")
    elif not AuditEntry.objects.filter(sequence=anchor.sequence, mac=anchor.mac).exists():
        yield unsafe(
            "audit log", f"the entry {anchor.sequence} that the anchor knows is gone", "countersign audit verify"
        )
        return
    yield well("audit log", f"{head.sequence} entries")
