"""The log in the database, as entries."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.server.audit.chain import Entry, Head
from countersign.server.audit.models import AuditEntry, AuditHead


def stored_head() -> Head:
    """How far the database says that the log goes. An absent head row reads as an unsigned one."""
    row = AuditHead.objects.filter(pk=1).first()
    return row.as_head() if row else Head(sequence=0, mac="")


def stored_entries(up_to: Head) -> Iterator[Entry]:
    """Entries in order, up to and with that head, so that those written meanwhile do not count as surplus.

    Entries that lie behind the head at the end of the reading are given as well: nobody but a forger leaves such.
    """
    for row in AuditEntry.objects.filter(sequence__lte=up_to.sequence).order_by("sequence").iterator(2000):
        yield row.as_entry()
    after = AuditEntry.objects.filter(sequence__gt=up_to.sequence).order_by("-sequence").first()
    if after is not None and after.sequence > stored_head().sequence:
        yield after.as_entry()
