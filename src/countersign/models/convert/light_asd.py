"""Light-ASD (Liao et al., CVPR 2023), cut down to the half that looks."""

from __future__ import annotations

import onnx

from countersign.models.convert.graph import to_bytes

_PICTURES = "/visualEncoder/Reshape_1_output_0"
"""128 numbers a picture, before the sound's are added to them."""


def looking_half(data: bytes) -> bytes:
    """From face pictures to what their mouths look like; without the sound, and without the verdict on both."""
    model = onnx.load_model_from_string(data)
    wanted, kept = {_PICTURES}, list[onnx.NodeProto]()
    for node in reversed(model.graph.node):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            kept.append(node)
    for node in kept:
        if _PICTURES in node.output:
            node.output[list(node.output).index(_PICTURES)] = "seen"
    nodes = [onnx.NodeProto.FromString(node.SerializeToString()) for node in reversed(kept)]
    weights = [tensor for tensor in model.graph.initializer if tensor.name in wanted]
    inputs = [value for value in model.graph.input if value.name in wanted]
    seen = onnx.helper.make_tensor_value_info("seen", onnx.TensorProto.FLOAT, [1, "tv", 128])
    graph = onnx.helper.make_graph(nodes, "light-asd-pictures", inputs, [seen], weights)
    half = onnx.helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    half.producer_name = model.producer_name
    return to_bytes(half)
