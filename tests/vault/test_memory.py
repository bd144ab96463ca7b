"""The store in memory keeps the contract."""

from __future__ import annotations

import pytest

from countersign.core.ports import ReferenceStore
from countersign.vault.memory import MemoryStore
from tests.vault.contract import ReferenceStoreContract


class TestMemoryStore(ReferenceStoreContract):
    @pytest.fixture
    def store(self) -> ReferenceStore:
        return MemoryStore()
