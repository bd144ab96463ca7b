"""ONNX files of others, improved: made to take any batch where they were exported for one, and their PRelu faster."""

from __future__ import annotations

import numpy as np
import onnx

from countersign.models.convert.graph import GraphBuilder, to_bytes


def batched(data: bytes) -> bytes:
    """Free the first axis of every input and output.

    Only for graphs whose operators all treat the first axis as independent items, which the catalogue's proof checks by
    running a batch against its items. The one operator that needs help is a Reshape to a constant whose first length
    is 1: it becomes -1, and a -1 elsewhere becomes the length it stood for, which is known from the fixed shapes.
    """
    model = onnx.load_model_from_string(data)
    inferred = onnx.shape_inference.infer_shapes(model)
    shapes = {value.name: _lengths(value) for value in inferred.graph.value_info}
    for node in model.graph.node:
        if node.op_type == "Reshape":
            _free_reshape(model, node.input[1], shapes[node.output[0]])
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].Clear()
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    del model.graph.value_info[:]
    _spell_prelu(model)
    return to_bytes(model)


def spelled(data: bytes) -> bytes:
    """An ONNX file that takes any batch already, its PRelu made faster."""
    model = onnx.load_model_from_string(data)
    _spell_prelu(model)
    return to_bytes(model)


def _lengths(value: onnx.ValueInfoProto) -> list[int]:
    return [dim.dim_value for dim in value.type.tensor_type.shape.dim]


def _free_reshape(model: onnx.ModelProto, constant: str, lengths: list[int]) -> None:
    target = np.array([-1, *lengths[1:]], dtype=np.int64)
    for node in model.graph.node:
        if node.op_type == "Constant" and node.output[0] == constant:
            node.attribute[0].t.CopyFrom(onnx.numpy_helper.from_array(target))
            return
    for tensor in model.graph.initializer:
        if tensor.name == constant:
            tensor.CopyFrom(onnx.numpy_helper.from_array(target, name=constant))
            return
    raise ValueError(f"the shape {constant} of a Reshape is not a constant")


def _spell_prelu(model: onnx.ModelProto) -> None:
    """Put simpler operators in the place of every PRelu, see `GraphBuilder.prelu`."""
    slopes = {tensor.name: tensor for tensor in model.graph.initializer}
    graph = GraphBuilder(prefix="prelu_")
    for node in model.graph.node:
        if node.op_type == "PRelu":
            graph.prelu(node.input[0], onnx.numpy_helper.to_array(slopes.pop(node.input[1])), output=node.output[0])
        else:
            graph.nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(graph.nodes)
    del model.graph.initializer[:]
    model.graph.initializer.extend([*slopes.values(), *graph.weights])
