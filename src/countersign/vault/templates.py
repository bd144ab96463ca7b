"""Renewable templates: every vector of a person turned by a rotation of its own that a key decides.

In the words of ISO/IEC 24745:2022: the rotated vectors are the pseudonymous identifier, the seed is the auxiliary data.
With another seed the same references make another identifier (renewability, revocability) without the person being there,
and identifiers made with different seeds do not resemble each other (unlinkability; `linkability.py` measures it).

A rotation keeps every cosine between two vectors that are rotated alike, so comparing loses nothing. Every sample gets a
rotation of its own, not only every person: with one rotation for all, the cosines between a person's own samples would
stay as they are, and they alone would link two identifiers made of the same samples.

What it does not do. It is not encryption: who has the seed turns the vectors back exactly, and who knows enough pairs of
vectors before and after may solve for the rotation. Pose and quality figures beside the vectors are not changed. That is
why identifiers are sealed as well (`sealing.py`), and why the seed rests with the data key and not with the identifier.

The rotation is the product of three rounds, each a permutation, random signs and a Walsh-Hadamard transform: orthogonal,
close to a uniformly drawn rotation (Yu et al. 2016, "Orthogonal random features", section 5), and fast. It was chosen over
the QR decomposition of a random matrix because it is made of integers, additions and one scale, so it comes out the same
to the last bit on every machine, whatever its linear algebra library does.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float32Array, Float64Array
from countersign.core.biometrics import (
    Enrolment,
    FaceReference,
    FaceSample,
    Modality,
    VoiceReference,
    VoiceSample,
)

SEED_BYTES = 32

_ROUNDS = 3
_LABEL = b"countersign template rotation/1\0"
_PLACE = struct.Struct("<5sHH")
_Sample = TypeVar("_Sample", FaceSample, VoiceSample)
_Round: TypeAlias = tuple[NDArray[np.intp], Float64Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedEnrolment:
    """An enrolment whose vectors are rotated. A type of its own, so that it is not compared with a probe by mistake.

    Attributes:
        rotated: all that the enrolment was, but for the directions of the vectors.
    """

    rotated: Enrolment = field(repr=False)


def protect(enrolment: Enrolment, *, seed: bytes) -> ProtectedEnrolment:
    """Rotate every vector by the seed.

    Args:
        enrolment: in the models' own spaces.
        seed: `SEED_BYTES` secret random bytes.
    """
    return ProtectedEnrolment(rotated=_turned(enrolment, seed, back=False))


def recover(protected: ProtectedEnrolment, *, seed: bytes) -> Enrolment:
    """Undo `protect`: equal but for rounding, which changes a cosine by less than 1e-6."""
    return _turned(protected.rotated, seed, back=True)


def renew(protected: ProtectedEnrolment, *, seed: bytes, new_seed: bytes) -> ProtectedEnrolment:
    """Another identifier of the same references, without the person; the old one is worthless once its seed is gone."""
    return protect(recover(protected, seed=seed), seed=new_seed)


class Rotations:
    """One rotation for each of `count` vectors.

    Args:
        seed: `SEED_BYTES` secret random bytes.
        modality: samples of different modalities get different rotations.
        count: number of vectors.
        dimension: length of each.
    """

    def __init__(self, seed: bytes, *, modality: Modality, count: int, dimension: int) -> None:
        if len(seed) != SEED_BYTES:
            raise ValueError(f"a seed has {SEED_BYTES} bytes")
        drawn = [list(_draw(seed, modality, sample, dimension)) for sample in range(count)]
        self._rounds: list[_Round] = [
            (np.stack([rounds[i][0] for rounds in drawn]), np.stack([rounds[i][1] for rounds in drawn]))
            for i in range(_ROUNDS)
        ]
        self._window = 1 << (dimension.bit_length() - 1)
        # The transform takes powers of two. For other lengths it is done twice, on two windows that together cover all.
        self._starts = (0,) if self._window == dimension else (0, dimension - self._window)
        self._scale = 1.0 / math.sqrt(self._window)

    def apply(self, vectors: Float32Array) -> Float32Array:
        """Rotate.

        Args:
            vectors: `float32[count, dimension]`, row i is turned by rotation i.
        """
        turned = vectors.astype(np.float64)
        for order, signs in self._rounds:
            turned = np.take_along_axis(turned, order, axis=1) * signs
            for start in self._starts:
                self._transform(turned, start)
        return np.asarray(turned, np.float32)

    def undo(self, vectors: Float32Array) -> Float32Array:
        """Rotate back, the same way round."""
        turned = vectors.astype(np.float64)
        for order, signs in reversed(self._rounds):
            for start in reversed(self._starts):
                self._transform(turned, start)
            back = np.empty_like(turned)
            np.put_along_axis(back, order, turned * signs, axis=1)
            turned = back
        return np.asarray(turned, np.float32)

    def _transform(self, vectors: Float64Array, start: int) -> None:
        """The Walsh-Hadamard transform of one window of each row, in place. It is its own inverse."""
        window = vectors[:, start : start + self._window]
        current = window.copy()
        for level in range(self._window.bit_length() - 1):
            pairs = current.reshape(len(current), -1, 2, 1 << level)
            first, second = pairs[:, :, 0], pairs[:, :, 1]
            current = np.stack((first + second, first - second), axis=2).reshape(window.shape)
        window[:] = current * self._scale


def _draw(seed: bytes, modality: Modality, sample: int, dimension: int) -> Iterator[_Round]:
    """The rounds of one rotation, from a keyed stream of bytes: SHAKE256, FIPS 202, keyed by its prefix."""
    place = _PLACE.pack(modality.value.encode(), sample, dimension)
    length = 8 * dimension + math.ceil(dimension / 8)
    stream = hashlib.shake_256(_LABEL + seed + place).digest(_ROUNDS * length)
    for start in range(0, len(stream), length):
        keys = np.frombuffer(stream, "<u8", dimension, start)
        bits = np.unpackbits(np.frombuffer(stream, np.uint8, length - 8 * dimension, start + 8 * dimension))
        signs = 1.0 - 2.0 * bits[:dimension].astype(np.float64)
        yield np.argsort(keys, kind="stable"), signs


def _turned(enrolment: Enrolment, seed: bytes, *, back: bool) -> Enrolment:
    face, voice = enrolment.face, enrolment.voice
    return Enrolment(
        face=None if face is None else FaceReference(samples=_turn_all(face.samples, seed, back=back)),
        voice=None if voice is None else VoiceReference(samples=_turn_all(voice.samples, seed, back=back)),
    )


def _turn_all(samples: Sequence[_Sample], seed: bytes, *, back: bool) -> tuple[_Sample, ...]:
    vectors = np.stack([sample.embedding.vector for sample in samples])
    modality = samples[0].embedding.modality
    rotations = Rotations(seed, modality=modality, count=len(samples), dimension=vectors.shape[1])
    turned = rotations.undo(vectors) if back else rotations.apply(vectors)
    return tuple(
        replace(sample, embedding=replace(sample.embedding, vector=row.copy()))
        for sample, row in zip(samples, turned, strict=True)
    )
