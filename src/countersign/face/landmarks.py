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
ROOM = 1.5
"""Side of the view, in sides of the face's box, as in MediaPipe's face_landmark_front_cpu.pbtxt."""

EYES = ((33, 133), (362, 263))
"""Corners of the eye on the picture's left, then of the other, in an upright face seen from the front."""
NOSE_TIP = 1
MOUTH = (61, 291)


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
        flat = self.points[:, :2]
        eyes = [flat[list(corners)].mean(axis=0) for corners in EYES]
        return np.stack([*eyes, flat[NOSE_TIP], *flat[list(MOUTH)]]).astype(np.float32)


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
        """The surface of each face, all in one batch.

        Args:
            faces: pictures, `uint8[height, width, 3]` RGB, each with a face in it.
        """
        if not faces:
            return ()
        matrices = [_view(face) for _, face in faces]
        views = [warp(image, matrix, (SIDE, SIDE)) for (image, _), matrix in zip(faces, matrices, strict=True)]
        batch = np.ascontiguousarray(np.stack(views).transpose(0, 3, 1, 2), dtype=np.float32)
        points, presence = self._model(batch)
        return tuple(
            _placed(np.asarray(points[index], dtype=np.float32), float(presence[index, 0]), matrix)
            for index, matrix in enumerate(matrices)
        )


def tilt_deg(points: Float32Array) -> float:
    """By how many degrees the picture must be turned counter-clockwise for the face of these five points to be upright.

    Both the line between the eyes and the one from eyes to mouth count, each by its length, so that it also holds in
    profile, where the eyes fall together.
    """
    eyes = points[1] - points[0]
    down = (points[3] + points[4]) / 2 - (points[0] + points[1]) / 2
    return math.degrees(math.atan2(float(eyes[1] - down[0]), float(eyes[0] + down[1])))


def _view(face: DetectedFace) -> Float64Array:
    middle = (SIDE / 2, SIDE / 2)
    return about(face.centre, angle_deg=tilt_deg(face.points), scale=SIDE / (ROOM * face.side), to=middle)


def _placed(points: Float32Array, presence: float, matrix: Float64Array) -> Landmarks:
    flat = move(points[:, :2], inverse(matrix))
    depth = points[:, 2:] / scale_of(matrix)
    return Landmarks(points=np.column_stack([flat, depth]).astype(np.float32), presence=min(max(presence, 0.0), 1.0))
