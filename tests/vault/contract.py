"""What every reference store promises. A store's tests subclass `ReferenceStoreContract` and give a fixture ``store``."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from countersign.core.errors import ErrorCode, VaultError
from countersign.core.ports import ReferenceStore, StoredRecord


class ReferenceStoreContract:
    """One suite for all stores. The fixture `store` gives an empty one."""

    def test_what_was_put_is_got(self, store: ReferenceStore) -> None:
        data = bytes(range(256)) * 300
        reference_id = uuid4()
        store.put(reference_id, data, expected_version=0)
        assert store.get(reference_id) == StoredRecord(version=1, data=data)

    def test_nothing_is_got_where_nothing_was_put(self, store: ReferenceStore) -> None:
        store.put(uuid4(), b"somebody else's", expected_version=0)
        assert store.get(uuid4()) is None

    def test_empty_bytes_are_bytes(self, store: ReferenceStore) -> None:
        reference_id = uuid4()
        store.put(reference_id, b"", expected_version=0)
        assert store.get(reference_id) == StoredRecord(version=1, data=b"")

    def test_each_change_counts_one_version(self, store: ReferenceStore) -> None:
        reference_id = uuid4()
        for version in range(5):
            store.put(reference_id, b"%d" % version, expected_version=version)
        assert store.get(reference_id) == StoredRecord(version=5, data=b"4")

    @pytest.mark.parametrize("expected", [0, 1, 3, 99])
    def test_a_wrong_expectation_changes_nothing(self, store: ReferenceStore, expected: int) -> None:
        reference_id = uuid4()
        store.put(reference_id, b"first", expected_version=0)
        store.put(reference_id, b"second", expected_version=1)
        with pytest.raises(VaultError) as refused:
            store.put(reference_id, b"third", expected_version=expected)
        assert refused.value.code is ErrorCode.VAULT_CONFLICT
        assert store.get(reference_id) == StoredRecord(version=2, data=b"second")

    def test_a_record_that_is_expected_but_absent_is_not_made(self, store: ReferenceStore) -> None:
        reference_id = uuid4()
        with pytest.raises(VaultError) as refused:
            store.put(reference_id, b"data", expected_version=1)
        assert refused.value.code is ErrorCode.VAULT_CONFLICT
        assert store.get(reference_id) is None

    def test_what_was_deleted_is_gone(self, store: ReferenceStore) -> None:
        kept, deleted = uuid4(), uuid4()
        store.put(kept, b"kept", expected_version=0)
        store.put(deleted, b"deleted", expected_version=0)
        assert store.delete(deleted)
        assert not store.delete(deleted)
        assert store.get(deleted) is None
        assert store.get(kept) == StoredRecord(version=1, data=b"kept")
        assert list(store.ids()) == [kept]

    def test_a_deletion_that_expects_another_version_deletes_nothing(self, store: ReferenceStore) -> None:
        reference_id = uuid4()
        store.put(reference_id, b"first", expected_version=0)
        store.put(reference_id, b"second", expected_version=1)
        for version in (0, 1, 3):
            assert not store.delete(reference_id, expected_version=version)
        assert store.get(reference_id) == StoredRecord(version=2, data=b"second")
        assert store.delete(reference_id, expected_version=2)
        assert not store.delete(reference_id, expected_version=2)
        assert store.get(reference_id) is None

    def test_a_writer_that_missed_a_deletion_does_not_bring_the_record_back(self, store: ReferenceStore) -> None:
        reference_id = uuid4()
        store.put(reference_id, b"data", expected_version=0)
        store.delete(reference_id)
        with pytest.raises(VaultError):
            store.put(reference_id, b"late", expected_version=1)
        assert store.get(reference_id) is None

    def test_a_deleted_record_may_be_written_from_the_beginning(self, store: ReferenceStore) -> None:
        reference_id = uuid4()
        store.put(reference_id, b"old", expected_version=0)
        store.delete(reference_id)
        store.put(reference_id, b"new", expected_version=0)
        assert store.get(reference_id) == StoredRecord(version=1, data=b"new")

    def test_all_ids_are_listed_in_ascending_order(self, store: ReferenceStore) -> None:
        assert list(store.ids()) == []
        ids = [uuid4() for _ in range(30)] + [UUID(int=0), UUID(int=2**127), UUID(int=2**128 - 1)]
        for reference_id in ids:
            store.put(reference_id, b"data", expected_version=0)
        assert list(store.ids()) == sorted(ids)

    def test_records_may_be_changed_while_they_are_listed(self, store: ReferenceStore) -> None:
        ids = {uuid4() for _ in range(20)}
        for reference_id in ids:
            store.put(reference_id, b"old", expected_version=0)
        for reference_id in store.ids():
            store.put(reference_id, b"new", expected_version=1)
        assert {store.get(reference_id) for reference_id in ids} == {StoredRecord(version=2, data=b"new")}

    @pytest.mark.parametrize("expected", [0, 1], ids=["making", "changing"])
    def test_of_many_writers_at_once_exactly_one_succeeds(self, store: ReferenceStore, expected: int) -> None:
        reference_id = uuid4()
        if expected:
            store.put(reference_id, b"before", expected_version=0)
        together = threading.Barrier(8)

        def write(name: int) -> bytes | VaultError:
            data = b"writer %d" % name
            together.wait(timeout=60)
            try:
                store.put(reference_id, data, expected_version=expected)
            except VaultError as error:
                return error
            return data

        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(write, range(8)))
        written = [result for result in results if isinstance(result, bytes)]
        refused = [result.code for result in results if isinstance(result, VaultError)]
        assert refused == [ErrorCode.VAULT_CONFLICT] * 7
        assert store.get(reference_id) == StoredRecord(version=expected + 1, data=written[0])
