"""What other people's voices teach about comparing two: a back-end fitted to a cohort of speakers.

The back-end has two parts, both held close to doing nothing, because the speakers are few:

- Directions in which one speaker's utterances differ among themselves count less (within-class covariance normalisation,
  Hatch et al., 2006, shrunk to a tenth), about a centre drawn part of the way to the cohort's.
- Being much like several of the cohort's speakers takes away from a score: a voice that resembles many is weaker evidence
  (adaptive score normalisation, Matejka et al., 2017, with a floor: speakers that are not close do not matter, so
  a cohort recorded under other conditions does little harm).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import BinaryIO, Self, cast

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float32Array, Float64Array, read_only
from countersign.core.biometrics import ModelRef

SAME_RECORDING = 0.95
"""Cosine from which two embeddings are taken for the same recording, or parts of it. `docs/voice.md` has the figures."""

_SHRINKAGE = 0.9
_CENTRING = 0.4
_RIVALS = 3
_CLOSE = 0.65


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BackEnd:
    """Fitted to a cohort, or to part of it.

    Attributes:
        centre: `float32[d]`.
        transform: `float32[d, d]`, symmetric.
        rivals: `float32[speakers, d]`, unit vectors, one a speaker, transformed.
    """

    centre: Float32Array
    transform: Float32Array
    rivals: Float32Array

    def project(self, vector: Float32Array) -> Float32Array:
        """`float32[d]` to a unit vector of the same length, to be compared by cosine with others so made."""
        return _unit(cast("Float32Array", (vector - self.centre) @ self.transform))

    def commonness(self, projected: Float32Array) -> float:
        """How much the nearest speakers of the cohort are like a projected vector, beyond a floor; at least 0."""
        closeness = np.sort(self.rivals @ projected)[-_RIVALS:]
        return float(np.maximum(closeness - _CLOSE, 0.0).mean())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoiceCohort:
    """Utterances of speakers who may be compared with.

    Attributes:
        vectors: `float32[n, d]`, unit vectors, one an utterance.
        speakers: `int64[n]`, a number for each speaker.
        model: what made the vectors.
        data: which recordings, and on what terms.
    """

    vectors: Float32Array = field(repr=False)
    speakers: NDArray[np.int64] = field(repr=False)
    model: ModelRef
    data: str

    def __post_init__(self) -> None:
        read_only(self.vectors)
        read_only(self.speakers)

    @classmethod
    def load(cls, file: BinaryIO) -> Self:
        """Read what `save` has written."""
        with np.load(file, allow_pickle=False) as content:
            return cls(
                vectors=_unit(content["vectors"].astype(np.float32)),
                speakers=content["speakers"].astype(np.int64),
                model=ModelRef(name=str(content["model"]), sha256=str(content["sha256"])),
                data=str(content["data"]),
            )

    def save(self, file: BinaryIO) -> None:
        """Write in NumPy's own format, compressed, at half precision."""
        np.savez_compressed(
            file,
            vectors=self.vectors.astype(np.float16),
            speakers=self.speakers.astype(np.int16),
            model=np.array(self.model.name),
            sha256=np.array(self.model.sha256),
            data=np.array(self.data),
        )

    def speakers_of(self, vectors: Float32Array) -> frozenset[int]:
        """Speakers of the cohort who have a recording among `vectors`, `float32[m, d]`.

        Measuring errors on people whom the cohort holds would flatter the non-mated and wrong the mated scores, so both
        sides' own speakers are left out of the back-end of such a comparison.
        """
        alike = (self.vectors @ vectors.T).max(axis=1) >= SAME_RECORDING
        return frozenset(self.speakers[alike].tolist())

    def fit(self, leaving_out: frozenset[int] = frozenset()) -> BackEnd:
        """The back-end of all speakers but some."""
        kept = ~np.isin(self.speakers, list(leaving_out))
        vectors, speakers = self.vectors[kept].astype(np.float64), self.speakers[kept]
        _, members = np.unique(speakers, return_inverse=True)
        sums = np.zeros((members.max() + 1, vectors.shape[1]))
        np.add.at(sums, members, vectors)
        means = sums / np.bincount(members)[:, None]
        centre = (_CENTRING * means.mean(axis=0)).astype(np.float32)
        transform = _whitening(vectors - means[members], freedom=len(vectors) - len(means))
        rivals = _unit((_unit(means.astype(np.float32)) - centre) @ transform)
        return BackEnd(centre=centre, transform=transform, rivals=rivals)


@cache
def shipped_cohort() -> VoiceCohort:
    """The cohort that comes with Countersign."""
    with files("countersign.scoring").joinpath("cohorts", "voice-ge2e.npz").open("rb") as file:
        return VoiceCohort.load(cast("BinaryIO", file))


def _whitening(residuals: Float64Array, *, freedom: int) -> Float32Array:
    """`float32[d, d]`: the inverse square root of the shrunk within-speaker covariance."""
    covariance = residuals.T @ residuals / freedom
    size = len(covariance)
    shrunk = (1.0 - _SHRINKAGE) * covariance + _SHRINKAGE * np.trace(covariance) / size * np.eye(size)
    values, directions = np.linalg.eigh(shrunk)
    return cast("Float32Array", ((directions / np.sqrt(values)) @ directions.T).astype(np.float32))


def _unit(vectors: Float32Array) -> Float32Array:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return cast("Float32Array", vectors / np.maximum(lengths, np.finfo(np.float32).tiny))
