"""Words as chains of states, many side by side in flat arrays, so that a step of a search is a few array operations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float32Array
from countersign.liveness.acoustics.model import SILENCE, AcousticModel, Position

Pronunciation: TypeAlias = tuple[str, ...]
"""Names of phones, at least one."""

STATES_PER_PHONE = 3


@dataclass(slots=True)
class Columns:
    """The distinct sets of tied states that chains refer to; a set is as likely as its likeliest member.

    A phone at a word's edge has several contexts, silence or the neighbouring word, and which one was spoken is open.
    """

    _at: dict[tuple[int, ...], int] = field(default_factory=dict)

    def add(self, states: Iterable[int]) -> int:
        """The column of a set of tied states."""
        return self._at.setdefault(tuple(sorted(set(states))), len(self._at))

    def copy(self) -> Columns:
        """One that can be added to; the columns so far keep their numbers."""
        return Columns(dict(self._at))

    def scores(self, model: AcousticModel, features: Float32Array) -> Float32Array:
        """`float32[frames, columns]`, natural logarithms."""
        states = np.array(sorted({state for key in self._at for state in key}), np.int64)
        each = model.log_likelihoods(features, states)
        width = max(map(len, self._at))
        padded = np.array([key + key[:1] * (width - len(key)) for key in self._at], np.int64)
        members = np.searchsorted(states, padded)
        best = each[:, members[:, 0]]
        for k in range(1, width):
            several = np.flatnonzero(members[:, k] != members[:, 0])
            best[:, several] = np.maximum(best[:, several], each[:, members[several, k]])
        return best


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chains:
    """Left-to-right chains, one after another in flat arrays.

    Attributes:
        column: `int64[s]`, the column of scores of each state.
        stay: `float32[s]`, cost (a natural logarithm, at most 0) of staying in a state.
        step: `float32[s]`, cost of coming from the state before; for a chain's first state, of entering the chain.
        leave: `float32[k]`, cost of leaving each chain after its last state.
        first, last: `int64[k]`, each chain's ends.
    """

    column: NDArray[np.int64]
    stay: Float32Array
    step: Float32Array
    leave: Float32Array
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    def mirrored(self) -> Chains:
        """The same chains, last first and back to front: forward in time through these is backward through those."""
        size = len(self.column)
        step = np.empty_like(self.step)
        step[1:] = self.step[:0:-1]
        step[size - 1 - self.last] = self.leave
        return Chains(
            column=self.column[::-1],
            stay=self.stay[::-1],
            step=step,
            leave=self.step[self.first][::-1],
            first=(size - 1 - self.last)[::-1],
            last=(size - 1 - self.first)[::-1],
        )


@dataclass(slots=True)
class ChainBuilder:
    """Strings models of phones together."""

    model: AcousticModel
    columns: Columns
    _column: list[int] = field(default_factory=list)
    _stay: list[float] = field(default_factory=list)
    _step: list[float] = field(default_factory=list)
    _leave: list[float] = field(default_factory=list)
    _first: list[int] = field(default_factory=list)

    def phone(self, name: str) -> None:
        """Add a chain of one phone in no context."""
        self._chain([[self.model.phone(name)]])

    def word(self, phones: Pronunciation, *, before: Iterable[str] = (), after: Iterable[str] = ()) -> None:
        """Add a chain for a word.

        Args:
            phones: how it is said.
            before: phones that may stand before it; silence always may.
            after: likewise, after it.
        """
        number = self.model.phone
        middle = [number(phone) for phone in phones]
        left = [number(phone) for phone in (SILENCE, *before)]
        right = [number(phone) for phone in (SILENCE, *after)]
        models = []
        for k, base in enumerate(middle):
            begins, ends = k == 0, k == len(middle) - 1
            position = Position.SINGLE if begins and ends else Position.BEGIN if begins else Position.INTERNAL
            position = Position.END if ends and not begins else position
            contexts = product(left if begins else middle[k - 1 : k], right if ends else middle[k + 1 : k + 2])
            models.append([self.model.in_context(base, x, y, position) for x, y in contexts])
        self._chain(models)

    def build(self) -> Chains:
        """All chains added so far, in the order in which they were."""
        first = np.array(self._first, np.int64)
        return Chains(
            column=np.array(self._column, np.int64),
            stay=np.array(self._stay, np.float32),
            step=np.array(self._step, np.float32),
            leave=np.array(self._leave, np.float32),
            first=first,
            last=np.append(first[1:], len(self._column)) - 1,
        )

    def _chain(self, models: Sequence[Sequence[int]]) -> None:
        """Add a chain; `models` are the alternatives for each of its phones."""
        self._first.append(len(self._column))
        moved = 0.0
        for alternatives in models:
            # All contexts of a phone share its transition matrix.
            matrix = self.model.matrices[alternatives[0]]
            for k in range(STATES_PER_PHONE):
                self._column.append(self.columns.add(int(self.model.states[number, k]) for number in alternatives))
                self._stay.append(float(self.model.stay[matrix, k]))
                self._step.append(moved)
                moved = float(self.model.move[matrix, k])
        self._leave.append(moved)
