"""The input of an evaluation: a CSV file that says who shows what, as whom.

Columns ``subject,attempt,role,kind,path,text,species,words,turn`` (those from `text` on may be left out, further columns are
ignored), UTF-8, paths relative to the file. Rows with the same subject, attempt and role make ONE presentation; all
enrolment presentations of a subject make the subject's references. Every probe is compared with every enrolled subject: with its
own subject that comparison is mated, with any other non-mated. A probe of a subject without enrolment is an unknown
impostor. An attack names its target as subject and is compared with that target only (ISO/IEC 30107-3, 3.1).

Messages name lines, never people or files.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path
from typing import TypeVar

from countersign.core.biometrics import Modality
from countersign.core.errors import ErrorCode, TrialsError
from countersign.evaluation.challenges import Asked

COLUMNS = ("subject", "attempt", "role", "kind", "path", "text", "species", "words", "turn")
_OPTIONAL = frozenset({"text", "species", "words", "turn"})
_Member = TypeVar("_Member", bound=StrEnum)


@unique
class Role(StrEnum):
    """What a presentation is for."""

    ENROL = "enrol"
    PROBE = "probe"
    ATTACK = "attack"
    SEEN = "seen"
    """A recording that the system saw before: remembered, so that it is known again, and compared with nobody."""


@unique
class Kind(StrEnum):
    """What of a file is looked at: a picture, a sound, the pictures of a video, or a video with its sound."""

    FACE = "face"
    VOICE = "voice"
    VIDEO = "video"
    AV = "av"

    @property
    def modalities(self) -> frozenset[Modality]:
        """What a file of this kind offers."""
        if self is Kind.AV:
            return frozenset(Modality)
        return frozenset({Modality.VOICE if self is Kind.VOICE else Modality.FACE})


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """One row's file.

    Attributes:
        path: as it can be opened.
        kind: what of it counts.
        text: what is said in it, or "".
    """

    path: Path
    kind: Kind
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPresentation:
    """All rows of one subject, attempt and role.

    Attributes:
        subject: whose it is; of an attack, the target.
        species: presentation attack instrument species, of an attack only, else "".
        files: at least one, in the order of the rows.
        asked: the challenge that its one file answers; None for a comparison alone.
    """

    subject: str
    attempt: str
    role: Role
    species: str
    files: tuple[MediaFile, ...]
    asked: Asked | None = None

    @property
    def offered(self) -> frozenset[Modality]:
        """The modalities that its files offer."""
        return frozenset().union(*(file.kind.modalities for file in self.files))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """A whole file of trials.

    Attributes:
        enrolments: presentations by subject, in the order of the rows.
        tests: probes and attacks, in the order of the rows.
        seen: what the system saw before.
    """

    enrolments: Mapping[str, tuple[TrialPresentation, ...]]
    tests: tuple[TrialPresentation, ...]
    seen: tuple[TrialPresentation, ...] = ()

    @property
    def presentations(self) -> Iterator[TrialPresentation]:
        """All, enrolments first."""
        for group in self.enrolments.values():
            yield from group
        yield from self.tests

    @property
    def comparisons(self) -> int:
        """How many comparisons these trials call for, before any failure."""
        probes = sum(test.role is Role.PROBE for test in self.tests)
        return probes * len(self.enrolments) + len(self.tests) - probes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    line: int
    subject: str
    attempt: str
    role: Role
    species: str
    file: MediaFile
    asked: Asked | None


def read_trials(path: Path) -> Trials:
    """Read and check a file of trials.

    Raises:
        TrialsError: TRIALS_INVALID, with the number of the line and what is wrong with it.
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise _invalid(f"the file of trials cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _invalid("not UTF-8 text", line) from None
    return _assemble(list(_rows(text, path.parent)))


def _rows(text: str, folder: Path) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header)
        for values in reader:
            if any(value.strip() for value in values):
                yield _row(header, [value.strip() for value in values], reader.line_num, folder)
    except csv.Error as error:
        raise _invalid(f"not CSV: {error}", reader.line_num) from None


def _check_header(header: list[str]) -> None:
    missing = [name for name in COLUMNS if name not in header and name not in _OPTIONAL]
    if missing:
        raise _invalid(f"missing columns: {', '.join(missing)}", 1)
    twice = sorted({name for name in header if name in COLUMNS and header.count(name) > 1})
    if twice:
        raise _invalid(f"columns given twice: {', '.join(twice)}", 1)


def _row(header: list[str], values: list[str], line: int, folder: Path) -> _Row:
    if len(values) != len(header):
        raise _invalid(f"{len(values)} values where the header names {len(header)} columns", line)
    cells = dict(zip(header, values, strict=True))
    empty = [name for name in COLUMNS if name not in _OPTIONAL and not cells[name]]
    if empty:
        raise _invalid(f"empty: {', '.join(empty)}", line)
    role, kind = _member(Role, "role", cells["role"], line), _member(Kind, "kind", cells["kind"], line)
    species = cells.get("species", "")
    if role is Role.ATTACK and not species:
        raise _invalid("an attack needs a species", line)
    path = folder / cells["path"]
    if not _is_file(path):
        raise _invalid("the path leads to no file", line)
    return _Row(
        line=line,
        subject=cells["subject"],
        attempt=cells["attempt"],
        role=role,
        species=species if role is Role.ATTACK else "",
        file=MediaFile(path=path, kind=kind, text=cells.get("text", "")),
        asked=_asked(cells, role, kind, line),
    )


def _asked(cells: Mapping[str, str], role: Role, kind: Kind, line: int) -> Asked | None:
    try:
        asked = Asked.parse(cells.get("words", ""), cells.get("turn", ""))
    except ValueError as error:
        raise _invalid(str(error), line) from None
    if asked is not None and (kind is not Kind.AV or role not in {Role.PROBE, Role.ATTACK}):
        raise _invalid("only a probe or an attack of kind av answers a challenge", line)
    return asked


def _assemble(rows: Iterable[_Row]) -> Trials:
    groups: dict[tuple[Role, str, str], list[_Row]] = {}
    seen: dict[tuple[Role, str, str, MediaFile], int] = {}
    for row in rows:
        key = (row.role, row.subject, row.attempt)
        first = seen.setdefault((*key, MediaFile(path=row.file.path, kind=row.file.kind)), row.line)
        if first != row.line:
            raise _invalid(f"the same file in the same presentation as on line {first}", row.line)
        group = groups.setdefault(key, [])
        group.append(row)
        if group[0].species != row.species:
            raise _invalid(f"another species than line {group[0].line} of the same presentation", row.line)

    enrolments: dict[str, tuple[TrialPresentation, ...]] = {}
    for (role, subject, _), group in groups.items():
        if role is Role.ENROL:
            enrolments[subject] = (*enrolments.get(subject, ()), _presentation(group))
    tests = [group for (role, _, _), group in groups.items() if role in {Role.PROBE, Role.ATTACK}]
    earlier = [group for (role, _, _), group in groups.items() if role is Role.SEEN]
    for group in tests:
        if len(group) > 1 and any(row.asked is not None for row in group):
            raise _invalid("what answers a challenge is one file", group[1].line)
        if group[0].role is Role.ATTACK and group[0].subject not in enrolments:
            raise _invalid("the target of this attack has no enrolment rows", group[0].line)
    if not enrolments or not tests:
        raise _invalid("at least one enrol row and one probe or attack row are needed")
    return Trials(
        enrolments=enrolments, tests=tuple(map(_presentation, tests)), seen=tuple(map(_presentation, earlier))
    )


def _presentation(group: list[_Row]) -> TrialPresentation:
    first = group[0]
    return TrialPresentation(
        subject=first.subject,
        attempt=first.attempt,
        role=first.role,
        species=first.species,
        files=tuple(row.file for row in group),
        asked=first.asked,
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # for example a name that is too long
        return False


def _member(kind: type[_Member], column: str, value: str, line: int) -> _Member:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(kind)
        raise _invalid(f"{column} is none of {known}", line) from None


def _invalid(reason: str, line: int | None = None) -> TrialsError:
    return TrialsError(ErrorCode.TRIALS_INVALID, reason if line is None else f"line {line}: {reason}")
