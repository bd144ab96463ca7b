"""A solid head from one photo: no data set has the same person turning the head and reading, so the turn is rendered.

The photo is laid over the depth that FaceMesh reads from it and turned about the neck; hair and ears follow the outline of
the face, the background stays and is stretched at the seam ("face profiling": Zhu et al., "Face alignment across large
poses", CVPR 2016). What turns is a solid, with occlusion and perspective; what it is not is a real head: no light moves
over it, and its depth is as true as FaceMesh's. Figures taken from it are called simulated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from scipy.spatial import Delaunay

from countersign.core.acquisition import FailureToAcquire
from countersign.core.arrays import Float64Array, UInt8Array
from countersign.core.quality import HeadPose
from countersign.evaluation.attacks.head_motion import Manner, turning
from countersign.evaluation.attacks.surface import TexturedSurface
from countersign.face.landmarks import Landmarks
from countersign.face.path import FacePath
from countersign.face.track import only_face
from countersign.liveness.challenge import TurnPath

OUTLINE = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""FaceMesh's points around the face, from the forehead over the person's left cheek."""
EDGE = (234, 454)
"""The two furthest apart across: the width of the face."""
RINGS = ((1.12, 0.25), (1.30, 0.55), (1.45, 0.75))
"""Hair and ears: sizes of the outline, and how far each lies behind it, in half widths of the face."""
STILL = 2.3
"""Size of the outline from which on the picture does not move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportions:
    """What one photo does not tell.

    Attributes:
        depth: factor on FaceMesh's depth; heads differ, and FaceMesh knows an average one.
        distance: from camera to face, in widths of the face: an arm's length is about 4.
        neck: of the axis behind the outline of the face, in half widths of the face.
    """

    depth: float = 1.0
    distance: float = 4.0
    neck: float = 0.6

    @classmethod
    def drawn(cls, random: np.random.Generator) -> Proportions:
        """Somebody's."""
        depth, distance, neck = random.uniform((0.85, 3.0, 0.3), (1.2, 6.0, 0.9))
        return cls(depth=float(depth), distance=float(distance), neck=float(neck))


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedHead:
    """A head that can be turned, before the background of its photo.

    Attributes:
        surface: photo and triangles.
        solid: `float64[n, 3]`, the vertices in space, pixels, from the axis of the neck in the plane of the face.
        moves: `float64[n]` in [0, 1]: 1 for the head, 0 for the background.
        centre: column and row of the axis in the photo.
        distance: from the camera to the axis, pixels.
    """

    surface: TexturedSurface = field(repr=False)
    solid: Float64Array = field(repr=False)
    moves: Float64Array = field(repr=False)
    centre: tuple[float, float]
    distance: float

    @classmethod
    def of(cls, photo: UInt8Array, face: Landmarks, proportions: Proportions | None = None) -> RenderedHead:
        """The head in a photo, nearly facing the camera.

        Args:
            photo: `uint8[height, width, 3]`, RGB, with some room around the face.
            face: its surface in the photo.
            proportions: what the photo does not tell.
        """
        proportions = Proportions() if proportions is None else proportions
        points = face.points.astype(np.float64)
        half = float(np.linalg.norm(points[EDGE[0], :2] - points[EDGE[1], :2])) / 2
        points[:, 2] *= proportions.depth
        outline = points[list(OUTLINE)]
        centre = outline[:, :2].mean(axis=0)
        rings = [
            np.column_stack([centre + (outline[:, :2] - centre) * size, outline[:, 2] + back * half])
            for size, back in RINGS
        ]
        axis = float(outline[:, 2].mean()) + proportions.neck * half
        still = np.column_stack([_still(photo.shape, centre, outline[:, :2]), np.zeros(len(OUTLINE) + 16)])
        vertices = np.concatenate([points, *rings, still])
        moves = np.r_[np.ones(len(vertices) - len(still)), np.zeros(len(still))]
        distance = proportions.distance * 2 * half
        depth = np.where(moves > 0, vertices[:, 2] - axis, 0.0)
        flat = (vertices[:, :2] - centre) * ((distance + depth) / distance)[:, None]
        return cls(
            surface=TexturedSurface(
                texture=photo,
                places=vertices[:, :2],
                triangles=np.asarray(Delaunay(vertices[:, :2]).simplices, dtype=np.int64),
            ),
            solid=np.column_stack([flat, depth]),
            moves=moves,
            centre=(float(centre[0]), float(centre[1])),
            distance=distance,
        )

    def at(self, pose: HeadPose) -> UInt8Array:
        """The picture with the head turned by `pose` from where it was in the photo; as large as the photo."""
        turned = self.solid @ rotation(pose).T
        near = self.distance / (self.distance + turned[:, 2])
        seen = turned[:, :2] * near[:, None] + np.array(self.centre)
        still = self.moves < 0.5
        seen[still] = self.surface.places[still]
        distance = np.where(still, 10.0 * self.distance, turned[:, 2])
        return self.surface.draw(np.column_stack([seen, distance]), self.surface.texture)


def render_turn(
    photo: UInt8Array,
    face: Landmarks,
    path: TurnPath,
    *,
    fps: float,
    size: tuple[int, int] | None = None,
    manner: Manner | None = None,
    proportions: Proportions | None = None,
) -> tuple[UInt8Array, ...]:
    """A person who turns the head as asked, from one photo.

    Begins and ends with the photo's own pose: put before or after a talking face whose first or last frame is the photo,
    it makes a whole login.

    Args:
        photo: `uint8[height, width, 3]`, RGB.
        face: its surface there, see `surface_of`.
        path: how to turn.
        fps: frames a second.
        size: width and height of the result; the photo's own without.
        manner: how it is done.
        proportions: of the head.
    """
    head = RenderedHead.of(photo, face, proportions)
    return film(head, turning(path, fps=fps, manner=manner), size=size)


def film(
    head: RenderedHead, poses: Sequence[HeadPose], *, size: tuple[int, int] | None = None
) -> tuple[UInt8Array, ...]:
    """The head in each of the poses, all of one size (width and height)."""
    frames = (head.at(pose) for pose in poses)
    if size is None:
        return tuple(frames)
    return tuple(np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), dtype=np.uint8) for frame in frames)


def surface_of(path: FacePath, photo: UInt8Array) -> Landmarks | FailureToAcquire:
    """The surface of the one face in a photo, placed twice, the second time by its own landmarks."""
    face = only_face(path.detector, photo, composed=True)
    if isinstance(face, FailureToAcquire):
        return face
    (surface,) = path.mesh.surfaces([(photo, face)])
    return surface


def rotation(pose: HeadPose) -> Float64Array:
    """`float64[3, 3]` in the camera's axes (columns to the right, rows downwards, depth away), signs as in `HeadPose`."""
    yaw, pitch, roll = np.radians([pose.yaw, pose.pitch, pose.roll])
    about_rows = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_columns = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    in_plane = np.array([[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    turned: Float64Array = about_rows @ about_columns @ in_plane
    return turned


def _still(shape: tuple[int, ...], centre: Float64Array, outline: Float64Array) -> Float64Array:
    """Points of the background: a wide ring around the head, inside the picture, and the picture's edge."""
    height, width = shape[:2]
    ring = centre + (outline - centre) * STILL
    edge = np.array([(x, y) for x in (0, 1 / 4, 1 / 2, 3 / 4, 1) for y in (0, 1 / 4, 1 / 2, 3 / 4, 1)])
    edge = edge[(np.isin(edge, (0, 1))).any(axis=1)] * (width - 1, height - 1)
    return np.concatenate([np.clip(ring, 0, (width - 1, height - 1)), edge])
