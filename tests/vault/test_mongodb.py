"""The store in MongoDB keeps the contract, on a server whose address is given; without one it fails by name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest

from countersign.core.errors import ConfigurationError, ErrorCode, VaultError
from countersign.core.ports import ReferenceStore
from countersign.vault.keys import KeyRing, LocalKey
from countersign.vault.references import Vault
from tests.vault.contract import ReferenceStoreContract
from tests.vault.enrolments import SetClock, enrolment, same

pymongo = pytest.importorskip("pymongo", reason="needs the extra mongodb")
from countersign.vault.mongodb import MongoStore  # noqa: E402 - only where PyMongo is installed

SERVER = "COUNTERSIGN_TEST_MONGODB_URL"


class TestMongoStore(ReferenceStoreContract):
    @pytest.fixture
    def store(self) -> Iterator[ReferenceStore]:
        url = os.environ.get(SERVER)
        if not url:
            pytest.skip(f"needs a MongoDB server: set {SERVER}")
        client = pymongo.MongoClient(url)
        database = f"countersign_test_{uuid4().hex}"
        with client:
            yield MongoStore(client[database]["references"])
            client.drop_database(database)

    def test_a_vault_over_two_collections_keeps_renews_and_erases_references(self, store: ReferenceStore) -> None:
        assert isinstance(store, MongoStore)
        keys = MongoStore(store._collection.database["keys"])
        vault = Vault(references=store, keys=keys, ring=KeyRing.of(LocalKey.generate()), clock=SetClock())
        reference_id = uuid4()
        assert vault.write(reference_id, enrolment(), expected_version=0) == 1
        assert vault.renew(reference_id) == 2
        opened = vault.load(reference_id, least_version=2)
        assert opened is not None
        assert same(opened.enrolment, enrolment())
        assert vault.erase(reference_id)
        assert vault.load(reference_id) is None
        assert list(store.ids()) == list(keys.ids()) == []

    def test_a_document_that_is_no_record_is_refused(self, store: ReferenceStore) -> None:
        assert isinstance(store, MongoStore)
        reference_id = uuid4()
        store._collection.insert_one({"_id": reference_id, "version": "1", "data": 12})
        with pytest.raises(VaultError) as refused:
            store.get(reference_id)
        assert refused.value.code is ErrorCode.VAULT_MALFORMED

    def test_more_ids_than_one_page_are_all_listed(
        self, store: ReferenceStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("countersign.vault.mongodb._PAGE", 4)
        for count in (3, 4, 5, 8):
            while len(list(store.ids())) < count:
                store.put(uuid4(), b"data", expected_version=0)
            listed = list(store.ids())
            assert len(listed) == count
            assert listed == sorted(set(listed))


def test_a_server_that_is_not_there_is_told_without_its_address() -> None:
    store = MongoStore.open("mongodb://name:secret@localhost:1/vault", "references", timeout_s=0.2)
    for use in (
        lambda: store.get(uuid4()),
        lambda: store.put(uuid4(), b"data", expected_version=0),
        lambda: store.delete(uuid4()),
        lambda: list(store.ids()),
    ):
        with pytest.raises(VaultError) as refused:
            use()
        assert refused.value.code is ErrorCode.VAULT_UNAVAILABLE
        assert "secret" not in str(refused.value)
        assert "localhost" not in str(refused.value)
    store.close()


@pytest.mark.parametrize(
    "url", ["postgresql://name:secret@host/db", "mongodb://name:secret@", "mongodb://host:secret/db"]
)
def test_an_address_that_is_none_of_a_mongodb_server_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        MongoStore.open(url, "references")
    assert refused.value.code is ErrorCode.CONFIGURATION_INVALID
    assert "secret" not in str(refused.value)
