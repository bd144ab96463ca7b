"""A runtime over pack plus, installed from the folder that it is taken from."""

from __future__ import annotations

from pathlib import Path

import pytest

from countersign.models import catalog
from countersign.models.entry import Pack
from countersign.models.fetch import NotTaken, pull
from countersign.models.folder import Folder
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore


@pytest.fixture(scope="session")
def plus_runtime(model_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    store = ModelStore(tmp_path_factory.mktemp("plus"))
    outcomes = pull(store, catalog.in_pack(Pack.PLUS), folder=Folder(model_source))
    missing = [outcome.entry.name for outcome in outcomes if isinstance(outcome, NotTaken)]
    assert not missing
    return Runtime(store)
