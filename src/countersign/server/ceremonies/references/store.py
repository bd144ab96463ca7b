"""The vault's stores as tables of the server's own database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import DatabaseError, IntegrityError, transaction

from countersign.core.errors import ErrorCode, VaultError
from countersign.core.ports import StoredRecord
from countersign.server.ceremonies.models import StoredBytes

_PAGE = 1000


class TableStore:
    """See `countersign.core.ports.ReferenceStore`. One table; takes part in the caller's transaction if there is one.

    Args:
        table: `SealedRecord` or `WrappedDataKey`.
    """

    def __init__(self, table: type[StoredBytes]) -> None:
        self._rows = table._default_manager  # noqa: SLF001 - Django's documented name for it

    def get(self, reference_id: UUID) -> StoredRecord | None:
        """See the port."""
        with _told_as_unavailable():
            row = self._rows.filter(pk=reference_id).values_list("version", "data").first()
        return None if row is None else StoredRecord(version=row[0], data=bytes(row[1]))

    def put(self, reference_id: UUID, data: bytes, *, expected_version: int) -> None:
        """See the port."""
        with _told_as_unavailable():
            if expected_version == 0:
                try:
                    with transaction.atomic():
                        self._rows.create(id=reference_id, version=1, data=data)
                except IntegrityError:
                    raise _conflict() from None
                return
            present = self._rows.filter(pk=reference_id, version=expected_version)
            with transaction.atomic():
                changed = present.update(version=expected_version + 1, data=data)
            if changed == 0:
                raise _conflict()

    def delete(self, reference_id: UUID, *, expected_version: int | None = None) -> bool:
        """See the port."""
        rows = self._rows.filter(pk=reference_id)
        if expected_version is not None:
            rows = rows.filter(version=expected_version)
        with _told_as_unavailable(), transaction.atomic():
            return rows.delete()[0] > 0

    def ids(self) -> Iterator[UUID]:
        """See the port."""
        after: UUID | None = None
        while True:
            rows = self._rows.order_by("pk") if after is None else self._rows.filter(pk__gt=after).order_by("pk")
            with _told_as_unavailable():
                page = list(rows.values_list("pk", flat=True)[:_PAGE])
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1]


@contextmanager
def _told_as_unavailable() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        # Only the kind of error: its text may quote the record.
        message = f"the reference vault could not be used: {type(error).__name__}"
        raise VaultError(ErrorCode.VAULT_UNAVAILABLE, message) from error


def _conflict() -> VaultError:
    return VaultError(ErrorCode.VAULT_CONFLICT, "the record is not of the version that was expected")
