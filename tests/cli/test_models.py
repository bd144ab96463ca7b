from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from countersign.cli.models import models
from countersign.models import catalog
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import LOCK_NAME, ModelStore
from tests.models import fake_index


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """An empty store, no folder to take pack plus from, and no network."""
    monkeypatch.setenv("COUNTERSIGN_MODELS", str(tmp_path / "store"))
    monkeypatch.setenv("COUNTERSIGN_MODEL_SOURCE", str(tmp_path / "nowhere"))
    fake_index.cut_off(monkeypatch)
    (tmp_path / "store").mkdir()
    return ModelStore.default()


@pytest.fixture
def with_core(store: ModelStore, runtime: Runtime) -> ModelStore:
    """The same, with pack core in the store."""
    for entry in catalog.in_pack(Pack.CORE):
        store.path(entry).write_bytes(runtime.store.read(entry))
    return store


def _run(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "250"}).invoke(models, list(arguments))


def test_list_names_every_model_and_says_whether_it_is_installed(with_core: ModelStore) -> None:
    lines = _run("list").output.splitlines()
    for entry in catalog.ENTRIES:
        (line,) = [line for line in lines if f" {entry.name} " in line]
        assert ("yes" in line) == with_core.has(entry)
        assert entry.sha256[:12] in line


def test_licences_names_the_terms_of_every_model(store: ModelStore) -> None:
    output = _run("licences").output
    for entry in catalog.ENTRIES:
        assert entry.name in output
        assert entry.licence.spdx in output


def test_without_a_network_pull_fails_says_what_to_do_and_leaves_nothing(store: ModelStore) -> None:
    result = _run("pull", "--pack", "core")
    assert result.exit_code == 1
    assert "--from DIR" in result.output
    assert "model.unavailable" in result.output
    assert {path.name for path in store.root.iterdir()} == {LOCK_NAME}


def test_pull_succeeds_when_core_is_complete_and_says_what_of_plus_it_could_not_take(with_core: ModelStore) -> None:
    result = _run("pull")
    assert result.exit_code == 0
    assert result.output.count("already installed") == len(catalog.in_pack(Pack.CORE))
    assert result.output.count("not taken") == len(catalog.in_pack(Pack.PLUS))


def test_a_pack_that_is_asked_for_by_name_must_come(with_core: ModelStore) -> None:
    assert _run("pull", "--pack", "plus").exit_code == 1


def test_pack_plus_comes_from_a_folder(store: ModelStore, model_source: Path) -> None:
    result = _run("pull", "--pack", "plus", "--from", str(model_source))
    assert result.exit_code == 0
    assert all(store.has(entry) for entry in catalog.in_pack(Pack.PLUS))


def test_the_operators_models_are_not_pulled_unless_named(with_core: ModelStore) -> None:
    assert "sface" not in _run("pull").output
    result = _run("pull", "--accept-terms", "sface")
    assert result.exit_code == 1
    assert "sface" in result.output


def test_terms_of_a_model_that_does_not_exist_cannot_be_accepted(store: ModelStore) -> None:
    assert _run("pull", "--accept-terms", "vgg-face").exit_code == 2


def test_verify_passes_when_core_is_whole(with_core: ModelStore) -> None:
    assert _run("verify").exit_code == 0


def test_verify_fails_when_core_is_not_whole(store: ModelStore) -> None:
    assert _run("verify").exit_code == 1


def test_verify_finds_an_altered_file(with_core: ModelStore) -> None:
    path = with_core.path(catalog.find("ge2e"))
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    result = _run("verify")
    assert result.exit_code == 1
    assert "model.hash_mismatch" in result.output
