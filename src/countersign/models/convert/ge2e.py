"""GE2E speaker encoder (Wan et al. 2018, "Generalized End-to-End Loss"; the Resemblyzer weights) to ONNX.

Three LSTM layers of 256 on 40 mel channels, the last state through a linear layer and ReLU, scaled to length 1.
"""

from __future__ import annotations

import numpy as np

from countersign.core.arrays import Float32Array
from countersign.models.convert.checkpoint import float_weights
from countersign.models.convert.graph import GraphBuilder, to_bytes

LAYERS = 3
HIDDEN = 256
MELS = 40


def ge2e(checkpoint: bytes) -> bytes:
    """The encoder as ONNX: `mels` float32[windows, frames, 40] to `embedding` float32[windows, 256], unit vectors."""
    weights = float_weights(checkpoint, "model_state")
    graph = GraphBuilder()
    signal = graph.add("Transpose", "mels", perm=[1, 0, 2])
    for layer in range(LAYERS):
        signal = _lstm(graph, signal, weights, layer)
    linear = graph.add(
        "Gemm",
        signal,
        graph.constant(weights["linear.weight"]),
        graph.constant(weights["linear.bias"]),
        transB=1,
    )
    positive = graph.add("Relu", linear)
    length = graph.add("ReduceL2", positive, axes=[1], keepdims=1)
    # A window of which nothing is left after ReLU gives zeros here and NaN in the original.
    graph.add(
        "Div", positive, graph.add("Max", length, graph.constant(np.array(1e-12, dtype=np.float32))), output="embedding"
    )
    return to_bytes(
        graph.model("ge2e", {"mels": ["windows", "frames", MELS]}, {"embedding": ["windows", HIDDEN]}),
    )


def _lstm(graph: GraphBuilder, signal: str, weights: dict[str, Float32Array], layer: int) -> str:
    """One layer; gives the whole sequence, or after the last layer the last state only."""
    inputs = [
        signal,
        graph.constant(_gates(weights[f"lstm.weight_ih_l{layer}"])[None]),
        graph.constant(_gates(weights[f"lstm.weight_hh_l{layer}"])[None]),
        graph.constant(
            np.concatenate([_gates(weights[f"lstm.bias_ih_l{layer}"]), _gates(weights[f"lstm.bias_hh_l{layer}"])])[None]
        ),
    ]
    last = layer == LAYERS - 1
    name = f"lstm{layer}"
    graph.add_many("LSTM", *inputs, outputs=("", name) if last else (name,), hidden_size=HIDDEN)
    # The axis of directions, of which there is one, goes.
    return graph.add("Squeeze", name, graph.constant(np.array([0 if last else 1], dtype=np.int64)))


def _gates(stacked: Float32Array) -> Float32Array:
    """PyTorch stacks the gates as input, forget, cell, output; ONNX as input, output, forget, cell."""
    gate_in, forget, cell, out = np.split(stacked, 4)
    return np.concatenate([gate_in, out, forget, cell])
