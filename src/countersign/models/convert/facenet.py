"""FaceNet's recogniser (InceptionResnetV1 of facenet-pytorch, the VGGFace2 weights), from a PyTorch checkpoint, to ONNX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from countersign.core.arrays import Float32Array
from countersign.models.convert.checkpoint import float_weights
from countersign.models.convert.graph import GraphBuilder, to_bytes

SIDE = 160
EPSILON = np.float32(0.001)


def facenet(checkpoint: bytes) -> bytes:
    """The recogniser as ONNX: `rgb` float32[faces, 3, 160, 160] in [0, 255] to `embedding` float32[faces, 512], unit."""
    return network(float_weights(checkpoint))


def network(weights: Mapping[str, Float32Array]) -> bytes:
    """The same, from weights under facenet-pytorch's names."""
    net = _Net(GraphBuilder(), weights)
    graph = net.graph
    centred = graph.add("Sub", "rgb", graph.constant(np.array(127.5, dtype=np.float32)))
    signal = graph.add("Mul", centred, graph.constant(np.array(1 / 128, dtype=np.float32)))
    signal = net.convolve(signal, "conv2d_1a", stride=2)
    signal = net.convolve(signal, "conv2d_2a")
    signal = net.convolve(signal, "conv2d_2b", padding=(1, 1))
    signal = net.pool(signal)
    signal = net.convolve(signal, "conv2d_3b")
    signal = net.convolve(signal, "conv2d_4a")
    signal = net.convolve(signal, "conv2d_4b", stride=2)
    for number in range(5):
        signal = net.residual(signal, f"repeat_1.{number}", ((), ((1, 1),), ((1, 1), (1, 1))), scale=0.17)
    signal = net.reduce(signal, "mixed_6a", ((), ((0, 0), (1, 1), (0, 0))))
    for number in range(10):
        signal = net.residual(signal, f"repeat_2.{number}", ((), ((0, 3), (3, 0))), scale=0.10)
    signal = net.reduce(signal, "mixed_7a", (((0, 0), (0, 0)), ((0, 0), (0, 0)), ((0, 0), (1, 1), (0, 0))))
    for number in range(5):
        signal = net.residual(signal, f"repeat_3.{number}", ((), ((0, 1), (1, 0))), scale=0.20)
    signal = net.residual(signal, "block8", ((), ((0, 1), (1, 0))), scale=1.0, relu=False)
    signal = graph.add("Flatten", graph.add("GlobalAveragePool", signal))
    scale, shift = net.normalisation("last_bn")
    linear = net.weights["last_linear.weight"] * scale[:, None]
    signal = graph.add("Gemm", signal, graph.constant(linear), graph.constant(shift), transB=1)
    length = graph.add("ReduceL2", signal, axes=[1], keepdims=1)
    graph.add("Div", signal, length, output="embedding")
    return to_bytes(graph.model("facenet", {"rgb": ["faces", 3, SIDE, SIDE]}, {"embedding": ["faces", 512]}))


@dataclass(slots=True)
class _Net:
    graph: GraphBuilder
    weights: Mapping[str, Float32Array]

    def normalisation(self, name: str) -> tuple[Float32Array, Float32Array]:
        """Batch normalisation as it stands after training: a factor and a summand for each channel."""
        scale = self.weights[f"{name}.weight"] / np.sqrt(self.weights[f"{name}.running_var"] + EPSILON)
        return scale, self.weights[f"{name}.bias"] - self.weights[f"{name}.running_mean"] * scale

    def convolve(self, signal: str, name: str, *, stride: int = 1, padding: tuple[int, int] = (0, 0)) -> str:
        """`BasicConv2d`: a convolution, batch normalisation folded into it, ReLU."""
        scale, shift = self.normalisation(f"{name}.bn")
        filters = self.weights[f"{name}.conv.weight"] * scale[:, None, None, None]
        return self.graph.add("Relu", self._conv(signal, filters, shift, stride=stride, padding=padding))

    def pool(self, signal: str) -> str:
        return self.graph.add("MaxPool", signal, kernel_shape=[3, 3], strides=[2, 2])

    def residual(
        self,
        signal: str,
        name: str,
        branches: Sequence[Sequence[tuple[int, int]]],
        *,
        scale: float,
        relu: bool = True,
    ) -> str:
        """`Block35`, `Block17`, `Block8`: branches that begin in a 1 x 1 convolution, joined, scaled and added.

        Args:
            signal: what goes in.
            name: of the block.
            branches: for each branch the paddings of the convolutions behind its first.
            scale: of the sum.
            relu: whether a ReLU follows.
        """
        ends = []
        for number, paddings in enumerate(branches):
            path = f"{name}.branch{number}"
            end = self.convolve(signal, path if not paddings else f"{path}.0")
            for position, padding in enumerate(paddings, start=1):
                end = self.convolve(end, f"{path}.{position}", padding=padding)
            ends.append(end)
        factor = np.float32(scale)
        up = self._conv(
            self.graph.add("Concat", *ends, axis=1),
            self.weights[f"{name}.conv2d.weight"] * factor,
            self.weights[f"{name}.conv2d.bias"] * factor,
        )
        total = self.graph.add("Add", up, signal)
        return self.graph.add("Relu", total) if relu else total

    def reduce(self, signal: str, name: str, branches: Sequence[Sequence[tuple[int, int]]]) -> str:
        """`Mixed_6a`, `Mixed_7a`: branches whose last convolution takes every second pixel, and a pool, joined."""
        ends = []
        for number, paddings in enumerate(branches):
            path, end = f"{name}.branch{number}", signal
            for position, padding in enumerate(paddings[:-1]):
                end = self.convolve(end, f"{path}.{position}", padding=padding)
            ends.append(self.convolve(end, f"{path}.{len(paddings) - 1}" if paddings else path, stride=2))
        return self.graph.add("Concat", *ends, self.pool(signal), axis=1)

    def _conv(
        self,
        signal: str,
        filters: Float32Array,
        biases: Float32Array,
        *,
        stride: int = 1,
        padding: tuple[int, int] = (0, 0),
    ) -> str:
        return self.graph.add(
            "Conv",
            signal,
            self.graph.constant(filters),
            self.graph.constant(biases),
            kernel_shape=filters.shape[2:],
            strides=[stride, stride],
            pads=[*padding, *padding],
        )
