"""The replay memory as tables of the server's own database."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count
from django.db.models.expressions import RawSQL

from countersign.core.replay import Fingerprint, Remembered
from countersign.server.accounts.models import User
from countersign.server.ceremonies.models import FingerprintToken, RecordingFingerprint

_EACH_OF: Mapping[str, str] = MappingProxyType(
    {
        "sqlite": "SELECT value FROM json_each(%s)",
        "postgresql": "SELECT value::int FROM jsonb_array_elements_text(%s::jsonb)",
    }
)
"""The numbers of a JSON array."""


class TableReplayMemory:
    """See `countersign.core.ports.ReplayMemory`. Takes part in the caller's transaction if there is one.

    Args:
        key: 32 bytes.
        account: whose recordings are remembered; those of everybody are looked among.
    """

    def __init__(self, key: bytes, *, account: User | None = None) -> None:
        self._key, self._account = key, account

    @property
    def key(self) -> bytes:
        """See the port."""
        return self._key

    def remember(self, attempt_id: UUID, fingerprint: Fingerprint, *, at: datetime) -> None:
        """See the port."""
        with transaction.atomic():
            RecordingFingerprint.objects.filter(pk=attempt_id).delete()
            row = RecordingFingerprint.objects.create(
                pk=attempt_id, account=self._account, at=at, data=fingerprint.data
            )
            tokens = [FingerprintToken(token=token, fingerprint=row) for token in sorted(fingerprint.tokens)]
            FingerprintToken.objects.bulk_create(tokens)

    def look_up(self, tokens: Collection[int], *, at_most: int) -> tuple[Remembered, ...]:
        """See the port."""
        # A thousand tokens, as one argument: written out one by one, they take longer than the search.
        asked = RawSQL(_EACH_OF[connection.vendor], [json.dumps(sorted(tokens))])  # noqa: S611 - no part of it is text
        shared = (
            FingerprintToken.objects.filter(token__in=asked)
            .values("fingerprint_id")
            .annotate(shared=Count("token"))
            .order_by("-shared", "fingerprint_id")
            .values_list("fingerprint_id", flat=True)
        )
        found = list(shared[:at_most])
        rows = RecordingFingerprint.objects.in_bulk(found)
        return tuple(Remembered(attempt_id=pk, at=rows[pk].at, data=bytes(rows[pk].data)) for pk in found if pk in rows)

    def forget(self, attempt_ids: Collection[UUID]) -> int:
        """See the port."""
        return _deleted(RecordingFingerprint.objects.filter(pk__in=list(attempt_ids)).delete())

    def forget_before(self, moment: datetime) -> int:
        """See the port."""
        return _deleted(RecordingFingerprint.objects.filter(at__lt=moment).delete())


def _deleted(counts: tuple[int, dict[str, int]]) -> int:
    return counts[1].get(RecordingFingerprint._meta.label, 0)  # noqa: SLF001 - Django's documented name for it
