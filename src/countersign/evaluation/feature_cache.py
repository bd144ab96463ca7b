"""Features of files already seen, so that an evaluation that was stopped goes on where it was.

An entry is found by what it was made from: the file's SHA-256, what of the file was looked at, the models, and the
code that extracts. A change of any of these makes another name, so nothing outdated is ever found.

The cache holds biometric samples. Its folder is readable by its owner only, and is yours to delete.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

import countersign
from countersign.core.biometrics import ModelRef
from countersign.core.evidence import Features
from countersign.evaluation import feature_codec
from countersign.evaluation.trials import Kind

_EXTRACTING = ("core", "media", "models", "face", "voice", "pipeline")
_LIBRARIES = ("av", "numpy", "onnxruntime", "opencv-python-headless", "scipy", "soxr")


@cache
def code_revision() -> str:
    """SHA-256 over the source of all rooms that turn a file into features, and the versions of the libraries they use."""
    root = Path(countersign.__file__).parent
    digest = hashlib.sha256()
    for name in _EXTRACTING:
        place = root / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library}=={metadata.version(library)}\n".encode())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureCache:
    """A folder of features.

    Attributes:
        folder: made when first needed.
        revision: of the code that extracts; see `code_revision`.
        models: SHA-256 of each model involved, by name.
    """

    folder: Path
    revision: str
    models: tuple[str, ...]

    @classmethod
    def at(cls, folder: Path, *, models: Iterable[ModelRef], revision: str) -> FeatureCache:
        """The cache in `folder` for these models and this code."""
        return cls(folder=folder, revision=revision, models=tuple(sorted(f"{ref.name}:{ref.sha256}" for ref in models)))

    def key(self, sha256: str, kind: Kind) -> str:
        """Name of the entry for a file: hexadecimal, 64 characters."""
        # A video's pictures are the same whether or not the row is called a video or a photo.
        looked_at = "+".join(sorted(kind.modalities))
        parts = (sha256, looked_at, self.revision, *self.models)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def get(self, key: str) -> Features | None:
        """The features under `key`, or None when there are none or the entry is broken."""
        try:
            data = self._path(key).read_bytes()
        except OSError:
            return None
        return feature_codec.decode(data, key=key)

    def put(self, key: str, features: Features) -> None:
        """Store `features`. Another process that stores the same at the same time does no harm."""
        path = self._path(key)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(exist_ok=True)
        data = feature_codec.encode(features, key=key)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.npz"
