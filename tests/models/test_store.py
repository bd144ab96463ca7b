from __future__ import annotations

from pathlib import Path

import pytest

from countersign.core.errors import ErrorCode, ModelError
from countersign.models.store import ModelStore
from tests.models import fake_index

ENTRY = fake_index.file_entry("tiny", b"weights")


def test_the_environment_chooses_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COUNTERSIGN_MODELS", str(tmp_path))
    assert ModelStore.default().root == tmp_path
    monkeypatch.delenv("COUNTERSIGN_MODELS")
    assert ModelStore.default().root.parts[-2:] == ("countersign", "models")


def test_what_is_not_installed_is_missing_and_the_error_says_how_to_get_it(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    assert not store.has(ENTRY)
    with pytest.raises(ModelError, match="countersign models pull --pack core") as raised:
        store.read(ENTRY)
    assert raised.value.code is ErrorCode.MODEL_MISSING


def test_other_bytes_than_the_catalogue_says_are_never_installed(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    with pytest.raises(ModelError) as raised:
        store.install(ENTRY, b"wEights")
    assert raised.value.code is ErrorCode.MODEL_HASH_MISMATCH
    assert not list(tmp_path.iterdir())


def test_bytes_that_change_after_installing_are_never_read(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    store.install(ENTRY, b"weights").write_bytes(b"wEights")
    assert store.has(ENTRY)
    with pytest.raises(ModelError) as raised:
        store.read(ENTRY)
    assert raised.value.code is ErrorCode.MODEL_HASH_MISMATCH


def test_a_new_version_of_a_model_does_not_overwrite_the_old_one(tmp_path: Path) -> None:
    newer = fake_index.file_entry("tiny", b"better weights")
    store = ModelStore(tmp_path)
    store.install(ENTRY, b"weights")
    store.install(newer, b"better weights")
    assert store.read(ENTRY) == b"weights"
