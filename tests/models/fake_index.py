"""A package index in a folder, with tiny packages that pip can download, and catalogue entries made of them."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from countersign.models.entry import (
    Conversion,
    Files,
    IndexArtefact,
    Job,
    Licence,
    ModelEntry,
    Pack,
    Source,
    SourceFile,
    TensorSpec,
)

SDIST_OPTIONS = ("--no-build-isolation", "--use-pep517")
CLOSED_PORT = "http://127.0.0.1:9/simple"


def entry(name: str, source: Source, data: bytes, *, terms: str | None = None) -> ModelEntry:
    """A catalogue entry for `data`, taken as it is."""
    return ModelEntry(
        name=name,
        job=Job.FACE_DETECTOR,
        pack=Pack.CORE,
        licence=Licence(spdx="MIT", training_data="none", terms=terms),
        upstream="https://example.org",
        provenance="made for a test",
        source=source,
        conversion=Conversion.NONE,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        inputs=(TensorSpec("x", (1,), "float32"),),
        outputs=(TensorSpec("y", (1,), "float32"),),
    )


def pinned(name: str, data: bytes, *urls: str) -> SourceFile:
    """A pinned file with these bytes."""
    return SourceFile(name=name, sha256=hashlib.sha256(data).hexdigest(), size=len(data), urls=urls)


def file_entry(name: str, data: bytes, *urls: str, terms: str | None = None) -> ModelEntry:
    """An entry whose source is one file."""
    return entry(name, Files(files=(pinned(f"{name}.onnx", data, *urls),)), data, terms=terms)


def publish_wheel(index: Path, project: str, data: bytes) -> ModelEntry:
    """Put a wheel that carries `data` into the index; gives the entry that pins it."""
    path = index / f"{project}-1.0-py3-none-any.whl"
    info = f"{project}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{project}/model.onnx", data)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    artefact = IndexArtefact(
        project=project,
        version="1.0",
        archive=pinned(path.name, path.read_bytes()),
        member=pinned(f"{project}/model.onnx", data),
    )
    return entry(project, artefact, data)


def publish_sdist(index: Path, project: str, data: bytes, *, marker: Path) -> ModelEntry:
    """Put a source archive into the index whose setup.py leaves `marker` behind when it is run."""
    path = index / f"{project}-1.0.tar.gz"
    top = f"{project}-1.0"
    files = {
        f"{top}/PKG-INFO": f"Metadata-Version: 1.0\nName: {project}\nVersion: 1.0\n".encode(),
        f"{top}/setup.py": f"open({str(marker)!r}, 'w').close()\nimport setuptools\nsetuptools.setup()\n".encode(),
        f"{top}/{project}/model.onnx": data,
    }
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    artefact = IndexArtefact(
        project=project,
        version="1.0",
        archive=pinned(path.name, path.read_bytes()),
        member=pinned(f"{top}/{project}/model.onnx", data),
        pip_options=("--no-binary", project, *SDIST_OPTIONS),
    )
    return entry(project, artefact, data)


def use(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pip know this index and no other."""
    _forget_settings(monkeypatch)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))


def cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pip and everything else know no network: only a port at which nobody listens."""
    _forget_settings(monkeypatch)
    monkeypatch.setenv("PIP_INDEX_URL", CLOSED_PORT)
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


def _forget_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
