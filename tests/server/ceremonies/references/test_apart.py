"""Sealed references in another place than the server's own database: no transaction holds the two together."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from countersign.core.errors import ConfigurationError, ErrorCode, VaultError
from countersign.server.accounts.models import User
from countersign.server.ceremonies.models import ReferenceSet, SealedRecord, WrappedDataKey
from countersign.server.ceremonies.privacy import consent
from countersign.server.ceremonies.references import holding, opening
from countersign.server.ceremonies.references.opening import open_vault
from countersign.server.configuration import Secret
from countersign.server.configuration.schema import Vault
from countersign.vault.memory import MemoryStore
from tests.server.ceremonies.enrolment.enrollee import Enrollee
from tests.server.conftest import PASSWORD


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """What is sealed rests in a store that knows nothing of transactions."""
    store = MemoryStore()
    address = Secret(f"mongodb://localhost/{uuid4().hex}")
    monkeypatch.setattr(settings, "COUNTERSIGN", replace(settings.COUNTERSIGN, vault=Vault(url=address)))
    monkeypatch.setattr(opening, "_records", lambda _: store)
    return store


def test_an_address_opens_a_store_apart_from_its_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pymongo", reason="needs the extra mongodb")
    url = Secret("mongodb://name:secret@localhost:1/vault?serverSelectionTimeoutMS=50")
    monkeypatch.setattr(settings, "COUNTERSIGN", replace(settings.COUNTERSIGN, vault=Vault(url=url)))
    vault = open_vault()
    assert not vault.in_database
    assert vault is open_vault(), "opened once"


def test_an_enrolment_keeps_nothing_sealed_in_the_database(ann: Enrollee, apart: MemoryStore) -> None:
    ann.enrol()
    held = ReferenceSet.objects.get(account=ann.account)
    assert set(apart.ids()) == {held.reference_id, held.profile_id}
    assert not SealedRecord.objects.exists()
    assert holding.enrolment_of(ann.account) is not None
    ann.enrol()
    assert ReferenceSet.objects.get(account=ann.account).version == 2
    assert ann.api("DELETE", "/account").status_code == 204
    assert list(apart.ids()) == []
    assert not WrappedDataKey.objects.exists()


@pytest.mark.parametrize("enrolled_before", [False, True])
def test_a_completion_that_breaks_off_between_the_two_can_be_made_again(
    ann: Enrollee, apart: MemoryStore, monkeypatch: pytest.MonkeyPatch, enrolled_before: bool
) -> None:
    if enrolled_before:
        ann.enrol()
    ann.begin()
    ann.gather()

    def breaks_off(*_: Any) -> int:
        raise VaultError(ErrorCode.VAULT_UNAVAILABLE, "the power went out")

    with monkeypatch.context() as broken:
        broken.setattr("countersign.server.ceremonies.references.voice_profile.write", breaks_off)
        assert ann.complete().status_code == 503
    assert holding.has_references(ann.account) is enrolled_before
    assert (holding.enrolment_of(ann.account) is not None) is enrolled_before
    assert ann.complete().status_code == 200
    enrolled = holding.enrolment_of(ann.account)
    assert enrolled is not None
    assert enrolled.face is not None
    assert len(enrolled.face.samples) == 8
    assert len(list(apart.ids())) == 2


def test_consent_that_is_withdrawn_while_references_are_sealed_leaves_none(
    ann: Enrollee, apart: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann.begin()
    ann.gather()
    write = holding.replace

    def withdrawn_first(*arguments: Any) -> ReferenceSet:
        consent.withdraw(ann.account)
        return write(*arguments)

    monkeypatch.setattr(holding, "replace", withdrawn_first)
    assert ann.complete().status_code == 409
    assert not holding.has_references(ann.account)
    assert list(apart.ids()) == []
    assert not WrappedDataKey.objects.exists()


def test_a_vault_that_is_away_erases_nothing_and_says_so(
    own_database: str, examining: None, apart: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = Enrollee(User.objects.create_user("ann", "ann@example.org", PASSWORD))
    ann.enrol()

    def away(*_: object, **__: object) -> bool:
        raise VaultError(ErrorCode.VAULT_UNAVAILABLE, "the vault is away")

    with monkeypatch.context() as broken:
        broken.setattr(apart, "delete", away)
        assert ann.api("DELETE", "/references").status_code == 503
        assert ann.api("DELETE", "/account").status_code == 503
    assert ReferenceSet.objects.filter(account=ann.account).exists(), "so that it can be asked again"
    assert ann.api("DELETE", "/account").status_code == 204
    assert list(apart.ids()) == []


def test_a_mongodb_address_without_its_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "countersign.vault.mongodb", None)
    with pytest.raises(ConfigurationError, match="pip install"):
        opening._records("mongodb://localhost/x")
