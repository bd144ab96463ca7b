"""TensorFlow Lite files to ONNX graphs: the few operators that FaceMesh and BlazeFace are made of.

Pictures are rows, columns, channels in TensorFlow Lite and channels, rows, columns in ONNX. Every four-axis tensor is
turned once and for all; only a Reshape turns back, since its result depends on the order.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import tflite
from numpy.typing import NDArray

from countersign.core.arrays import Float32Array
from countersign.models.convert.graph import GraphBuilder

_TYPES: Final[dict[int, str]] = {
    tflite.TensorType.FLOAT32: "<f4",
    tflite.TensorType.FLOAT16: "<f2",
    tflite.TensorType.INT32: "<i4",
}
_SPATIAL = (1, 2)


class TfliteGraph:
    """Adds the operators of a TensorFlow Lite file to a graph.

    Args:
        data: the file's bytes.
        graph: what is added to.
        source: the name, in `graph`, of what goes into the file's only input (already channels first).
    """

    def __init__(self, data: bytes, graph: GraphBuilder, source: str) -> None:
        self._model = tflite.Model.GetRootAs(data, 0)
        self._file = self._model.Subgraphs(0)
        self._graph = graph
        self._names = {self._file.Inputs(0): source}
        self._constants: dict[int, NDArray[np.generic]] = {}

    def add_all(self) -> dict[str, str]:
        """Add every operator; gives the names in the graph of the file's outputs, by their names in the file."""
        for position in range(self._file.OperatorsLength()):
            self._add(self._file.Operators(position))
        outputs = [self._file.Outputs(position) for position in range(self._file.OutputsLength())]
        return {self._file.Tensors(tensor).Name().decode(): self._names[tensor] for tensor in outputs}

    def _add(self, operator: tflite.Operator) -> None:
        code = self._model.OperatorCodes(operator.OpcodeIndex())
        kind = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        inputs, output = list(operator.InputsAsNumpy()), int(operator.Outputs(0))
        match kind:
            case tflite.BuiltinOperator.DEQUANTIZE:
                # Weights kept as 16-bit floats; every one of them is a 32-bit float too.
                self._constants[output] = self._constant(inputs[0]).astype(np.float32)
                return
            case tflite.BuiltinOperator.CONV_2D | tflite.BuiltinOperator.DEPTHWISE_CONV_2D:
                name = self._convolution(operator, inputs, output, depthwise=kind != tflite.BuiltinOperator.CONV_2D)
            case tflite.BuiltinOperator.PRELU:
                slopes = self._floats(inputs[1]).reshape(-1, 1, 1)
                name = self._graph.prelu(self._names[inputs[0]], slopes)
            case tflite.BuiltinOperator.RELU:
                name = self._graph.add("Relu", self._names[inputs[0]])
            case tflite.BuiltinOperator.ADD:
                options = _options(operator, tflite.AddOptions())
                total = self._graph.add("Add", *(self._names[tensor] for tensor in inputs))
                name = self._activated(total, options.FusedActivationFunction())
            case tflite.BuiltinOperator.MAX_POOL_2D:
                name = self._max_pool(operator, inputs[0], output)
            case tflite.BuiltinOperator.PAD:
                name = self._pad(inputs)
            case tflite.BuiltinOperator.RESHAPE:
                name = self._reshape(inputs[0], output)
            case tflite.BuiltinOperator.CONCATENATION:
                axis = _options(operator, tflite.ConcatenationOptions()).Axis()
                name = self._graph.add("Concat", *(self._names[tensor] for tensor in inputs), axis=axis)
            case _:
                raise ValueError(f"the file has an operator, number {kind}, that is not known")
        self._names[output] = name

    def _convolution(self, operator: tflite.Operator, inputs: list[int], output: int, *, depthwise: bool) -> str:
        options = _options(operator, tflite.DepthwiseConv2DOptions() if depthwise else tflite.Conv2DOptions())
        filters = self._floats(inputs[1])
        turned = filters.transpose(3, 0, 1, 2) if depthwise else filters.transpose(0, 3, 1, 2)
        strides = (options.StrideH(), options.StrideW())
        result = self._graph.add(
            "Conv",
            self._names[inputs[0]],
            self._graph.constant(turned),
            self._graph.constant(self._floats(inputs[2])),
            kernel_shape=turned.shape[2:],
            strides=strides,
            group=turned.shape[0] if depthwise else 1,
            pads=self._pads(inputs[0], output, turned.shape[2:], strides, options.Padding()),
        )
        return self._activated(result, options.FusedActivationFunction())

    def _max_pool(self, operator: tflite.Operator, source: int, output: int) -> str:
        options = _options(operator, tflite.Pool2DOptions())
        window, strides = (options.FilterHeight(), options.FilterWidth()), (options.StrideH(), options.StrideW())
        return self._graph.add(
            "MaxPool",
            self._names[source],
            kernel_shape=window,
            strides=strides,
            pads=self._pads(source, output, window, strides, options.Padding()),
        )

    def _pads(
        self, source: int, output: int, window: tuple[int, ...], strides: tuple[int, int], padding: int
    ) -> list[int]:
        """What TensorFlow's "same" means at this size: the odd pixel goes behind."""
        if padding == tflite.Padding.VALID:
            return [0, 0, 0, 0]
        before, after = [], []
        for axis, length, stride in zip(_SPATIAL, window, strides, strict=True):
            missing = max((self._shape(output)[axis] - 1) * stride + length - self._shape(source)[axis], 0)
            before.append(missing // 2)
            after.append(missing - missing // 2)
        return [*before, *after]

    def _pad(self, inputs: list[int]) -> str:
        rows = self._constant(inputs[1]).reshape(4, 2)[[0, 3, 1, 2]]
        pads = self._graph.constant(rows.T.reshape(-1).astype(np.int64))
        return self._graph.add("Pad", self._names[inputs[0]], pads)

    def _reshape(self, source: int, output: int) -> str:
        """To (batch, ...): from channels last, as the file means it."""
        last = self._graph.add("Transpose", self._names[source], perm=[0, 2, 3, 1])
        shape = np.array([-1, *self._shape(output)[1:]], dtype=np.int64)
        return self._graph.add("Reshape", last, self._graph.constant(shape))

    def _activated(self, signal: str, activation: int) -> str:
        match activation:
            case tflite.ActivationFunctionType.NONE:
                return signal
            case tflite.ActivationFunctionType.RELU:
                return self._graph.add("Relu", signal)
            case _:
                raise ValueError(f"the file has an activation, number {activation}, that is not known")

    def _shape(self, tensor: int) -> tuple[int, ...]:
        return tuple(int(length) for length in self._file.Tensors(tensor).ShapeAsNumpy())

    def _floats(self, tensor: int) -> Float32Array:
        return self._constant(tensor).astype(np.float32)

    def _constant(self, tensor: int) -> NDArray[np.generic]:
        if tensor not in self._constants:
            described = self._file.Tensors(tensor)
            raw = self._model.Buffers(described.Buffer()).DataAsNumpy()
            numbers = np.frombuffer(raw.tobytes(), dtype=_TYPES[described.Type()])
            if numbers.size != math.prod(self._shape(tensor)):
                raise ValueError(f"tensor {tensor} of the file has not as many numbers as its shape says")
            self._constants[tensor] = numbers.reshape(self._shape(tensor))
        return self._constants[tensor]


def _options(operator: tflite.Operator, options: Any) -> Any:
    """The operator's own options, read by the reader's class for them."""
    table = operator.BuiltinOptions()
    options.Init(table.Bytes, table.Pos)
    return options
