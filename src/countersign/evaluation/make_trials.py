"""Makes a file of trials from folders of people. The same folders and the same seed make the same file.

A chimeric person (Poh and Bengio, 2006) has the face of one person and the voice of another, a pair drawn once and kept.
It stands in for recordings that show and sound the same person, where there are none; figures from it must say so.
"""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from countersign.core.errors import ErrorCode, TrialsError
from countersign.evaluation.folders import Person, Sample
from countersign.evaluation.trials import COLUMNS, Kind, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a person's samples become presentations.

    Attributes:
        enrol: enrolment samples of each person.
        probes: most probe presentations of each person, or None for all that remain.
        enrol_from, probe_from: folder inside the person's that enrolment and probes come from, or "" for any.
        seed: of the choice.
    """

    enrol: int
    probes: int | None = None
    enrol_from: str = ""
    probe_from: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """One row of the file."""

    subject: str
    attempt: str
    role: Role
    sample: Sample


def single(people: Sequence[Person], plan: Plan) -> list[TrialRow]:
    """Each probe sample a presentation of its own.

    Who has too few samples to be enrolled and probed is left out.

    Raises:
        TrialsError: nobody has enough.
    """
    rows: list[TrialRow] = []
    for person in people:
        chosen = _choose(person, plan)
        if chosen is not None:
            rows += _rows(person.name, Role.ENROL, [[sample] for sample in chosen[0]])
            rows += _rows(person.name, Role.PROBE, [[sample] for sample in chosen[1]])
    return _not_empty(rows)


def chimeric(faces: Sequence[Person], voices: Sequence[Person], face_plan: Plan, voice_plan: Plan) -> list[TrialRow]:
    """Faces paired with voices, person by person; each probe has one sample of either.

    There are as many people as the smaller set has, and as many probes of each as its smaller half has.

    Raises:
        TrialsError: nobody has enough.
    """
    chosen_faces = [(person.name, chosen) for person in faces if (chosen := _choose(person, face_plan))]
    chosen_voices = [(person.name, chosen) for person in voices if (chosen := _choose(person, voice_plan))]
    random.Random(f"{face_plan.seed}:pairs").shuffle(chosen_voices)  # noqa: S311 - reproducible, not secret
    rows: list[TrialRow] = []
    for (face, face_samples), (voice, voice_samples) in zip(chosen_faces, chosen_voices, strict=False):
        subject = f"{face}+{voice}"
        rows += _rows(subject, Role.ENROL, [[sample] for sample in (*face_samples[0], *voice_samples[0])])
        rows += _rows(
            subject, Role.PROBE, [list(pair) for pair in zip(face_samples[1], voice_samples[1], strict=False)]
        )
    return _not_empty(rows)


def write_trials(path: Path, rows: Iterable[TrialRow]) -> None:
    """Write the file; paths are relative to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            place = Path(os.path.relpath(row.sample.path.resolve(), path.parent.resolve())).as_posix()
            writer.writerow((row.subject, row.attempt, row.role, row.sample.kind, place, row.sample.text, "", "", ""))


def _choose(person: Person, plan: Plan) -> tuple[list[Sample], list[Sample]] | None:
    """Enrolment and probe samples of a person, or None where there are not enough."""
    shuffled = list(person.samples)
    random.Random(f"{plan.seed}:{person.name}").shuffle(shuffled)  # noqa: S311 - reproducible, not secret
    enrol = [sample for sample in shuffled if _within(sample, plan.enrol_from)][: plan.enrol]
    probes = [sample for sample in shuffled if sample not in enrol and _within(sample, plan.probe_from)]
    return (enrol, probes[: plan.probes]) if len(enrol) == plan.enrol and probes else None


def _within(sample: Sample, folder: str) -> bool:
    return not folder or folder in sample.path.parent.parts


def _rows(subject: str, role: Role, presentations: Iterable[Sequence[Sample]]) -> list[TrialRow]:
    return [
        TrialRow(subject=subject, attempt=str(number), role=role, sample=sample)
        for number, samples in enumerate(presentations, start=1)
        for sample in samples
    ]


def _not_empty(rows: list[TrialRow]) -> list[TrialRow]:
    if not rows:
        raise TrialsError(ErrorCode.TRIALS_INVALID, "nobody has enough samples to be enrolled and tested")
    return rows


def of_kind(people: Iterable[Person], kinds: frozenset[Kind]) -> tuple[Person, ...]:
    """`people` with the samples of `kinds` alone, without those who have none."""
    kept = ((person.name, tuple(s for s in person.samples if s.kind in kinds)) for person in people)
    return tuple(Person(name=name, samples=samples) for name, samples in kept if samples)
