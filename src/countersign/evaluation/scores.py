"""Comparisons as columns: a million of them must fit, so there is no object for each."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, assert_never

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float64Array
from countersign.core.biometrics import Modality
from countersign.core.decisions import Accepted, Decision, Rejected, Retry
from countersign.core.evidence import LLR, Comparison, Evidence
from countersign.evaluation.acquire import Acquired
from countersign.evaluation.trials import Role

_Scalar = TypeVar("_Scalar", bound=np.generic)
HEADER = (
    "role",
    "species",
    "subject",
    "attempt",
    "reference",
    "mated",
    "face_score",
    "face_llr",
    "voice_score",
    "voice_llr",
    "fused_llr",
    "decision",
    "reason",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTable:
    """One row for each comparison that was tried. What was not compared is NaN.

    Attributes:
        test: `int64[n]`, index of the probe or attack.
        reference: `int64[n]`, index of the enrolled subject.
        scores, llrs: `float64[n]` by modality; LLRs in nats.
        fused: `float64[n]`, nats.
        side: `float64[n]` by modality and name of the side information.
        accepted: `bool[n]`.
        verdicts: decision and reason of each row, `int64[n]`, index into `vocabulary`.
        vocabulary: pairs of decision and reason.
        calibrations: identities of all that made the fused log-likelihood ratios.
        comparators: name of the comparator, by modality compared.
    """

    test: NDArray[np.int64]
    reference: NDArray[np.int64]
    scores: Mapping[Modality, Float64Array]
    llrs: Mapping[Modality, Float64Array]
    fused: Float64Array
    side: Mapping[Modality, Mapping[str, Float64Array]]
    verdicts: NDArray[np.int64]
    vocabulary: tuple[tuple[str, str], ...]
    calibrations: frozenset[str]
    comparators: Mapping[Modality, str]

    @property
    def accepted(self) -> NDArray[np.bool_]:
        """`bool[n]`: which comparisons the profile would have let in."""
        verdicts = np.array([decision == "accepted" for decision, _ in self.vocabulary], dtype=np.bool_)
        return verdicts[self.verdicts]

    def __len__(self) -> int:
        return len(self.test)


class TableBuilder:
    """Grows a `ScoreTable` row by row."""

    def __init__(self) -> None:
        self._pairs: list[tuple[int, int]] = []
        self._figures: list[tuple[float, float, float, float, float]] = []
        self._side: dict[tuple[Modality, str], dict[int, float]] = {}
        self._verdicts: list[int] = []
        self._vocabulary: dict[tuple[str, str], int] = {}
        self._calibrations: set[str] = set()
        self._comparators: dict[Modality, str] = {}

    def add(
        self, test: int, reference: int, evidence: Evidence, decision: Decision, failures: Mapping[Modality, str]
    ) -> None:
        """Append one comparison."""
        face, voice = evidence.face, evidence.voice
        fused = math.nan
        if isinstance(evidence.fused, LLR):
            fused = evidence.fused.value
            self._calibrations.add(evidence.fused.calibration)
        for modality, result in ((Modality.FACE, face), (Modality.VOICE, voice)):
            if isinstance(result, Comparison):
                self._comparators[modality] = result.score.comparator
                for name, value in result.score.side.items():
                    self._side.setdefault((modality, name), {})[len(self._pairs)] = value
        self._pairs.append((test, reference))
        self._figures.append((*_figures(face), *_figures(voice), fused))
        verdict = verdict_of(decision, failures)
        self._verdicts.append(self._vocabulary.setdefault(verdict, len(self._vocabulary)))

    def table(self) -> ScoreTable:
        """All rows so far."""
        pairs = np.array(self._pairs, dtype=np.int64).reshape(-1, 2)
        figures = np.array(self._figures, dtype=np.float64).reshape(-1, 5)
        side: dict[Modality, dict[str, Float64Array]] = {modality: {} for modality in Modality}
        for (modality, name), values in self._side.items():
            column = np.full(len(pairs), np.nan)
            column[list(values)] = list(values.values())
            side[modality][name] = column
        return ScoreTable(
            test=pairs[:, 0],
            reference=pairs[:, 1],
            scores={Modality.FACE: figures[:, 0], Modality.VOICE: figures[:, 2]},
            llrs={Modality.FACE: figures[:, 1], Modality.VOICE: figures[:, 3]},
            fused=figures[:, 4],
            side=side,
            verdicts=np.array(self._verdicts, dtype=np.int64),
            vocabulary=tuple(self._vocabulary),
            calibrations=frozenset(self._calibrations),
            comparators=self._comparators,
        )


def verdict_of(decision: Decision, failures: Mapping[Modality, str]) -> tuple[str, str]:
    """Decision and reason as they stand in ``scores.csv``."""
    lost = [f"{modality}:{reason}" for modality, reason in sorted(failures.items())]
    match decision:
        case Accepted():
            return "accepted", ""
        case Retry():
            return "retry", " ".join(lost)
        case Rejected():
            return "rejected", " ".join([*(str(reason) for reason in decision.reasons), *lost])
        case _:
            assert_never(decision)


def joined(tables: Sequence[ScoreTable]) -> ScoreTable:
    """All rows of `tables`, in their order."""
    vocabulary: dict[tuple[str, str], int] = {}
    verdicts = []
    tables = tables or [TableBuilder().table()]
    for table in tables:
        numbers = [vocabulary.setdefault(verdict, len(vocabulary)) for verdict in table.vocabulary]
        verdicts.append(np.array(numbers, dtype=np.int64)[table.verdicts])
    names = {modality: sorted({name for table in tables for name in table.side[modality]}) for modality in Modality}
    return ScoreTable(
        test=_stack(table.test for table in tables),
        reference=_stack(table.reference for table in tables),
        scores={modality: _stack(table.scores[modality] for table in tables) for modality in Modality},
        llrs={modality: _stack(table.llrs[modality] for table in tables) for modality in Modality},
        fused=_stack(table.fused for table in tables),
        side={
            modality: {
                name: _stack(table.side[modality].get(name, np.full(len(table), np.nan)) for table in tables)
                for name in names[modality]
            }
            for modality in Modality
        },
        verdicts=_stack(verdicts),
        vocabulary=tuple(vocabulary),
        calibrations=frozenset[str]().union(*(table.calibrations for table in tables)),
        comparators={modality: name for table in tables for modality, name in table.comparators.items()},
    )


def write_scores(path: Path, table: ScoreTable, tests: Sequence[Acquired], references: Sequence[str]) -> None:
    """Write ``scores.csv``: one row for each comparison, figures left empty where nothing was compared."""
    columns = [
        table.scores[Modality.FACE],
        table.llrs[Modality.FACE],
        table.scores[Modality.VOICE],
        table.llrs[Modality.VOICE],
        table.fused,
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for row in range(len(table)):
            shown = tests[table.test[row]].presentation
            reference = references[table.reference[row]]
            mated = "" if shown.role is Role.ATTACK else int(shown.subject == reference)
            figures = ["" if math.isnan(column[row]) else f"{column[row]:.6f}" for column in columns]
            who = (shown.role.value, shown.species, shown.subject, shown.attempt, reference, mated)
            writer.writerow((*who, *figures, *table.vocabulary[table.verdicts[row]]))


def _figures(result: object) -> tuple[float, float]:
    return (result.score.value, result.llr.value) if isinstance(result, Comparison) else (math.nan, math.nan)


def _stack(parts: Iterable[NDArray[_Scalar]]) -> NDArray[_Scalar]:
    return np.concatenate(list(parts))
