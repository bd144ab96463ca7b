"""The tables are reference stores like any other, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from countersign.core.errors import ErrorCode, VaultError
from countersign.core.ports import ReferenceStore, SystemClock
from countersign.server.ceremonies.models import SealedRecord, StoredBytes, WrappedDataKey
from countersign.server.ceremonies.references.store import TableStore
from countersign.vault.keys import KeyRing, LocalKey
from countersign.vault.references import Vault
from tests.vault.contract import ReferenceStoreContract
from tests.vault.enrolments import enrolment, same


class ClosingStore(TableStore):
    """Closes the connection of a thread that the test began, as the end of a request would."""

    def put(self, reference_id: UUID, data: bytes, *, expected_version: int) -> None:
        try:
            super().put(reference_id, data, expected_version=expected_version)
        finally:
            if threading.current_thread() is not threading.main_thread():
                connection.close()


class TestTableStore(ReferenceStoreContract):
    @pytest.fixture(params=[SealedRecord, WrappedDataKey])
    def store(self, request: pytest.FixtureRequest, own_database: str) -> ReferenceStore:
        table: type[StoredBytes] = request.param
        return ClosingStore(table)

    def test_more_ids_than_one_page_are_all_listed(
        self, store: ReferenceStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("countersign.server.ceremonies.references.store._PAGE", 4)
        for count in (3, 4, 5, 8):
            while len(list(store.ids())) < count:
                store.put(uuid4(), b"data", expected_version=0)
            listed = list(store.ids())
            assert len(listed) == count
            assert listed == sorted(set(listed))


@pytest.fixture
def vault(own_database: str) -> Vault:
    return Vault(
        references=TableStore(SealedRecord),
        keys=TableStore(WrappedDataKey),
        ring=KeyRing.of(LocalKey.generate()),
        clock=SystemClock(),
    )


def test_a_refused_writing_leaves_the_transaction_around_it_usable(vault: Vault) -> None:
    reference_id = uuid4()
    store = TableStore(SealedRecord)
    with transaction.atomic():
        store.put(reference_id, b"first", expected_version=0)
        with pytest.raises(VaultError) as refused:
            store.put(reference_id, b"second", expected_version=0)
        assert refused.value.code is ErrorCode.VAULT_CONFLICT
        store.put(reference_id, b"third", expected_version=1)
    found = store.get(reference_id)
    assert found is not None
    assert found.data == b"third"


def test_what_is_rolled_back_leaves_the_references_as_they_were(vault: Vault) -> None:
    reference_id = uuid4()
    vault.write(reference_id, enrolment(seed=1), expected_version=0)

    with transaction.atomic():
        vault.write(reference_id, enrolment(seed=2), expected_version=1)
        transaction.set_rollback(True)
    opened = vault.load(reference_id, least_version=1)
    assert opened is not None
    assert same(opened.enrolment, enrolment(seed=1))


def test_without_a_table_the_vault_is_unavailable(vault: Vault) -> None:
    with connection.schema_editor() as editor:
        editor.delete_model(WrappedDataKey)
    with pytest.raises(VaultError) as refused:
        vault.write(uuid4(), enrolment(), expected_version=0)
    assert refused.value.code is ErrorCode.VAULT_UNAVAILABLE
