"""Dense landmarks by FaceMesh (Kartynnik et al., "Real-time facial surface geometry from monocular video", 2019)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from countersign.core.arrays import Float32Array, Float64Array, UInt8Array, read_only
from countersign.face.detect import DetectedFace
from countersign.face.geometry import about, inverse, move, scale_of, warp
from countersign.models.runtime import Model, Runtime

SIDE = 192
"""Pixels of the model's input."""
BATCH = 4
"""Faces at a time: of sixteen at once, what lies between the layers no longer fits a core's cache, and each takes half as
long again."""
ROOM = 1.5
"""Side of the view, in sides of the face's box, as in MediaPipe's face_landmark_front_cpu.pbtxt."""

EYES = ((33, 133), (362, 263))
"""Corners of the eye on the picture's left, then of the other, in an upright face seen from the front."""
NOSE_TIP = 1
MOUTH = (61, 291)
_FIVE = np.array([*EYES, *((point, point) for point in (NOSE_TIP, *MOUTH))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarks:
    """A face's surface.

    Attributes:
        points: `float32[468, 3]`: column and row in pixels of the picture, and depth in the same unit, smaller towards
            the camera, nought about the middle of the head. Order of MediaPipe's canonical face model.
        presence: how sure the model is that it sees a face it can follow, in [0, 1]. Falls to 0 towards full profile,
            where the points mean little.
    """

    points: Float32Array = field(repr=False)
    presence: float

    def __post_init__(self) -> None:
        read_only(self.points)

    @property
    def five(self) -> Float32Array:
        """`float32[5, 2]`: the points of `DetectedFace.points`, taken from the surface."""
        ends = self.points[_FIVE, :2]
        return (ends[:, 0] + ends[:, 1]) / np.float32(2)


class FaceMesh:
    """Finds the surface of faces that a detector has found.

    Args:
        model: catalogue entry "facemesh".
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    @classmethod
    def load(cls, runtime: Runtime) -> FaceMesh:
        """With its model.

        Raises:
            ModelError: the model is missing or altered.
        """
        return cls(runtime.model("facemesh"))

    def surfaces(self, faces: Sequence[tuple[UInt8Array, DetectedFace]]) -> tuple[Landmarks, ...]:
        """The surface of each face.

        Args:
            faces: pictures, `uint8[height, width, 3]` RGB, each with a face in it.
        """
        batches = [faces[start : start + BATCH] for start in range(0, len(faces), BATCH)]
        return tuple(surface for batch in batches for surface in self._surfaces(batch))

    def _surfaces(self, faces: Sequence[tuple[UInt8Array, DetectedFace]]) -> tuple[Landmarks, ...]:
        matrices = [_view(face) for _, face in faces]
        views = np.empty((len(faces), 3, SIDE, SIDE), dtype=np.float32)
        for view, (image, _), matrix in zip(views, faces, matrices, strict=True):
            view[...] = warp(image, matrix, (SIDE, SIDE)).transpose(2, 0, 1)
        points, presence = self._model(views)
        return tuple(
            _placed(np.asarray(points[index], dtype=np.float32), float(presence[index, 0]), matrix)
            for index, matrix in enumerate(matrices)
        )


def tilt_deg(points: Float32Array) -> float:
    """By how many degrees the picture must be turned counter-clockwise for the face of these five points to be upright.

    Both the line between the eyes and the one from eyes to mouth count, each by its length, so that it also holds in
    profile, where the eyes fall together.
    """
    # Plain numbers: on five points NumPy would take many times as long, and every frame comes through here.
    (x0, y0), (x1, y1), _, (x3, y3), (x4, y4) = points.tolist()
    across, down = (x3 + x4 - x0 - x1) / 2, (y3 + y4 - y0 - y1) / 2
    return math.degrees(math.atan2(y1 - y0 - across, x1 - x0 + down))


def _view(face: DetectedFace) -> Float64Array:
    middle = (SIDE / 2, SIDE / 2)
    return about(face.centre, angle_deg=tilt_deg(face.points), scale=SIDE / (ROOM * face.side), to=middle)


def _placed(points: Float32Array, presence: float, matrix: Float64Array) -> Landmarks:
    placed = np.empty_like(points)
    placed[:, :2] = move(points[:, :2], inverse(matrix))
    placed[:, 2] = points[:, 2] / scale_of(matrix)
    return Landmarks(points=placed, presence=min(max(presence, 0.0), 1.0))
