"""Envelopes keep bytes for one purpose. What `Vault` promises of references stands in `test_references.py`."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import pytest

from countersign.core.errors import ErrorCode, VaultError
from countersign.vault.envelopes import Envelopes
from countersign.vault.keys import KeyRing, LocalKey
from countersign.vault.memory import MemoryStore
from countersign.vault.sealing import DataKey, Purpose
from tests.vault.enrolments import SetClock


class Place:
    """Two stores, and envelopes of any purpose over them."""

    def __init__(self) -> None:
        self.records, self.keys, self.ring = MemoryStore(), MemoryStore(), KeyRing.of(LocalKey.generate())

    def envelopes(self, purpose: Purpose) -> Envelopes:
        return Envelopes(records=self.records, keys=self.keys, ring=self.ring, clock=SetClock(), purpose=purpose)


def made_of(content: bytes, _: DataKey) -> bytes:
    return content


def test_bytes_come_back_as_they_were_and_each_writing_counts_one_version() -> None:
    envelopes, record_id = Place().envelopes(Purpose.GATHERED), uuid4()
    assert envelopes.load(record_id) is None
    for version, content in enumerate((b"first", b"", b"third")):
        assert envelopes.write(record_id, partial(made_of, content), expected_version=version) == version + 1
    opened = envelopes.load(record_id)
    assert opened is not None
    assert (opened.content, opened.version) == (b"third", 3)


def test_what_was_sealed_for_one_purpose_does_not_open_for_another() -> None:
    place, record_id = Place(), uuid4()
    place.envelopes(Purpose.GATHERED).write(record_id, lambda _: b"content", expected_version=0)
    with pytest.raises(VaultError) as refused:
        place.envelopes(Purpose.VOICE_PROFILE).load(record_id)
    assert refused.value.code is ErrorCode.VAULT_NOT_AUTHENTIC


def test_what_was_erased_cannot_be_opened_from_a_copy() -> None:
    place, record_id = Place(), uuid4()
    envelopes = place.envelopes(Purpose.GATHERED)
    envelopes.write(record_id, lambda _: b"content", expected_version=0)
    copy = place.records.get(record_id)
    assert copy is not None
    assert envelopes.erase(record_id)
    place.records.put(record_id, copy.data, expected_version=0)
    with pytest.raises(VaultError) as refused:
        envelopes.load(record_id)
    assert refused.value.code is ErrorCode.VAULT_KEY_ERASED


def test_records_and_keys_may_not_share_a_store() -> None:
    store = MemoryStore()
    with pytest.raises(ValueError, match="two different stores"):
        Envelopes(
            records=store,
            keys=store,
            ring=KeyRing.of(LocalKey.generate()),
            clock=SetClock(),
            purpose=Purpose.GATHERED,
        )
