"""Reads dlib's own serialization (dlib/serialize.h, dlib/float_details.h, dlib/cuda/tensor.h) of a network's layers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from countersign.core.arrays import Float32Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Convolution:
    """`con_`: filters float32[out, in, rows, columns], biases float32[out]."""

    filters: Float32Array = field(repr=False)
    biases: Float32Array = field(repr=False)
    stride: tuple[int, int]
    padding: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Affine:
    """`affine_`, what batch normalisation is after training: x * gamma + beta for each channel."""

    gamma: Float32Array = field(repr=False)
    beta: Float32Array = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """`max_pool_` or `avg_pool_`; a window of 0 by 0 is the whole picture."""

    window: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FullyConnected:
    """`fc_` without biases: weights float32[in, out]."""

    weights: Float32Array = field(repr=False)


@dataclass(frozen=True, slots=True)
class Plain:
    """A layer without numbers of its own, by its name in the stream."""

    name: str


Layer: TypeAlias = Convolution | Affine | Pool | FullyConnected | Plain


INNERMOST = 3
"""The version of the layer that lies on the input; it carries one number more."""


class DlibStream:
    """Takes one value after the other from the bytes.

    Args:
        data: the serialized network.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def finished(self) -> bool:
        """Whether all bytes are taken."""
        return self._at == len(self._data)

    def integer(self) -> int:
        """A sign and a count of bytes, then the magnitude, lowest byte first."""
        control = self._take(1)[0]
        magnitude = int.from_bytes(self._take(control & 0x0F), "little")
        return -magnitude if control & 0x80 else magnitude

    def real(self) -> float:
        """A mantissa and a power of two."""
        mantissa = self.integer()
        return math.ldexp(mantissa, self.integer())

    def flag(self) -> bool:
        """The letter 1 or 0."""
        return self._take(1) == b"1"

    def text(self) -> str:
        """A length, then the letters."""
        return self._take(self.integer()).decode("ascii")

    def tensor(self) -> Float32Array:
        """Version 2: four lengths, then raw 32-bit numbers."""
        self._expect(2)
        shape = tuple(self.integer() for _ in range(4))
        numbers = np.frombuffer(self._take(4 * math.prod(shape)), dtype="<f4")
        return numbers.astype(np.float32).reshape(shape)

    def layer(self) -> Layer:
        """The details of one layer, whichever it is."""
        name = self.text()
        match name:
            case "con_4":
                return self._convolution()
            case "affine_":
                params, shapes = self.tensor(), (self._alias(), self._alias())
                self.integer()  # whether after a convolution or not: the shapes say it
                gamma, beta = np.split(params.ravel(), [math.prod(shapes[0])])
                return Affine(gamma=gamma, beta=beta)
            case "max_pool_2" | "avg_pool_2":
                window, stride, padding = ((self.integer(), self.integer()) for _ in range(3))
                return Pool(window=window, stride=stride, padding=padding)
            case "fc_2":
                self.integer(), self.integer()
                params, shape, _ = self.tensor(), self._alias(), self._alias()
                self.integer()  # without biases: the converter's proof would fail otherwise
                self._multipliers()
                return FullyConnected(weights=params.reshape(shape[:2]))
            case "relu_" | "add_prev_":
                return Plain(name)
        raise ValueError(f"the network has a layer {name!r} that is not known")

    def bookkeeping(self, version: int) -> None:
        """What stands behind every layer: three flags and three tensors of training, which are of no use here."""
        for _ in range(3):
            self.flag()
        for _ in range(3):
            self.tensor()
        if version == INNERMOST:
            self.integer()

    def _convolution(self) -> Convolution:
        params = self.tensor().ravel()
        self.integer(), self.integer(), self.integer()  # numbers of filters, rows, columns: in the shape too
        stride, padding = ((self.integer(), self.integer()) for _ in range(2))
        shape, _ = self._alias(), self._alias()
        self._multipliers()
        filters, biases = np.split(params, [math.prod(shape)])
        return Convolution(filters=filters.reshape(shape), biases=biases, stride=stride, padding=padding)

    def _multipliers(self) -> None:
        for _ in range(4):  # of learning rate and weight decay
            self.real()

    def _alias(self) -> tuple[int, ...]:
        """The shape of a part of a tensor."""
        self._expect(1)
        return tuple(self.integer() for _ in range(4))

    def _expect(self, version: int) -> None:
        found = self.integer()
        if found != version:
            raise ValueError(f"version {found} where {version} is known")

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) != count:
            raise ValueError("the network ends too soon")
        self._at += count
        return taken
