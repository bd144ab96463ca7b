"""Where installed models are kept: one folder of files, each named after its model and its hash."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from filelock import FileLock

from countersign.core.errors import ErrorCode, ModelError
from countersign.models.entry import Conversion, ModelEntry

LOCK_NAME = ".lock"


@dataclass(frozen=True, slots=True)
class ModelStore:
    """A folder of installed models. Several processes may use the same one.

    A file appears under its final name only when it is whole: it is written beside it and renamed.

    Attributes:
        root: the folder; made when the first model is installed.
    """

    root: Path

    @classmethod
    def default(cls) -> ModelStore:
        """The store of the environment variable COUNTERSIGN_MODELS, else the user's cache folder."""
        chosen = os.environ.get("COUNTERSIGN_MODELS")
        return cls(Path(chosen) if chosen else platformdirs.user_cache_path("countersign") / "models")

    def path(self, entry: ModelEntry) -> Path:
        """Where the entry's file is or would be. The hash is part of the name, so versions do not overwrite each other."""
        kind = "onnx" if entry.on_load is Conversion.NONE else "source"
        return self.root / f"{entry.name}-{entry.sha256[:12]}.{kind}"

    def has(self, entry: ModelEntry) -> bool:
        """Whether a file of the right size stands in its place. `read` judges its bytes."""
        try:
            return self.path(entry).stat().st_size == entry.size
        except OSError:
            return False

    def read(self, entry: ModelEntry) -> bytes:
        """The installed file's bytes, verified.

        Raises:
            ModelError: MODEL_MISSING when it is not installed, MODEL_HASH_MISMATCH when its bytes are not the catalogue's.
        """
        path = self.path(entry)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise ModelError(
                ErrorCode.MODEL_MISSING,
                f"Model {entry.name} is not installed; run: countersign models pull --pack {entry.pack}",
            ) from None
        self._verify(entry, data)
        return data

    def install(self, entry: ModelEntry, data: bytes) -> Path:
        """Put a model in its place, if its bytes are the catalogue's.

        Raises:
            ModelError: MODEL_HASH_MISMATCH; nothing is written then.
        """
        self._verify(entry, data)
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.root, prefix=".", suffix=".part", delete=False) as part:
            temporary = Path(part.name)
            try:
                part.write(data)
                part.flush()
                os.fsync(part.fileno())
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        temporary.replace(self.path(entry))
        return self.path(entry)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store for writing, so that two processes do not fetch the same files at once. Waits for the other."""
        self.root.mkdir(parents=True, exist_ok=True)
        with FileLock(self.root / LOCK_NAME):
            yield

    @staticmethod
    def _verify(entry: ModelEntry, data: bytes) -> None:
        found = hashlib.sha256(data).hexdigest()
        if found != entry.sha256:
            raise ModelError(
                ErrorCode.MODEL_HASH_MISMATCH,
                f"Model {entry.name} has SHA-256 {found}, the catalogue says {entry.sha256}; it is not used",
            )
