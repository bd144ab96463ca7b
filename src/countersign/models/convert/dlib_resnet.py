"""dlib's face recognition ResNet, from its `.dat`, to ONNX.

The network is `anet_type` of dlib's tools/python/src/face_recognition.cpp: 29 convolutions, each followed by an affine
layer (batch normalisation as it stands after training), which is folded into it here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from countersign.core.arrays import Float32Array
from countersign.models.convert.dlib_stream import Affine, Convolution, DlibStream, FullyConnected, Layer, Plain, Pool
from countersign.models.convert.graph import GraphBuilder, to_bytes

T = TypeVar("T", bound=Layer)

SIZE = 150
SAME, DOWN = "same size", "half size"
BLOCKS = (SAME, SAME, SAME, DOWN, SAME, SAME, SAME, DOWN, SAME, SAME, DOWN, SAME, SAME, DOWN)
"""Residual blocks from input to output: alevel4 to alevel0."""

_IN_STREAM = "layer"
_TAG = "tag"
_STEM = [_IN_STREAM] * 4
_BLOCK = {
    SAME: [_TAG, *[_IN_STREAM] * 5, *[_IN_STREAM] * 2],
    DOWN: [_TAG, *[_IN_STREAM] * 5, _TAG, _TAG, *[_IN_STREAM] * 3],
}
_HEAD = [_IN_STREAM] * 2


def dlib_resnet(dat: bytes) -> bytes:
    """The network as ONNX: `rgb` float32[faces, 3, 150, 150] in [0, 255] to `embedding` float32[faces, 128].

    The embedding is dlib's face descriptor: compared by Euclidean distance, not of unit length.
    """
    mean, layers = _read(dat)
    network = _Network(graph=GraphBuilder(), layers=iter(layers), size=SIZE, channels=3)
    graph = network.graph
    # dlib divides by 256 as well; the first filters take that in, exactly, for it is a power of two.
    signal = graph.add("Sub", "rgb", graph.constant(mean.reshape(1, 3, 1, 1)))
    signal = network.relu(network.convolve(signal, scale=1 / 256))
    signal = network.pool("MaxPool", signal)
    for kind in BLOCKS:
        signal = network.block(signal, kind)
    network.take(Pool)
    signal = graph.add("Flatten", graph.add("GlobalAveragePool", signal))
    graph.add("MatMul", signal, graph.constant(network.take(FullyConnected).weights), output="embedding")
    return to_bytes(
        graph.model("dlib-resnet", {"rgb": ["faces", 3, SIZE, SIZE]}, {"embedding": ["faces", 128]}),
    )


@dataclass(slots=True)
class _Network:
    """Turns layers into nodes, in the order of the stream, keeping count of the picture's size."""

    graph: GraphBuilder
    layers: Iterator[Layer]
    size: int
    channels: int

    def take(self, kind: type[T]) -> T:
        """The next layer, which must be of that kind."""
        layer = next(self.layers)
        if not isinstance(layer, kind):
            raise TypeError(f"the network has {layer} where {kind.__name__} is known")
        return layer

    def relu(self, signal: str) -> str:
        self.take(Plain)
        return self.graph.add("Relu", signal)

    def convolve(self, signal: str, *, scale: float = 1.0) -> str:
        """A convolution and the affine layer behind it, as one."""
        convolution, affine = self.take(Convolution), self.take(Affine)
        filters = convolution.filters * (affine.gamma * np.float32(scale)).reshape(-1, 1, 1, 1)
        biases = convolution.biases * affine.gamma + affine.beta
        rows, columns = convolution.padding
        self.size = (self.size + 2 * rows - filters.shape[2]) // convolution.stride[0] + 1
        self.channels = filters.shape[0]
        return self.graph.add(
            "Conv",
            signal,
            self.graph.constant(filters),
            self.graph.constant(biases),
            kernel_shape=filters.shape[2:],
            strides=convolution.stride,
            pads=[rows, columns, rows, columns],
        )

    def pool(self, operator: str, signal: str) -> str:
        """A pool without padding."""
        pool = self.take(Pool)
        self.size = (self.size - pool.window[0]) // pool.stride[0] + 1
        return self.graph.add(operator, signal, kernel_shape=pool.window, strides=pool.stride)

    def block(self, signal: str, kind: str) -> str:
        """One residual block."""
        size, channels = self.size, self.channels
        branch = self.relu(self.convolve(signal))
        branch = self.convolve(branch)
        if kind == DOWN:
            branch_size, branch_channels = self.size, self.channels
            self.size = size
            signal = self.pool("AveragePool", signal)
            # dlib adds what differs in size as if the smaller one went on in zeros (`add_prev_`).
            signal = self._grow(signal, channels=branch_channels - channels, pixels=0)
            branch = self._grow(branch, channels=0, pixels=self.size - branch_size)
            self.channels = branch_channels
        self.take(Plain)
        return self.relu(self.graph.add("Add", branch, signal))

    def _grow(self, signal: str, *, channels: int, pixels: int) -> str:
        if channels == 0 and pixels == 0:
            return signal
        pads = self.graph.constant(np.array([0, 0, 0, 0, 0, channels, pixels, pixels], dtype=np.int64))
        return self.graph.add("Pad", signal, pads)


def _read(dat: bytes) -> tuple[Float32Array, list[Layer]]:
    """The mean colour and the layers from input to output.

    In the stream every layer's version stands before what it lies on, and its details behind, as dlib's templates nest.
    """
    stream = DlibStream(dat)
    order = [*_STEM, *(part for kind in BLOCKS for part in _BLOCK[kind]), *_HEAD]
    stream.integer()
    if stream.text() != "loss_metric_2":
        raise ValueError("not a network trained with dlib's metric loss")
    stream.real(), stream.real()
    versions = [stream.integer() for _ in order][::-1]
    stream.text()
    mean = np.array([stream.real() for _ in range(3)], dtype=np.float32)
    stream.integer(), stream.integer()
    layers = []
    for part, version in zip(order, versions, strict=True):
        if part == _IN_STREAM:
            layers.append(stream.layer())
            stream.bookkeeping(version)
    if not stream.finished:
        raise ValueError("the network goes on behind its end")
    return mean, layers
