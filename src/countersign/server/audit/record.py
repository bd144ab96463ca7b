"""Writing to the log."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from countersign.server.audit.anchor import advance_anchor
from countersign.server.audit.chain import ChainKeys, Entry, canonical
from countersign.server.audit.events import Detail, EventKind, check_details
from countersign.server.audit.keys import anchor_path, chain_keys
from countersign.server.audit.models import AuditEntry, AuditHead

_LOG = logging.getLogger("countersign.audit")
_NOTHING: Mapping[str, Detail] = MappingProxyType({})


def record(
    kind: EventKind, *, account: UUID | None = None, actor: UUID | None = None, details: Mapping[str, Detail] = _NOTHING
) -> int:
    """Append one event, in the caller's transaction if there is one.

    Make it the transaction's last statement: until the commit, everybody else who records waits.

    Args:
        kind: what happened.
        account: whom it concerns.
        actor: who did it, if somebody else.
        details: exactly those that the kind names.

    Returns:
        The entry's sequence number.

    Raises:
        ValueError: the details are not the event's own.
        AuditHead.DoesNotExist: the log is damaged. Nothing that must be recorded can then be done.
    """
    check_details(kind, details)
    with transaction.atomic():
        # The row lock queues writers on PostgreSQL. On SQLite the transaction itself holds the only write lock.
        head = AuditHead.objects.select_for_update().get(pk=1)
        keys = chain_keys()
        entry = _signed(
            Entry(
                sequence=head.sequence + 1,
                at=timezone.now(),
                kind=kind.value,
                account=str(account or ""),
                actor=str(actor or ""),
                details=canonical(details),
                key_id=keys.current_id,
                previous_mac=head.mac,
            ),
            keys,
        )
        _insert(entry)
        new_head = keys.sign(entry.sequence, entry.mac)
        AuditHead.objects.filter(pk=1).update(
            sequence=new_head.sequence, mac=new_head.mac, key_id=new_head.key_id, signature=new_head.signature
        )
        anchor = anchor_path()
        transaction.on_commit(lambda: _announce(entry, anchor), robust=True)
    return entry.sequence


def _signed(entry: Entry, keys: ChainKeys) -> Entry:
    mac = keys.mac_of(entry)
    assert mac is not None  # noqa: S101 - the current key is always known
    return replace(entry, mac=mac)


def _insert(entry: Entry) -> None:
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                sequence=entry.sequence,
                at=entry.at,
                kind=entry.kind,
                account=entry.account,
                actor=entry.actor,
                details=entry.details,
                key_id=entry.key_id,
                previous_mac=entry.previous_mac,
                mac=entry.mac,
            )
        ]
    )


def _announce(entry: Entry, anchor: Path) -> None:
    # Both leave the database: whoever cuts the log's end there has to reach these as well.
    _LOG.info("recorded", extra={"sequence": entry.sequence, "kind": entry.kind, "mac": entry.mac})
    advance_anchor(anchor, chain_keys().sign(entry.sequence, entry.mac))
