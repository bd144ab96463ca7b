"""A reference store in memory: for tests, and the plainest example of the port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import UUID

from countersign.core.errors import ErrorCode, VaultError
from countersign.core.ports import StoredRecord


class MemoryStore:
    """See `countersign.core.ports.ReferenceStore`. Everything is gone when the process ends."""

    def __init__(self) -> None:
        self._records: dict[UUID, StoredRecord] = {}
        self._lock = threading.Lock()

    def get(self, reference_id: UUID) -> StoredRecord | None:
        """See the port."""
        return self._records.get(reference_id)

    def put(self, reference_id: UUID, data: bytes, *, expected_version: int) -> None:
        """See the port."""
        with self._lock:
            present = self._records.get(reference_id)
            if expected_version != (0 if present is None else present.version):
                raise VaultError(ErrorCode.VAULT_CONFLICT, "the record is not of the version that was expected")
            self._records[reference_id] = StoredRecord(version=expected_version + 1, data=bytes(data))

    def delete(self, reference_id: UUID, *, expected_version: int | None = None) -> bool:
        """See the port."""
        with self._lock:
            present = self._records.get(reference_id)
            if present is None or expected_version not in {None, present.version}:
                return False
            del self._records[reference_id]
            return True

    def ids(self) -> Iterator[UUID]:
        """See the port."""
        return iter(sorted(self._records.copy()))
