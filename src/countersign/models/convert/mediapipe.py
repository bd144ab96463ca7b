"""MediaPipe's FaceMesh and BlazeFace (short range), from their TensorFlow Lite files, to ONNX.

What MediaPipe's graphs do before and behind the nets is part of the ONNX files: the scale of the input, the sigmoid of
the scores, and for BlazeFace the anchors (mediapipe/modules/face_landmark/face_landmark_cpu.pbtxt,
mediapipe/modules/face_detection/face_detection_short_range_common.pbtxt).
"""

from __future__ import annotations

import numpy as np

from countersign.core.arrays import Float32Array
from countersign.models.convert.graph import GraphBuilder, to_bytes
from countersign.models.convert.tflite_file import TfliteGraph

MESH_SIDE = 192
POINTS = 468
FACE_SIDE = 128
ANCHORS_OF_SIDE = {16: 2, 8: 6}
"""Anchors in each cell of the two grids (strides 8 and 16, the latter in three layers of two)."""


def facemesh(file: bytes) -> bytes:
    """FaceMesh: `rgb` float32[faces, 3, 192, 192] in [0, 255] to `points` float32[faces, 468, 3] and `face`.

    Points are columns, rows and depth in pixels of the input, depth smaller towards the camera.
    """
    graph = GraphBuilder()
    scaled = graph.add("Mul", "rgb", graph.constant(np.array(1 / 255, dtype=np.float32)))
    outputs = TfliteGraph(file, graph, scaled).add_all()
    mesh, flag = outputs["conv2d_21"], outputs["conv2d_31"]
    graph.add("Reshape", mesh, graph.constant(np.array([-1, POINTS, 3], dtype=np.int64)), output="points")
    flat = graph.add("Reshape", flag, graph.constant(np.array([-1, 1], dtype=np.int64)))
    graph.add("Sigmoid", flat, output="face")
    return to_bytes(
        graph.model(
            "facemesh",
            {"rgb": ["faces", 3, MESH_SIDE, MESH_SIDE]},
            {"points": ["faces", POINTS, 3], "face": ["faces", 1]},
        )
    )


def blazeface(file: bytes) -> bytes:
    """BlazeFace: `rgb` float32[pictures, 3, 128, 128] in [0, 255] to `faces` float32[pictures, 896, 16] and `scores`.

    A face is the box's centre column and row, its width and height, then six points (the eye on the picture's left and
    on its right, nose tip, mouth, ear tragions left and right) as column and row: all in sides of the input, 0 to 1.
    """
    graph = GraphBuilder()
    scaled = graph.add("Mul", "rgb", graph.constant(np.array(1 / 127.5, dtype=np.float32)))
    centred = graph.add("Sub", scaled, graph.constant(np.array(1, dtype=np.float32)))
    outputs = TfliteGraph(file, graph, centred).add_all()
    offsets = graph.add("Mul", outputs["regressors"], graph.constant(np.array(1 / FACE_SIDE, dtype=np.float32)))
    graph.add("Add", offsets, graph.constant(_anchors()), output="faces")
    graph.add("Sigmoid", outputs["classificators"], output="scores")
    return to_bytes(
        graph.model(
            "blazeface",
            {"rgb": ["pictures", 3, FACE_SIDE, FACE_SIDE]},
            {"faces": ["pictures", 896, 16], "scores": ["pictures", 896, 1]},
        )
    )


def _anchors() -> Float32Array:
    """What is added to each of the 16 numbers: the cell's centre, but nothing to width and height."""
    rows = []
    for side, count in ANCHORS_OF_SIDE.items():
        for cell in range(side * side):
            row, column = divmod(cell, side)
            centre = [(column + 0.5) / side, (row + 0.5) / side]
            rows.extend([[*centre, 0.0, 0.0, *centre * 6]] * count)
    return np.array(rows, dtype=np.float32)
