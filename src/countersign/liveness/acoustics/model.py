"""An acoustic model: how likely a piece of sound is in each state of each phone, in its context.

Phonetically tied mixtures (Hwang, 1993; CMU Sphinx "ptm"): every phone has one codebook of Gaussians for each of three
feature streams, shared by all its states in all contexts, which differ in their mixture weights. So the Gaussians of a
frame are evaluated once, by matrix products, and every state of every word that anybody might want costs one more column.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, unique
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float32Array, Float64Array
from countersign.core.biometrics import ModelRef
from countersign.core.errors import ErrorCode, ModelError
from countersign.liveness.acoustics.sphinx_files import (
    Definition,
    read_definition,
    read_gaussians,
    read_mixture_weights,
    read_transitions,
)

NAME = "sphinx-en-us"
FILES = ("mdef", "means", "variances", "sendump", "transition_matrices")
ENGLISH_SHA256 = "4510f54914abf00af2e295dfbc092d8373efebb216882aee7b7e3ace48b0ac63"
"""Of the files' own SHA-256 digests, in the order of `FILES`: the model that everything here was measured with."""

SILENCE = "SIL"
FILLERS = (SILENCE, "+NSN+", "+SPN+")
"""Silence, noise, and speech that is no word."""

_Int = TypeVar("_Int", np.int64, NDArray[np.int64])
_MOST_PHONES = 256
_VARIANCE_FLOOR = 1e-4
WEIGHT_STEP = 1024 * np.log(1.0001)
"""Nats in one step of a mixture weight on file."""


@unique
class Position(IntEnum):
    """Where in a word a phone stands; the numbers are those of the model definition."""

    INTERNAL = 0
    BEGIN = 1
    END = 2
    SINGLE = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AcousticModel:
    """A model, read once and shared by all threads; nothing in it changes.

    Attributes:
        ref: names the exact files.
        names: the phones; a phone's number is its index.
        states: `int64[n, 3]`, the tied states of every phone in every context.
        matrices: `int64[n]`, which transition matrix each has.
        stay, move: `float64[matrices, 3]`, natural logarithms of staying in a state and of moving to the next.
    """

    ref: ModelRef
    names: tuple[str, ...]
    states: NDArray[np.int64]
    matrices: NDArray[np.int64]
    stay: Float64Array
    move: Float64Array
    _keys: NDArray[np.int64] = field(repr=False)
    _numbers: NDArray[np.int64] = field(repr=False)
    _codebook: NDArray[np.int64] = field(repr=False)
    _gaussians: Float32Array = field(repr=False)
    _weights: Float32Array = field(repr=False)

    @classmethod
    def read(cls, folder: Path, *, name: str = NAME, sha256: str = ENGLISH_SHA256) -> AcousticModel:
        """Read a model.

        Args:
            folder: holds `FILES`.
            name: for messages and calibrations.
            sha256: what the files must be.

        Raises:
            ModelError: MODEL_MISSING, MODEL_HASH_MISMATCH or MODEL_UNREADABLE.
        """
        try:
            content = {file: (folder / file).read_bytes() for file in FILES}
        except OSError as error:
            raise ModelError(ErrorCode.MODEL_MISSING, f"The acoustic model {name} lacks {error.filename}") from error
        if (found := digest(content)) != sha256:
            raise ModelError(ErrorCode.MODEL_HASH_MISMATCH, f"The acoustic model {name} is {found}, not {sha256}")
        try:
            return cls._from_files(content, ModelRef(name=name, sha256=found))
        except (ValueError, struct.error) as error:
            raise ModelError(ErrorCode.MODEL_UNREADABLE, f"The acoustic model {name}: {error}") from error

    @classmethod
    def english(cls) -> AcousticModel:
        """The model of US English in the pocketsphinx wheel, whose code is not loaded.

        Raises:
            ModelError: as `read`.
        """
        return cls.read(wheel_folder() / "en-us" / "en-us")

    @classmethod
    def _from_files(cls, content: Mapping[str, bytes], ref: ModelRef) -> AcousticModel:
        definition = read_definition(content["mdef"])
        means = read_gaussians(content["means"]).astype(np.float64)
        variances = np.maximum(read_gaussians(content["variances"]).astype(np.float64), _VARIANCE_FLOOR)
        weights = read_mixture_weights(content["sendump"], streams=means.shape[1])[:, :, : definition.state_count]
        matrices = read_transitions(content["transition_matrices"]).astype(np.float64)
        matrices = np.log(matrices / matrices.sum(axis=2, keepdims=True), where=matrices > 0, out=matrices * 0 - np.inf)
        base = len(definition.names)
        keys = _key(*definition.context.T)
        order = np.argsort(keys)
        return cls(
            ref=ref,
            names=definition.names,
            states=definition.states,
            matrices=definition.transitions,
            stay=np.stack([matrices[:, k, k] for k in range(3)], axis=1),
            move=np.stack([matrices[:, k, k + 1] for k in range(3)], axis=1),
            _keys=keys[order],
            _numbers=base + order,
            _codebook=_codebooks(definition),
            _gaussians=_linear_form(means, variances),
            _weights=np.exp(weights.astype(np.float32) * np.float32(-WEIGHT_STEP)),
        )

    def phone(self, name: str) -> int:
        """The number of a phone.

        Raises:
            ValueError: the model has none of that name.
        """
        return self.names.index(name)

    def in_context(self, base: int, left: int, right: int, position: Position) -> int:
        """The number of the model for a phone between two others, or the nearest there is.

        In this order: the same between the same in another position; with silence beyond a word's edge; the phone alone.
        """
        silence = self.phone(SILENCE)
        outer_left = silence if position in {Position.BEGIN, Position.SINGLE} else left
        outer_right = silence if position in {Position.END, Position.SINGLE} else right
        for x, y in ((left, right), (outer_left, outer_right)):
            for where in (position, *(other for other in Position if other is not position)):
                key = _key(np.int64(where), np.int64(base), np.int64(x), np.int64(y))
                at = int(np.searchsorted(self._keys, key))
                if at < len(self._keys) and self._keys[at] == key:
                    return int(self._numbers[at])
        return base

    def log_likelihoods(self, features: Float32Array, states: NDArray[np.int64]) -> Float32Array:
        """`float32[frames, k]` of `float32[frames, streams, values]` in each of `int64[k]` tied states, natural logarithms."""
        total = np.zeros((len(features), len(states)), np.float32)
        books = self._codebook[states]
        used = np.unique(books)
        members = [np.flatnonzero(books == book) for book in used]
        for stream in range(features.shape[1]):
            x = features[:, stream]
            design = np.concatenate([x, x * x, np.ones((len(x), 1), np.float32)], axis=1)
            for book, columns in zip(used, members, strict=True):
                each = design @ self._gaussians[stream, book]
                top = each.max(axis=1, keepdims=True)
                np.exp(each - top, out=each)
                total[:, columns] += np.log(each @ self._weights[stream][:, states[columns]]) + top
        return total


def wheel_folder() -> Path:
    """Where the pocketsphinx wheel keeps its models.

    Raises:
        ModelError: MODEL_MISSING.
    """
    found = find_spec("pocketsphinx")
    if found is None or not found.submodule_search_locations:
        raise ModelError(ErrorCode.MODEL_MISSING, "The package pocketsphinx, which carries the model, is not installed")
    return Path(found.submodule_search_locations[0]) / "model"


def digest(content: Mapping[str, bytes]) -> str:
    """The SHA-256 of the files' SHA-256 digests, in the order of `FILES`."""
    return hashlib.sha256(b"".join(hashlib.sha256(content[file]).digest() for file in FILES)).hexdigest()


def _key(position: _Int, base: _Int, left: _Int, right: _Int) -> _Int:
    return ((position * _MOST_PHONES + base) * _MOST_PHONES + left) * _MOST_PHONES + right


def _codebooks(definition: Definition) -> NDArray[np.int64]:
    """`int64[states]`: the phone whose Gaussians each tied state uses."""
    base = np.concatenate([np.arange(len(definition.names)), definition.context[:, 1]])
    books = np.full(definition.state_count, -1, np.int64)
    books[definition.states] = base[:, np.newaxis]
    return books


def _linear_form(means: Float64Array, variances: Float64Array) -> Float32Array:
    """Log densities as products: `float32[streams, codebooks, 2 values + 1, densities]` against (x, x squared, 1)."""
    precision = 1.0 / variances
    constant = -0.5 * (np.log(2.0 * np.pi * variances) + means**2 * precision).sum(axis=3, keepdims=True)
    form = np.concatenate([means * precision, -0.5 * precision, constant], axis=3)
    return np.ascontiguousarray(form.transpose(1, 0, 3, 2), dtype=np.float32)
