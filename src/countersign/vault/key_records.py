"""A person's data keys as they rest: wrapped by key-encryption keys, apart from what they seal.

One record for each reference id, in a store of its own. Usually it holds one key; while references are being written,
the old one and the new one (`references.py` says why). Deleting the record is crypto-erasure: the references, and every
copy and backup of them, cannot be opened again.

Version 1, little-endian::

    "CSKR"  version: u8 = 1  count: u8  entry * count
    entry = data key id: 16 bytes  made at: u64, s since 1970  KEK id length: u8  KEK id: ASCII  length: u16  wrapped key
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from countersign.core.errors import ErrorCode, VaultError
from countersign.core.ports import ReferenceStore
from countersign.vault.keys import KeyRing
from countersign.vault.sealing import KEY_BYTES, KEY_ID_BYTES, DataKey, Place, Purpose

MAX_ENTRIES = 64
MAX_WRAPPED_BYTES = 4096

_MAGIC = b"CSKR"
_VERSION = 1
_START = struct.Struct("<4sBB")
_ENTRY = struct.Struct(f"<{KEY_ID_BYTES}sQB")
_LENGTH = struct.Struct("<H")
_ATTEMPTS = 32
"""Of a change that others get in the way of. Each failure means that somebody else's change succeeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A data key that only a key-encryption key can open.

    Attributes:
        data_key_id: as sealed records name it.
        made_at: when the data key was made, to the second; wrapping it anew does not change that.
        kek_id: the key-encryption key that wraps it.
    """

    data_key_id: bytes
    made_at: datetime
    kek_id: str
    wrapped: bytes = field(repr=False)


def wrap(key: DataKey, *, ring: KeyRing, reference_id: UUID, made_at: datetime) -> WrappedKey:
    """Wrap by the ring's present key."""
    kek = ring.current
    wrapped = kek.wrap(key.secret, context=_context(reference_id, key.key_id))
    return WrappedKey(data_key_id=key.key_id, made_at=made_at, kek_id=kek.key_id, wrapped=wrapped)


def unwrap(entry: WrappedKey, *, ring: KeyRing, reference_id: UUID) -> DataKey:
    """The data key.

    Raises:
        VaultError: VAULT_KEY_UNKNOWN, VAULT_NOT_AUTHENTIC, VAULT_UNAVAILABLE.
    """
    secret = ring.find(entry.kek_id).unwrap(entry.wrapped, context=_context(reference_id, entry.data_key_id))
    key = DataKey(secret)
    if len(secret) != KEY_BYTES or key.key_id != entry.data_key_id:
        raise VaultError(ErrorCode.VAULT_NOT_AUTHENTIC, "a wrapped data key is not the one that the record names")
    return key


def read(store: ReferenceStore, reference_id: UUID) -> tuple[WrappedKey, ...] | None:
    """The keys of a reference, or None when there are none or they were erased."""
    record = store.get(reference_id)
    return None if record is None else _decode(record.data)


def change(
    store: ReferenceStore,
    reference_id: UUID,
    edit: Callable[[tuple[WrappedKey, ...]], tuple[WrappedKey, ...]],
    *,
    may_create: bool = False,
) -> tuple[WrappedKey, ...]:
    """Replace the keys of a reference by what `edit` makes of them; again, if somebody else changes them meanwhile.

    Args:
        store: of key records.
        reference_id: whose.
        edit: called with the present keys, possibly several times. Returning them unchanged writes nothing.
        may_create: whether to begin with no keys where there is no record.

    Returns:
        The keys as they are now; none where there is no record.

    Raises:
        VaultError: VAULT_CONFLICT when others are always faster.
    """
    for _ in range(_ATTEMPTS):
        record = store.get(reference_id)
        if record is None and not may_create:
            return ()
        entries = () if record is None else _decode(record.data)
        edited = edit(entries)
        if edited == entries and record is not None:
            return entries
        try:
            store.put(reference_id, _encode(edited), expected_version=0 if record is None else record.version)
        except VaultError as error:
            if error.code is not ErrorCode.VAULT_CONFLICT:
                raise
        else:
            return edited
    raise VaultError(ErrorCode.VAULT_CONFLICT, "the keys of a reference are being changed by too many at once")


def rewrap(store: ReferenceStore, ring: KeyRing) -> Iterator[bool]:
    """Wrap every data key by the ring's present key. References are not touched, and stay readable all the while.

    May be broken off and started again. Safe beside a running server that uses the same ring.

    Yields:
        For each record in turn, whether it had to be changed.

    Raises:
        VaultError: VAULT_KEY_UNKNOWN or VAULT_NOT_AUTHENTIC at a record that the ring's keys do not open.
    """
    for reference_id in store.ids():
        present = ring.current.key_id
        stale = any(entry.kek_id != present for entry in read(store, reference_id) or ())
        if stale:
            change(store, reference_id, partial(_rewrapped, ring=ring, reference_id=reference_id))
        yield stale


def usage(store: ReferenceStore) -> Mapping[str, int]:
    """How many data keys each key-encryption key wraps, by its id."""
    counts: Counter[str] = Counter()
    for reference_id in store.ids():
        counts.update(entry.kek_id for entry in read(store, reference_id) or ())
    return counts


def _rewrapped(entries: tuple[WrappedKey, ...], ring: KeyRing, reference_id: UUID) -> tuple[WrappedKey, ...]:
    present = ring.current.key_id
    return tuple(
        entry
        if entry.kek_id == present
        else wrap(
            unwrap(entry, ring=ring, reference_id=reference_id),
            ring=ring,
            reference_id=reference_id,
            made_at=entry.made_at,
        )
        for entry in entries
    )


def _context(reference_id: UUID, data_key_id: bytes) -> bytes:
    return Place(reference_id=reference_id, purpose=Purpose.DATA_KEY).context() + data_key_id


def _encode(entries: tuple[WrappedKey, ...]) -> bytes:
    if len(entries) > MAX_ENTRIES:
        raise VaultError(ErrorCode.VAULT_CONFLICT, "the references are being written by too many at once")
    parts = [_START.pack(_MAGIC, _VERSION, len(entries))]
    for entry in entries:
        kek_id = entry.kek_id.encode("ascii")
        if not 0 < len(kek_id) <= 128 or len(entry.wrapped) > MAX_WRAPPED_BYTES:
            raise VaultError(ErrorCode.VAULT_MALFORMED, "a key service gave an id or a wrapped key that is too long")
        parts += [_ENTRY.pack(entry.data_key_id, int(entry.made_at.timestamp()), len(kek_id)), kek_id]
        parts += [_LENGTH.pack(len(entry.wrapped)), entry.wrapped]
    return b"".join(parts)


def _decode(data: bytes) -> tuple[WrappedKey, ...]:
    if data[: len(_MAGIC)] == _MAGIC and data[len(_MAGIC) : len(_MAGIC) + 1] not in {b"", bytes([_VERSION])}:
        raise VaultError(ErrorCode.VAULT_UNKNOWN_FORMAT, "the record of keys is of an unknown version")
    try:
        magic, _, count = _START.unpack_from(data)
        entries, at = [], _START.size
        for _ in range(count):
            data_key_id, made_at, id_length = _ENTRY.unpack_from(data, at)
            at += _ENTRY.size + id_length
            kek_id = data[at - id_length : at].decode("ascii")
            (length,) = _LENGTH.unpack_from(data, at)
            at += _LENGTH.size + length
            entries.append(
                WrappedKey(
                    data_key_id=data_key_id,
                    made_at=datetime.fromtimestamp(made_at, UTC),
                    kek_id=kek_id,
                    wrapped=data[at - length : at],
                )
            )
    except (struct.error, UnicodeDecodeError, ValueError, OverflowError, OSError):
        raise _malformed() from None
    if magic != _MAGIC or at != len(data):
        raise _malformed()
    return tuple(entries)


def _malformed() -> VaultError:
    return VaultError(ErrorCode.VAULT_MALFORMED, "a record of keys is malformed")
