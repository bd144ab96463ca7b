"""People as folders: what files they have, by kind. Below a person's folder anything may be nested."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from countersign.core.errors import ErrorCode, TrialsError
from countersign.evaluation.people import side_of
from countersign.evaluation.trials import Kind

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
SOUNDS = frozenset({".wav", ".flac", ".opus", ".ogg", ".oga", ".mp3", ".m4a"})
VIDEOS = frozenset({".mp4", ".m4v", ".webm", ".mov", ".avi", ".mkv", ".mpg", ".mpeg", ".gif"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One file of a person.

    Attributes:
        path: as it can be opened.
        kind: told by the suffix.
        text: what is said in it, where an ``index.csv`` tells, else "".
        seconds: how long it is, where an ``index.csv`` tells.
    """

    path: Path
    kind: Kind
    text: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A folder and its samples, in the order of their names."""

    name: str
    samples: tuple[Sample, ...]


def people_in(
    root: Path, *, people: str = "all", video: Kind = Kind.AV, keep: Callable[[Sample], bool] = lambda _: True
) -> tuple[Person, ...]:
    """The people whose folders lie in `root`, by name; those without a sample are left out.

    Args:
        root: each folder in it is a person. ``index.csv`` in it, with columns ``file``, ``text`` and ``seconds``,
            tells what is said and how long.
        people: "develop", "report" (see `countersign.evaluation.people`) or "all".
        video: what a video counts as, `Kind.AV` or `Kind.VIDEO`.
        keep: which samples to consider.

    Raises:
        TrialsError: TRIALS_INVALID when there is nobody.
    """
    facts = _index(root)
    found = []
    for folder in sorted(item for item in root.iterdir() if item.is_dir()) if root.is_dir() else []:
        if people in {"all", side_of(folder.name)}:
            samples = tuple(sample for sample in _samples(root, folder, video, facts) if keep(sample))
            if samples:
                found.append(Person(name=folder.name, samples=samples))
    if not found:
        raise TrialsError(ErrorCode.TRIALS_INVALID, "no folder holds pictures, sounds or videos of a person")
    return tuple(found)


def _samples(root: Path, folder: Path, video: Kind, facts: Mapping[str, Mapping[str, str]]) -> Iterator[Sample]:
    for path in sorted(folder.rglob("*")):
        kind = _kind(path, video)
        if kind is not None and path.is_file():
            fact = facts.get(path.relative_to(root).as_posix(), {})
            seconds = float(fact["seconds"]) if fact.get("seconds") else None
            yield Sample(path=path, kind=kind, text=fact.get("text", ""), seconds=seconds)


def _kind(path: Path, video: Kind) -> Kind | None:
    suffix = path.suffix.lower()
    if suffix in PICTURES:
        return Kind.FACE
    if suffix in SOUNDS:
        return Kind.VOICE
    return video if suffix in VIDEOS else None


def _index(root: Path) -> dict[str, dict[str, str]]:
    """Facts by file, from the nearest ``index.csv`` at or one above `root`."""
    for folder in (root, root.parent):
        index = folder / "index.csv"
        if index.is_file():
            with index.open(encoding="utf-8-sig", newline="") as file:
                rows = [row for row in csv.DictReader(file) if row.get("file")]
            prefix = "" if folder == root else f"{root.name}/"
            return {row["file"].removeprefix(prefix): row for row in rows}
    return {}
