"""Pinned files found in a folder tree by their bytes, whatever they are called there."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def default_folder() -> Path | None:
    """The folder of COUNTERSIGN_MODEL_SOURCE, else `../shared/models` beside the current folder; None when it is not there."""
    chosen = os.environ.get("COUNTERSIGN_MODEL_SOURCE")
    folder = Path(chosen) if chosen else Path("../shared/models")
    return folder if folder.is_dir() else None


class Folder:
    """A folder tree in which files are looked up by size, then by SHA-256.

    Args:
        root: the top of the tree; read once.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._by_size: dict[int, list[Path]] = {}
        for top, _, names in os.walk(root):
            for name in sorted(names):
                path = Path(top) / name
                if path.is_file():
                    self._by_size.setdefault(path.stat().st_size, []).append(path)

    def find(self, sha256: str, size: int) -> Path | None:
        """The file with exactly these bytes, or None."""
        for path in self._by_size.get(size, []):
            with path.open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() == sha256:
                    return path
        return None
