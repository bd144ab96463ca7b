"""MTCNN's three nets (Zhang et al. 2016), from the NumPy arrays of the `mtcnn` package, to ONNX.

The arrays are in Keras's order: a convolution as rows, columns, in, out; a dense layer as in, out. The package's nets
turn rows into columns before they flatten (a Permute layer, left from Caffe); here the weights are turned instead.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import joblib
import numpy as np

from countersign.core.arrays import Float32Array
from countersign.models.convert.graph import GraphBuilder, to_bytes

RGB = "rgb"


def pnet(arrays: bytes) -> bytes:
    """Proposal net: `rgb` float32[pictures, 3, rows, columns] to `boxes` and `faces` at every second pixel."""
    net = _Net.read(arrays)
    signal = net.centred()
    signal = net.prelu(net.convolve(signal))
    signal = net.pool(signal, window=2)
    signal = net.prelu(net.convolve(signal))
    signal = net.prelu(net.convolve(signal))
    net.boxes_and_faces(signal)
    return net.finish(
        "mtcnn-pnet",
        {RGB: ["pictures", 3, "rows", "columns"]},
        {"boxes": ["pictures", 4, "cell_rows", "cell_columns"], "faces": ["pictures", 1, "cell_rows", "cell_columns"]},
    )


def rnet(arrays: bytes) -> bytes:
    """Refinement net: `rgb` float32[crops, 3, 24, 24] to `boxes` float32[crops, 4] and `faces` float32[crops, 1]."""
    net = _Net.read(arrays)
    signal = net.centred()
    signal = net.pool(net.prelu(net.convolve(signal)), window=3)
    signal = net.pool(net.prelu(net.convolve(signal)), window=3)
    signal = net.prelu(net.convolve(signal))
    signal = net.prelu(net.flatten_dense(signal, side=3))
    net.graph.add("Identity", net.dense(signal), output="boxes")
    net.face_probability(net.dense(signal))
    return net.finish("mtcnn-rnet", {RGB: ["crops", 3, 24, 24]}, {"boxes": ["crops", 4], "faces": ["crops", 1]})


def onet(arrays: bytes) -> bytes:
    """Output net: `rgb` float32[crops, 3, 48, 48] to `boxes`, `points` float32[crops, 10] and `faces`."""
    net = _Net.read(arrays)
    signal = net.centred()
    signal = net.pool(net.prelu(net.convolve(signal)), window=3)
    signal = net.pool(net.prelu(net.convolve(signal)), window=3)
    signal = net.pool(net.prelu(net.convolve(signal)), window=2)
    signal = net.prelu(net.convolve(signal))
    signal = net.prelu(net.flatten_dense(signal, side=3))
    net.graph.add("Identity", net.dense(signal), output="boxes")
    net.graph.add("Identity", net.dense(signal), output="points")
    net.face_probability(net.dense(signal))
    return net.finish(
        "mtcnn-onet",
        {RGB: ["crops", 3, 48, 48]},
        {"boxes": ["crops", 4], "points": ["crops", 10], "faces": ["crops", 1]},
    )


@dataclass(slots=True)
class _Net:
    graph: GraphBuilder
    arrays: Iterator[Float32Array]
    first: bool = True

    @classmethod
    def read(cls, arrays: bytes) -> _Net:
        """The arrays' file is a pickle: only ever read after its SHA-256 has been found to be the catalogue's."""
        return cls(graph=GraphBuilder(), arrays=iter(joblib.load(io.BytesIO(arrays))))

    def centred(self) -> str:
        """The nets were trained on (x - 127.5) / 128; the first filters take in the division, exactly."""
        return self.graph.add("Sub", RGB, self.graph.constant(np.array(127.5, dtype=np.float32)))

    def convolve(self, signal: str) -> str:
        filters, biases = self._filters()
        if self.first:
            filters, self.first = filters * np.float32(1 / 128), False
        return self._conv(signal, filters, biases)

    def boxes_and_faces(self, signal: str) -> None:
        """The proposal net's two last convolutions as one.

        The softmax over "no face" and "face" is a sigmoid of their difference, so that one filter does for both.
        """
        (boxes, box_biases), (faces, face_biases) = self._filters(), self._filters()
        filters = np.concatenate([boxes, faces[1:] - faces[:1]])
        biases = np.concatenate([box_biases, face_biases[1:] - face_biases[:1]])
        both = self._conv(signal, filters, biases)
        self.graph.add("Slice", both, *self._range(0, 4), output="boxes")
        self.graph.add("Sigmoid", self.graph.add("Slice", both, *self._range(4, 5)), output="faces")

    def _filters(self) -> tuple[Float32Array, Float32Array]:
        return next(self.arrays).transpose(3, 2, 0, 1), next(self.arrays)

    def _range(self, first: int, end: int) -> list[str]:
        """Start, end and axis of a Slice of channels."""
        return [self.graph.constant(np.array([number], dtype=np.int64)) for number in (first, end, 1)]

    def _conv(self, signal: str, filters: Float32Array, biases: Float32Array) -> str:
        return self.graph.add(
            "Conv",
            signal,
            self.graph.constant(filters),
            self.graph.constant(biases),
            kernel_shape=filters.shape[2:],
        )

    def prelu(self, signal: str) -> str:
        slopes = next(self.arrays)
        shape = (-1, 1, 1) if slopes.ndim == 3 else (-1,)
        return self.graph.prelu(signal, slopes.reshape(shape))

    def pool(self, signal: str, *, window: int) -> str:
        """Every second pixel; a window over the edge takes what there is (Keras's "same" at these sizes)."""
        return self.graph.add("MaxPool", signal, kernel_shape=[window, window], strides=[2, 2], ceil_mode=1)

    def flatten_dense(self, signal: str, *, side: int) -> str:
        weights = next(self.arrays)
        channels, out = weights.shape[0] // (side * side), weights.shape[1]
        turned = weights.reshape(side, side, channels, out).transpose(2, 1, 0, 3).reshape(-1, out)
        return self._gemm(self.graph.add("Flatten", signal), turned)

    def dense(self, signal: str) -> str:
        return self._gemm(signal, next(self.arrays))

    def face_probability(self, signal: str) -> None:
        """Softmax over "no face" and "face"; only the second is given."""
        both = self.graph.add("Softmax", signal, axis=1)
        self.graph.add("Slice", both, *self._range(1, 2), output="faces")

    def finish(self, name: str, inputs: dict[str, list[int | str]], outputs: dict[str, list[int | str]]) -> bytes:
        if next(self.arrays, None) is not None:
            raise ValueError("the file has more arrays than the net has layers")
        return to_bytes(self.graph.model(name, inputs, outputs))

    def _gemm(self, signal: str, weights: Float32Array) -> str:
        return self.graph.add("Gemm", signal, self.graph.constant(weights), self.graph.constant(next(self.arrays)))
