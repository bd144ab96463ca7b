"""Sealed envelopes: bytes in, bytes out, kept in two stores.

What is sealed rests in one store, the wrapped data keys in another; ideally the two are different databases with
different backups. Every writing takes a fresh data key. So an older sealed record that is put back does not open, for its
key is gone; and erasing is done when the keys are deleted, whatever copies of the sealed records exist.

The two stores know no common transaction. A writing therefore adds its key first, then writes the record, then takes
away the key of the record that it replaced, and nothing else: whenever it is killed, what is stored can be read, and of
several writers at once exactly one succeeds. A key that a killed writer left behind is taken away by a later writing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from countersign.core.errors import ErrorCode, VaultError
from countersign.core.ports import Clock, ReferenceStore, StoredRecord
from countersign.vault import key_records, sealing
from countersign.vault.key_records import WrappedKey
from countersign.vault.keys import KeyRing
from countersign.vault.sealing import DataKey, Place, Purpose

ABANDONED_AFTER = timedelta(days=1)
"""A key that no record names and that is older than this belongs to a writer that was killed."""

_ATTEMPTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedEnvelope:
    """What an envelope held.

    Attributes:
        content: as it was sealed.
        key: that it was sealed with.
        version: for the next `write`.
        sealed_at: to the second.
    """

    content: bytes = field(repr=False)
    key: DataKey
    version: int
    sealed_at: datetime


class Envelopes:
    """Keeps bytes for one purpose. Safe to share between threads and processes.

    Args:
        records: where what is sealed rests.
        keys: where the data keys rest that open it; never the same place as `records`.
        ring: key-encryption keys.
        clock: for the time of sealing.
        purpose: what was sealed for another does not open here.
    """

    def __init__(
        self, *, records: ReferenceStore, keys: ReferenceStore, ring: KeyRing, clock: Clock, purpose: Purpose
    ) -> None:
        if records is keys:
            raise ValueError("what is sealed and the keys to it rest in two different stores")
        self._records = records
        self._keys = keys
        self._ring = ring
        self._clock = clock
        self._purpose = purpose

    def load(self, record_id: UUID, *, least_version: int = 0) -> OpenedEnvelope | None:
        """What was written, or None when there is nothing under this id.

        Args:
            record_id: whose.
            least_version: the version that the caller knows was written. Who can change both stores at once can put back
                both an old record and its old key; only a caller that remembers the version finds that.

        Raises:
            VaultError: VAULT_KEY_ERASED, VAULT_KEY_UNKNOWN, VAULT_NOT_AUTHENTIC, VAULT_ROLLED_BACK, VAULT_MALFORMED,
                VAULT_UNKNOWN_FORMAT, VAULT_UNAVAILABLE.
        """
        record = self._records.get(record_id)
        for _ in range(_ATTEMPTS):
            if record is None:
                return None
            entries = key_records.read(self._keys, record_id) or ()
            named = sealing.data_key_id(record.data)
            for entry in entries:
                if entry.data_key_id == named:
                    return self._open(record_id, record, entry, least_version)
            # A writer may have replaced the record and taken its key away since it was read.
            seen, record = record, self._records.get(record_id)
            if record == seen:
                break
        raise VaultError(
            ErrorCode.VAULT_KEY_ERASED,
            "the key of these references is gone: they were erased, or an older record was put in their place",
        )

    def write(self, record_id: UUID, make: Callable[[DataKey], bytes], *, expected_version: int) -> int:
        """Keep something in place of what is there.

        Args:
            record_id: whose; made for this, and not used again once erased.
            make: what to seal, given the fresh key.
            expected_version: of what is there; 0 when there is nothing.

        Returns:
            The new version.

        Raises:
            VaultError: VAULT_CONFLICT when the present version is another, or the record was erased meanwhile;
                VAULT_UNAVAILABLE; what `make` raises.
        """
        replaced = self._records.get(record_id)
        if expected_version != (0 if replaced is None else replaced.version):
            raise VaultError(ErrorCode.VAULT_CONFLICT, "the references are not of the version that was expected")
        old = None if replaced is None else sealing.data_key_id(replaced.data)
        key, now = DataKey.generate(), self._clock.now()
        place = Place(reference_id=record_id, purpose=self._purpose, version=expected_version + 1)
        sealed = sealing.seal(make(key), key=key, place=place, sealed_at=now)
        wrapped = key_records.wrap(key, ring=self._ring, reference_id=record_id, made_at=now)

        self._add_key(record_id, wrapped, in_use=old)
        try:
            self._records.put(record_id, sealed, expected_version=expected_version)
        except VaultError as error:
            if error.code is ErrorCode.VAULT_CONFLICT:
                self._take_key_away(record_id, key.key_id)
            raise
        if key.key_id not in self._take_key_away(record_id, old):
            self._require_replaced(record_id, key.key_id)
        return expected_version + 1

    def erase(self, record_id: UUID) -> bool:
        """Erase for good: first the keys, which makes every copy of the record unreadable, then the record.

        Returns:
            Whether there was anything.
        """
        had_keys = self._keys.delete(record_id)
        return self._records.delete(record_id) or had_keys

    def _open(self, record_id: UUID, record: StoredRecord, entry: WrappedKey, least_version: int) -> OpenedEnvelope:
        key = key_records.unwrap(entry, ring=self._ring, reference_id=record_id)
        place = Place(reference_id=record_id, purpose=self._purpose, version=record.version)
        unsealed = sealing.unseal(record.data, key=key, place=place)
        if record.version < least_version:
            raise VaultError(ErrorCode.VAULT_ROLLED_BACK, "the references are older than those that were last written")
        return OpenedEnvelope(content=unsealed.content, key=key, version=record.version, sealed_at=unsealed.sealed_at)

    def _add_key(self, record_id: UUID, added: WrappedKey, *, in_use: bytes | None) -> None:
        oldest = added.made_at - ABANDONED_AFTER

        def edit(entries: tuple[WrappedKey, ...]) -> tuple[WrappedKey, ...]:
            kept = (entry for entry in entries if entry.data_key_id == in_use or entry.made_at > oldest)
            return (*kept, added)

        key_records.change(self._keys, record_id, edit, may_create=True)

    def _require_replaced(self, record_id: UUID, data_key_id: bytes) -> None:
        """The key that was just written with is gone: because a later writing replaced it, or because of an erasure."""
        record = self._records.get(record_id)
        if record is None or sealing.data_key_id(record.data) == data_key_id:
            if record is not None:
                self._records.delete(record_id, expected_version=record.version)
            raise VaultError(ErrorCode.VAULT_CONFLICT, "the references were erased while they were being written")

    def _take_key_away(self, record_id: UUID, data_key_id: bytes | None) -> frozenset[bytes]:
        """The ids of the keys that stay; none when they were erased."""

        def edit(entries: tuple[WrappedKey, ...]) -> tuple[WrappedKey, ...]:
            return tuple(entry for entry in entries if entry.data_key_id != data_key_id)

        return frozenset(entry.data_key_id for entry in key_records.change(self._keys, record_id, edit))
