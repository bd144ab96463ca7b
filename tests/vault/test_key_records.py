"""Data keys rest wrapped; rotating wraps them anew and touches nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.core.errors import ErrorCode, VaultError
from countersign.core.ports import StoredRecord
from countersign.vault import key_records
from countersign.vault.key_records import WrappedKey
from countersign.vault.keys import KeyRing, LocalKey
from countersign.vault.memory import MemoryStore
from countersign.vault.sealing import DataKey
from tests.vault.enrolments import STEADY

MADE = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
OLD, NEW = LocalKey(b"o" * 32), LocalKey(b"n" * 32)

ENTRIES = st.builds(
    WrappedKey,
    data_key_id=st.binary(min_size=16, max_size=16),
    made_at=st.integers(0, 2**33).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    kek_id=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=128),
    wrapped=st.binary(max_size=300),
)


def filled(count: int, *, ring: KeyRing) -> tuple[MemoryStore, dict[UUID, DataKey]]:
    store = MemoryStore()
    keys = {uuid4(): DataKey.generate() for _ in range(count)}
    for reference_id, key in keys.items():
        entry = key_records.wrap(key, ring=ring, reference_id=reference_id, made_at=MADE)
        key_records.change(store, reference_id, lambda held, entry=entry: (*held, entry), may_create=True)  # type: ignore[misc]
    return store, keys


def opened(store: MemoryStore, reference_id: UUID, *, ring: KeyRing) -> list[DataKey]:
    entries = key_records.read(store, reference_id) or ()
    return [key_records.unwrap(entry, ring=ring, reference_id=reference_id) for entry in entries]


@STEADY
@given(st.lists(ENTRIES, max_size=5).map(tuple))
def test_what_was_written_is_read(entries: tuple[WrappedKey, ...]) -> None:
    store, reference_id = MemoryStore(), uuid4()
    assert key_records.change(store, reference_id, lambda _: entries, may_create=True) == entries
    assert key_records.read(store, reference_id) == entries


@STEADY
@given(st.binary(max_size=80) | st.binary(max_size=80).map(lambda tail: b"CSKR\x01" + tail))
def test_arbitrary_bytes_are_no_record_of_keys(data: bytes) -> None:
    store, reference_id = MemoryStore(), uuid4()
    store.put(reference_id, data, expected_version=0)
    try:
        entries = key_records.read(store, reference_id)
    except VaultError as error:
        assert error.code in {ErrorCode.VAULT_MALFORMED, ErrorCode.VAULT_UNKNOWN_FORMAT}  # noqa: PT017 - both outcomes are allowed
    else:
        assert entries is not None


def test_a_wrapped_key_opens_with_its_wrapping_key_only_for_its_person() -> None:
    ring = KeyRing.of(OLD)
    store, keys = filled(2, ring=ring)
    (mine, key), (other, _) = keys.items()
    assert opened(store, mine, ring=ring) == [key]
    (entry,) = key_records.read(store, mine) or ()
    for tried, reference_id, code in (
        (ring, other, ErrorCode.VAULT_NOT_AUTHENTIC),
        (KeyRing.of(NEW), mine, ErrorCode.VAULT_KEY_UNKNOWN),
    ):
        with pytest.raises(VaultError) as refused:
            key_records.unwrap(entry, ring=tried, reference_id=reference_id)
        assert refused.value.code is code


def test_a_key_service_that_returns_another_key_is_found_out() -> None:
    class Confused:
        key_id = "kms:1"

        def wrap(self, key: bytes, *, context: bytes) -> bytes:
            return key

        def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
            return b"x" * 32

    ring = KeyRing.of(Confused())
    store, keys = filled(1, ring=ring)
    with pytest.raises(VaultError) as refused:
        opened(store, next(iter(keys)), ring=ring)
    assert refused.value.code is ErrorCode.VAULT_NOT_AUTHENTIC


def test_rotation_wraps_every_data_key_by_the_present_key_and_changes_no_data_key() -> None:
    store, keys = filled(20, ring=KeyRing.of(OLD))
    assert key_records.usage(store) == {OLD.key_id: 20}
    both = KeyRing.of(NEW, OLD)
    assert sum(key_records.rewrap(store, both)) == 20
    assert key_records.usage(store) == {NEW.key_id: 20}
    for reference_id, key in keys.items():
        assert opened(store, reference_id, ring=KeyRing.of(NEW)) == [key]
        assert [entry.made_at for entry in key_records.read(store, reference_id) or ()] == [MADE]


def test_rotation_that_was_broken_off_is_finished_by_the_next_and_all_stays_readable() -> None:
    store, keys = filled(10, ring=KeyRing.of(OLD))
    both = KeyRing.of(NEW, OLD)
    broken_off = key_records.rewrap(store, both)
    assert [next(broken_off) for _ in range(4)] == [True] * 4
    assert key_records.usage(store) == {NEW.key_id: 4, OLD.key_id: 6}
    assert all(opened(store, reference_id, ring=both) == [key] for reference_id, key in keys.items())
    assert sum(key_records.rewrap(store, both)) == 6
    assert sum(key_records.rewrap(store, both)) == 0
    assert key_records.usage(store) == {NEW.key_id: 10}


def test_rotation_stops_at_a_record_that_no_key_opens() -> None:
    store, _ = filled(1, ring=KeyRing.of(LocalKey.generate()))
    with pytest.raises(VaultError) as refused:
        list(key_records.rewrap(store, KeyRing.of(NEW, OLD)))
    assert refused.value.code is ErrorCode.VAULT_KEY_UNKNOWN


def test_a_record_that_is_erased_during_rotation_does_not_come_back() -> None:
    store, keys = filled(5, ring=KeyRing.of(OLD))
    rotation = key_records.rewrap(store, KeyRing.of(NEW, OLD))
    next(rotation)
    for reference_id in keys:
        store.delete(reference_id)
    assert list(rotation) == [False] * 4
    assert list(store.ids()) == []


def test_a_change_that_others_get_in_the_way_of_is_made_on_top_of_theirs() -> None:
    store, keys = filled(1, ring=KeyRing.of(OLD))
    (reference_id,) = keys
    mine, theirs = (
        key_records.wrap(DataKey.generate(), ring=KeyRing.of(OLD), reference_id=reference_id, made_at=MADE)
        for _ in range(2)
    )
    rivals = iter([True])

    def edit(entries: tuple[WrappedKey, ...]) -> tuple[WrappedKey, ...]:
        if next(rivals, False):
            key_records.change(store, reference_id, lambda held: (*held, theirs))
        return (*entries, mine)

    key_records.change(store, reference_id, edit)
    assert (key_records.read(store, reference_id) or ())[1:] == (theirs, mine)


def test_a_change_gives_up_when_others_are_always_faster() -> None:
    class Rushed(MemoryStore):
        def put(self, reference_id: UUID, data: bytes, *, expected_version: int) -> None:
            raise VaultError(ErrorCode.VAULT_CONFLICT, "somebody was faster")

    with pytest.raises(VaultError) as refused:
        key_records.change(Rushed(), uuid4(), lambda entries: entries, may_create=True)
    assert refused.value.code is ErrorCode.VAULT_CONFLICT


def test_too_many_keys_at_once_and_too_long_ones_are_refused() -> None:
    entry = WrappedKey(data_key_id=bytes(16), made_at=MADE, kek_id="k", wrapped=b"")
    too_long = WrappedKey(data_key_id=bytes(16), made_at=MADE, kek_id="k" * 129, wrapped=b"")
    store, reference_id = MemoryStore(), uuid4()
    for entries, code in (((entry,) * 65, ErrorCode.VAULT_CONFLICT), ((too_long,), ErrorCode.VAULT_MALFORMED)):
        with pytest.raises(VaultError) as refused:
            key_records.change(store, reference_id, lambda _, entries=entries: entries, may_create=True)  # type: ignore[misc]
        assert refused.value.code is code
    assert store.get(reference_id) is None


def test_what_is_stored_holds_no_key() -> None:
    store, keys = filled(1, ring=KeyRing.of(OLD))
    ((reference_id, key),) = keys.items()
    stored = store.get(reference_id)
    assert isinstance(stored, StoredRecord)
    for secret in (key.secret, key.sealing_key, key.template_seed, OLD.secret):
        assert secret not in stored.data
