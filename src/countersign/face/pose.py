"""Which way the head points: yaw and pitch of the nose's direction, roll about it. Signs as in `HeadPose`."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float32Array
from countersign.core.quality import HeadPose
from countersign.face.detect import DetectedFace
from countersign.face.landmarks import Landmarks, tilt_deg

LATERAL = np.array([
    (33, 263), (133, 362), (61, 291), (234, 454), (127, 356), (93, 323),
    (58, 288), (50, 280), (205, 425), (105, 334), (54, 284), (172, 397),
])  # fmt: skip
"""Mirrored pairs of FaceMesh's points, the person's right one first: their mean difference runs from ear to ear."""
UPWARDS = np.array([(152, 10), (199, 151), (200, 9), (18, 8)])
"""Pairs on the middle line, the lower first: their mean difference runs from chin to forehead."""
FOREHEAD_LEAN_DEG = 8.0
"""By how much that line leans in people who look straight ahead (median over 290 frontal photos)."""

NOSE_LENGTH, EYE_DISTANCE = 0.26, 0.96
"""How far the nose stands out, and how far apart the eyes are, in distances from eyes to mouth. The first is what the
detectors' points show in full profile, the second their median over 290 frontal photos."""


def head_pose(face: DetectedFace, surface: Landmarks | None = None) -> HeadPose:
    """The pose of a face, from its surface where that can be trusted, else from the detector's five points.

    FaceMesh follows a head to about 60 degrees and loses it beyond, which its presence says; the five points are coarse
    but good to 90 degrees.
    """
    coarse = pose_of_points(face.points)
    if surface is None:
        return coarse
    fine, trust = pose_of_surface(surface), surface.presence
    return HeadPose(
        yaw=trust * fine.yaw + (1 - trust) * coarse.yaw,
        pitch=trust * fine.pitch + (1 - trust) * coarse.pitch,
        roll=trust * fine.roll + (1 - trust) * coarse.roll,
    )


def pose_of_surface(surface: Landmarks) -> HeadPose:
    """From FaceMesh's points: two directions that hardly depend on the person or the expression."""
    # Plain numbers from here on: NumPy takes many times as long on three of them, and every frame comes through here.
    right = _unit(_mean_difference(surface.points, LATERAL))
    up = _mean_difference(surface.points, UPWARDS)
    up = _unit(_sum(up, right, -_dot(up, right)))
    lean = math.radians(FOREHEAD_LEAN_DEG)
    # Camera axes: columns to the right, rows downwards, depth away. The face looks against depth.
    forward = _sum(_times(_cross(right, up), math.cos(lean)), up, math.sin(lean))
    yaw = math.atan2(forward[0], -forward[2])
    pitch = math.asin(min(max(-forward[1], -1.0), 1.0))
    level = (math.cos(yaw), 0.0, math.sin(yaw))
    roll = -math.atan2(_dot(right, _cross(level, forward)), _dot(right, level))
    return HeadPose(yaw=math.degrees(yaw), pitch=math.degrees(pitch), roll=math.degrees(roll))


def pose_of_points(points: Float32Array) -> HeadPose:
    """From the five points of a detector: how far the nose has moved sideways, and how near the eyes have come.

    Pitch is left at 0: five points do not tell it from the shape of a face.
    """
    sideways, apart = _profile(points)
    yaw = math.atan2(sideways / NOSE_LENGTH, max(apart, 0.0) / EYE_DISTANCE)
    return HeadPose(yaw=math.degrees(yaw), pitch=0.0, roll=-tilt_deg(points))


def asymmetry(points: Float32Array) -> float:
    """How far the nose tip stands off the line between eyes and mouth, in distances from eyes to mouth, unsigned.

    On the photos it was developed on: 99 in 100 frontal ones below 0.15, 99 in 100 profiles above 0.17.
    """
    return abs(_profile(points)[0])


def _profile(points: Float32Array) -> tuple[float, float]:
    """Offset of the nose and distance of the eyes across the axis from mouth to eyes, in lengths of that axis."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3), (x4, y4) = points.tolist()
    right, down = (x3 + x4 - x0 - x1) / 2, (y3 + y4 - y0 - y1) / 2
    area = max(math.hypot(right, down), 1e-6) ** 2
    middle_x, middle_y = (x0 + x1 + x3 + x4) / 4, (y0 + y1 + y3 + y4) / 4
    sideways = ((x2 - middle_x) * down - (y2 - middle_y) * right) / area
    return sideways, ((x1 - x0) * down - (y1 - y0) * right) / area


_Vector: TypeAlias = tuple[float, float, float]


def _mean_difference(points: Float32Array, pairs: NDArray[np.intp]) -> _Vector:
    start, end = points[pairs].sum(axis=0, dtype=np.float64).tolist()
    return (end[0] - start[0]) / len(pairs), (end[1] - start[1]) / len(pairs), (end[2] - start[2]) / len(pairs)


def _unit(vector: _Vector) -> _Vector:
    return _times(vector, 1 / max(math.hypot(*vector), 1e-9))


def _times(vector: _Vector, factor: float) -> _Vector:
    return vector[0] * factor, vector[1] * factor, vector[2] * factor


def _sum(one: _Vector, other: _Vector, times: float) -> _Vector:
    """The one and so many `times` the other."""
    return one[0] + times * other[0], one[1] + times * other[1], one[2] + times * other[2]


def _dot(one: _Vector, other: _Vector) -> float:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def _cross(one: _Vector, other: _Vector) -> _Vector:
    return (
        one[1] * other[2] - one[2] * other[1],
        one[2] * other[0] - one[0] * other[2],
        one[0] * other[1] - one[1] * other[0],
    )
