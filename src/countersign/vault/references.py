"""The vault: references in, references out; between the two they are rotated, sealed, and kept in two places.

Sealed references rest in one store, the wrapped data keys in another; ideally the two are different databases with
different backups. Every writing takes a fresh data key, from which the rotation of the templates comes as well. So

- writing again renews the templates and revokes the old ones, whose key is gone;
- an older sealed record that is put back does not open: its key is gone;
- erasing is done when the keys are deleted, whatever copies of the sealed references exist.

The two stores know no common transaction. A writing therefore adds its key first, then writes the references, then takes
away the key of the record that it replaced, and nothing else: whenever it is killed, what is stored can be read, and of
several writers at once exactly one succeeds. A key that a killed writer left behind is taken away by a later writing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from countersign.core.biometrics import Enrolment
from countersign.core.errors import ErrorCode, VaultError
from countersign.core.ports import Clock, ReferenceStore, StoredRecord
from countersign.vault import encode, key_records, sealing
from countersign.vault.key_records import WrappedKey
from countersign.vault.keys import KeyRing
from countersign.vault.sealing import DataKey, Place, Purpose
from countersign.vault.templates import ProtectedEnrolment, protect, recover

ABANDONED_AFTER = timedelta(days=1)
"""A key that no record names and that is older than this belongs to a writer that was killed."""

_ATTEMPTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedReferences:
    """What the vault holds of a reference id.

    Attributes:
        enrolment: in the models' own spaces, ready to compare.
        version: for the next `write`.
        sealed_at: when it was written or renewed, to the second.
    """

    enrolment: Enrolment = field(repr=False)
    version: int
    sealed_at: datetime


class Vault:
    """Keeps enrolments. Safe to share between threads and processes.

    Args:
        references: where sealed references rest.
        keys: where the data keys rest that open them; never the same place as `references`.
        ring: key-encryption keys.
        clock: for the time of sealing.
    """

    def __init__(self, *, references: ReferenceStore, keys: ReferenceStore, ring: KeyRing, clock: Clock) -> None:
        if references is keys:
            raise ValueError("sealed references and their keys rest in two different stores")
        self._references = references
        self._keys = keys
        self._ring = ring
        self._clock = clock

    def load(self, reference_id: UUID, *, least_version: int = 0) -> OpenedReferences | None:
        """The references, or None when there are none under this id.

        Args:
            reference_id: whose.
            least_version: the version that the caller knows was written. Who can change both stores at once can put back
                both an old record and its old key; only a caller that remembers the version finds that.

        Raises:
            VaultError: VAULT_KEY_ERASED, VAULT_KEY_UNKNOWN, VAULT_NOT_AUTHENTIC, VAULT_ROLLED_BACK, VAULT_MALFORMED,
                VAULT_UNKNOWN_FORMAT, VAULT_UNAVAILABLE.
        """
        record = self._references.get(reference_id)
        for _ in range(_ATTEMPTS):
            if record is None:
                return None
            entries = key_records.read(self._keys, reference_id) or ()
            named = sealing.data_key_id(record.data)
            for entry in entries:
                if entry.data_key_id == named:
                    return self._open(reference_id, record, entry, least_version)
            # A writer may have replaced the record and taken its key away since it was read.
            seen, record = record, self._references.get(reference_id)
            if record == seen:
                break
        raise VaultError(
            ErrorCode.VAULT_KEY_ERASED,
            "the key of these references is gone: they were erased, or an older record was put in their place",
        )

    def write(self, reference_id: UUID, enrolment: Enrolment, *, expected_version: int) -> int:
        """Keep an enrolment in place of the present one.

        Args:
            reference_id: whose; made for this, and not used again once erased.
            enrolment: in the models' own spaces.
            expected_version: of the present one; 0 when there is none.

        Returns:
            The new version.

        Raises:
            VaultError: VAULT_CONFLICT when the present version is another, or the references were erased meanwhile;
                VAULT_MALFORMED or VAULT_TOO_LARGE for an enrolment that cannot be stored; VAULT_UNAVAILABLE.
        """
        replaced = self._references.get(reference_id)
        if expected_version != (0 if replaced is None else replaced.version):
            raise VaultError(ErrorCode.VAULT_CONFLICT, "the references are not of the version that was expected")
        old = None if replaced is None else sealing.data_key_id(replaced.data)
        key, now = DataKey.generate(), self._clock.now()
        content = encode.encode(protect(enrolment, seed=key.template_seed).rotated)
        place = Place(reference_id=reference_id, purpose=Purpose.REFERENCES, version=expected_version + 1)
        sealed = sealing.seal(content, key=key, place=place, sealed_at=now)
        wrapped = key_records.wrap(key, ring=self._ring, reference_id=reference_id, made_at=now)

        self._add_key(reference_id, wrapped, in_use=old)
        try:
            self._references.put(reference_id, sealed, expected_version=expected_version)
        except VaultError as error:
            if error.code is ErrorCode.VAULT_CONFLICT:
                self._take_key_away(reference_id, key.key_id)
            raise
        if key.key_id not in self._take_key_away(reference_id, old):
            self._require_replaced(reference_id, key.key_id)
        return expected_version + 1

    def renew(self, reference_id: UUID) -> int | None:
        """Make other templates of the same references, without the person, and revoke the present ones.

        Returns:
            The new version, or None when there are no references under this id.

        Raises:
            VaultError: as `load` and `write`.
        """
        opened = self.load(reference_id)
        if opened is None:
            return None
        return self.write(reference_id, opened.enrolment, expected_version=opened.version)

    def erase(self, reference_id: UUID) -> bool:
        """Erase for good: first the keys, which makes every copy of the references unreadable, then the references.

        Returns:
            Whether there was anything.
        """
        had_keys = self._keys.delete(reference_id)
        return self._references.delete(reference_id) or had_keys

    def _open(
        self, reference_id: UUID, record: StoredRecord, entry: WrappedKey, least_version: int
    ) -> OpenedReferences:
        key = key_records.unwrap(entry, ring=self._ring, reference_id=reference_id)
        place = Place(reference_id=reference_id, purpose=Purpose.REFERENCES, version=record.version)
        unsealed = sealing.unseal(record.data, key=key, place=place)
        if record.version < least_version:
            raise VaultError(ErrorCode.VAULT_ROLLED_BACK, "the references are older than those that were last written")
        protected = ProtectedEnrolment(rotated=encode.decode(unsealed.content))
        return OpenedReferences(
            enrolment=recover(protected, seed=key.template_seed),
            version=record.version,
            sealed_at=unsealed.sealed_at,
        )

    def _add_key(self, reference_id: UUID, added: WrappedKey, *, in_use: bytes | None) -> None:
        oldest = added.made_at - ABANDONED_AFTER

        def edit(entries: tuple[WrappedKey, ...]) -> tuple[WrappedKey, ...]:
            kept = (entry for entry in entries if entry.data_key_id == in_use or entry.made_at > oldest)
            return (*kept, added)

        key_records.change(self._keys, reference_id, edit, may_create=True)

    def _require_replaced(self, reference_id: UUID, data_key_id: bytes) -> None:
        """The key that was just written with is gone: because a later writing replaced it, or because of an erasure."""
        record = self._references.get(reference_id)
        if record is None or sealing.data_key_id(record.data) == data_key_id:
            if record is not None:
                self._references.delete(reference_id, expected_version=record.version)
            raise VaultError(ErrorCode.VAULT_CONFLICT, "the references were erased while they were being written")

    def _take_key_away(self, reference_id: UUID, data_key_id: bytes | None) -> frozenset[bytes]:
        """The ids of the keys that stay; none when they were erased."""

        def edit(entries: tuple[WrappedKey, ...]) -> tuple[WrappedKey, ...]:
            return tuple(entry for entry in entries if entry.data_key_id != data_key_id)

        return frozenset(entry.data_key_id for entry in key_records.change(self._keys, reference_id, edit))
