"""OpenVINO's intermediate representation (an XML graph and a file of weights) to ONNX: the operators two models need."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float32Array
from countersign.models.convert.graph import GraphBuilder, to_bytes

_TYPES = {"f16": "<f2", "f32": "<f4", "i64": "<i8"}
_SAME_IN_ONNX = {"Multiply": "Mul", "ReLU": "Relu", "Sigmoid": "Sigmoid"}


def head_pose(weights: bytes, graph: bytes) -> bytes:
    """head-pose-estimation-adas-0001: `bgr` float32[faces, 3, 60, 60] to `angles` float32[faces, 3], degrees.

    The file's three outputs become one: yaw, pitch, roll.
    """
    network = _Network.read(weights, graph, source="bgr")
    network.add_all()
    angles = [network.results[f"angle_{letter}_fc"] for letter in "ypr"]
    network.graph.add("Concat", *angles, axis=1, output="angles")
    return to_bytes(network.graph.model("head-pose", {"bgr": ["faces", 3, 60, 60]}, {"angles": ["faces", 3]}))


def face_reidentification(weights: bytes, graph: bytes) -> bytes:
    """face-reidentification-retail-0095: `bgr` float32[faces, 3, 128, 128] to `embedding` float32[faces, 256]."""
    network = _Network.read(weights, graph, source="bgr")
    network.add_all()
    (embedding,) = network.results.values()
    network.graph.add("Flatten", embedding, output="embedding")
    return to_bytes(
        network.graph.model("face-reid", {"bgr": ["faces", 3, 128, 128]}, {"embedding": ["faces", 256]}),
    )


@dataclass(slots=True)
class _Network:
    layers: list[ET.Element]
    inputs: dict[str, list[str]]
    weights: bytes
    graph: GraphBuilder
    source: str
    names: dict[str, str] = field(default_factory=dict)
    constants: dict[str, NDArray[np.generic]] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    """Names in the graph, by the names in the file of the layers that give the results."""

    @classmethod
    def read(cls, weights: bytes, graph: bytes, *, source: str) -> _Network:
        root = ET.fromstring(graph)  # noqa: S314 - read only after its SHA-256 has been found to be the catalogue's
        edges: dict[str, list[tuple[int, str]]] = {}
        for edge in root.iter("edge"):
            edges.setdefault(edge.attrib["to-layer"], []).append(
                (int(edge.attrib["to-port"]), edge.attrib["from-layer"])
            )
        inputs = {layer: [source for _, source in sorted(found)] for layer, found in edges.items()}
        return cls(list(root.iter("layer")), inputs, weights, GraphBuilder(), source)

    def add_all(self) -> None:
        """Add every layer; the file lists them in the order of execution."""
        titles = {layer.attrib["id"]: layer.attrib["name"] for layer in self.layers}
        for layer in self.layers:
            identity, kind = layer.attrib["id"], layer.attrib["type"]
            inputs = self.inputs.get(identity, [])
            match kind:
                case "Const":
                    self.constants[identity] = self._read_constant(_data(layer))
                case "Convert":
                    # From the 16-bit floats in which weights are kept; every one of them is a 32-bit float too.
                    self.constants[identity] = self.constants[inputs[0]].astype(np.float32)
                case "Parameter":
                    self.names[identity] = self.source
                case "Result":
                    self.results[titles[inputs[0]]] = self.names[inputs[0]]
                case _:
                    self.names[identity] = self._add(kind, _data(layer), inputs)

    def _add(self, kind: str, data: dict[str, str], inputs: list[str]) -> str:
        first = self.names[inputs[0]]
        match kind:
            case "Add":
                added = self._sum(inputs)
            case "Multiply" | "ReLU" | "Sigmoid":
                added = self.graph.add(_SAME_IN_ONNX[kind], *(self._name(layer) for layer in inputs))
            case "PReLU":
                added = self.graph.prelu(first, self._floats(inputs[1]).reshape(-1, 1, 1))
            case "Convolution" | "GroupConvolution":
                added = self._convolution(data, inputs, grouped=kind == "GroupConvolution")
            case "MaxPool":
                added = self.graph.add(
                    "MaxPool",
                    first,
                    kernel_shape=_numbers(data["kernel"]),
                    strides=_numbers(data["strides"]),
                    pads=_numbers(data["pads_begin"]) + _numbers(data["pads_end"]),
                    ceil_mode=int(data["rounding_type"] == "ceil"),
                )
            case "AvgPool":
                # In these files always over the whole picture.
                added = self.graph.add("GlobalAveragePool", first)
            case "Reshape":
                # In these files always to (batch, everything else).
                added = self.graph.add("Flatten", first)
            case "MatMul":
                added = self.graph.add("MatMul", first, self.graph.constant(self._floats(inputs[1]).T))
            case _:
                raise ValueError(f"the file has a layer {kind!r} that is not known")
        return added

    def _convolution(self, data: dict[str, str], inputs: list[str], *, grouped: bool) -> str:
        filters = self._floats(inputs[1])
        groups = filters.shape[0] if grouped else 1
        if grouped:  # groups, out, in, rows, columns
            filters = filters.reshape(-1, *filters.shape[2:])
        return self.graph.add(
            "Conv",
            self.names[inputs[0]],
            self.graph.constant(filters),
            kernel_shape=filters.shape[2:],
            strides=_numbers(data["strides"]),
            pads=_numbers(data["pads_begin"]) + _numbers(data["pads_end"]),
            group=groups,
        )

    def _sum(self, inputs: list[str]) -> str:
        """A sum; of a convolution and numbers for its channels, the convolution with biases."""
        first, second = inputs
        last = self.graph.nodes[-1] if self.graph.nodes else None
        if last is not None and last.op_type == "Conv" and last.output[0] == self.names.get(first):
            biases = self.constants.get(second)
            if biases is not None and len(last.input) == 2 and biases.size == biases.shape[1]:
                last.input.append(self.graph.constant(biases.astype(np.float32).reshape(-1)))
                return self.names[first]
        return self.graph.add("Add", *(self._name(layer) for layer in inputs))

    def _name(self, layer: str) -> str:
        return self.names[layer] if layer in self.names else self.graph.constant(self._floats(layer))

    def _floats(self, layer: str) -> Float32Array:
        return self.constants[layer].astype(np.float32)

    def _read_constant(self, data: dict[str, str]) -> NDArray[np.generic]:
        start, size = int(data["offset"]), int(data["size"])
        numbers = np.frombuffer(self.weights[start : start + size], dtype=_TYPES[data["element_type"]])
        shape = _numbers(data["shape"]) if data["shape"] else []
        return numbers.reshape(shape)


def _data(layer: ET.Element) -> dict[str, str]:
    found = layer.find("data")
    return {} if found is None else dict(found.attrib)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]
