"""A photo on paper or on a tablet, held before the camera, waved, turned and bent as those do who try to pass it for a head.

Geometry only: perspective, bending, an unsteady hand, blur. What a print or a screen does to colours and texture is made
elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum, unique
from typing import assert_never

import cv2
import numpy as np

from countersign.core.arrays import Float64Array, UInt8Array
from countersign.core.quality import HeadPose
from countersign.evaluation.attacks.head_motion import Manner, turning
from countersign.evaluation.attacks.rendered_head import rotation
from countersign.evaluation.attacks.surface import TexturedSurface
from countersign.liveness.challenge import TurnPath

GRID = 17
"""Vertices along each side of a sheet: a bend of 3 sheet widths' radius stays within a fifth of a pixel of round."""


@unique
class Handling(StrEnum):
    """What is done with the picture. The first four leave it flat."""

    SHIFTED = "shifted"
    """Moved to and fro, nearer and further, and turned in its own plane."""
    TURNED = "turned"
    """Turned as the head is asked to turn."""
    OVERTURNED = "overturned"
    """Turned about twice as far, so that it narrows as a head does."""
    TILTED = "tilted"
    """Turned as asked and tilted forwards and backwards at the same time."""
    BENT = "bent"
    """Curved about its upright axis like a face, and turned as asked."""
    FLEXED = "flexed"
    """Bent more and less while it is turned."""
    ROLLED = "rolled"
    """The bend wanders across the picture to the side that the head is asked to turn to."""
    CUT_OUT = "cut_out"
    """Cut along the outline of the head, curved and turned."""


FLAT = frozenset({Handling.SHIFTED, Handling.TURNED, Handling.OVERTURNED, Handling.TILTED})
BENT = frozenset(Handling) - FLAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """How a sheet is held at one moment.

    Attributes:
        pose: of the sheet, as a head's; roll turns it in its plane.
        shift: columns and rows, in widths of the sheet.
        nearness: factor on its size.
        curve: bend about the sheet's upright axis, radians from its left to its right edge; positive bulges to the camera.
        ridge: where across the sheet it is bent most, in widths from its middle; the bend is even where None.
        slant_deg: of the axis of the bend against upright.
    """

    pose: HeadPose
    shift: tuple[float, float] = (0.0, 0.0)
    nearness: float = 1.0
    curve: float = 0.0
    ridge: float | None = None
    slant_deg: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A picture on a flexible sheet.

    Attributes:
        surface: the picture and its triangles.
        flat: `float64[n, 2]`, vertices in widths of the sheet from the point that it is turned about.
    """

    surface: TexturedSurface = field(repr=False)
    flat: Float64Array = field(repr=False)

    @classmethod
    def of(cls, photo: UInt8Array, *, cut: tuple[float, float, float, float] | None = None) -> Sheet:
        """A whole photo, or what of it lies in an ellipse.

        Args:
            photo: `uint8[height, width, 3]`.
            cut: column and row of the middle, half width and half height of the ellipse, pixels.
        """
        height, width = photo.shape[:2]
        rows, columns = np.mgrid[0:GRID, 0:GRID]
        unit = np.stack([columns.ravel(), rows.ravel()], axis=1) / (GRID - 1)
        if cut is None:
            places, middle = unit * (width - 1, height - 1), np.array([width, height]) / 2
        else:
            # The square laid over the ellipse: corners go to its edge.
            square = 2 * unit - 1
            round_ = square * np.sqrt(1 - square[:, ::-1] ** 2 / 2)
            middle = np.array(cut[:2])
            places = np.clip(middle + round_ * cut[2:], 0, (width - 1, height - 1))
        cell = (rows[:-1, :-1] * GRID + columns[:-1, :-1]).ravel()
        corners = np.stack([cell, cell + 1, cell + GRID, cell + GRID + 1], axis=1)
        triangles = np.concatenate([corners[:, [0, 1, 2]], corners[:, [1, 3, 2]]])
        surface = TexturedSurface(texture=photo, places=places.astype(np.float64), triangles=triangles.astype(np.int64))
        return cls(surface=surface, flat=(places - middle) / width)

    def seen(self, hold: Hold, *, size: tuple[int, int], width: float, distance: float) -> Float64Array:
        """`float64[n, 3]`: where the vertices are in a picture, and how far.

        Args:
            hold: how it is held.
            size: width and height of the picture.
            width: of the sheet in the picture, pixels.
            distance: from the camera to the sheet, in the same pixels.
        """
        solid = _bent(self.flat, hold) * width
        turned = solid @ rotation(hold.pose).T
        away = distance / hold.nearness
        scale = distance / (away + turned[:, 2])
        where = turned[:, :2] * scale[:, None] + np.array(size) / 2 + np.array(hold.shift) * width
        return np.column_stack([where, away + turned[:, 2]])


def held(
    sheet: Sheet,
    holds: Sequence[Hold],
    room: UInt8Array,
    *,
    width: float,
    distance: float,
    blur: float = 0.6,
) -> tuple[UInt8Array, ...]:
    """The film of a sheet held before a room.

    Args:
        sheet: what is held.
        holds: one for each frame.
        room: `uint8[height, width, 3]`, the picture behind it.
        width: of the sheet in the picture, pixels.
        distance: to the sheet, in the same pixels.
        blur: standard deviation of the defocus, pixels.
    """
    size = (room.shape[1], room.shape[0])
    frames = (sheet.surface.draw(sheet.seen(hold, size=size, width=width, distance=distance), room) for hold in holds)
    return tuple(np.asarray(cv2.GaussianBlur(frame, (0, 0), blur), dtype=np.uint8) for frame in frames)


def handled(
    handling: Handling, path: TurnPath, *, fps: float, random: np.random.Generator, still_s: float = 0.3
) -> tuple[Hold, ...]:
    """How somebody holds a sheet who was asked to turn the head."""
    poses = turning(path, fps=fps, manner=Manner.drawn(random), still_s=still_s)
    share = np.array([pose.yaw for pose in poses]) / path.extent_deg
    tremble = _tremble(len(poses), fps, random)
    away = random.uniform(0.15, 0.5, 3) * random.choice((-1.0, 1.0), 3)
    curve = float(random.uniform(0.8, 2.4))
    slant = float(random.uniform(-20, 20))
    holds = []
    for pose, part, hand in zip(poses, share, tremble, strict=True):
        hold = Hold(
            pose=HeadPose(yaw=pose.yaw, pitch=pose.pitch, roll=pose.roll + 20 * hand[2]),
            shift=(float(hand[0]), float(hand[1])),
            nearness=float(np.exp(0.5 * hand[3])),
        )
        holds.append(_handled(handling, hold, float(part), away=away, curve=curve, slant_deg=slant))
    return tuple(holds)


def _handled(
    handling: Handling, hold: Hold, part: float, *, away: Float64Array, curve: float, slant_deg: float
) -> Hold:
    """`hold` at `part` of the asked turn."""
    pose = hold.pose
    match handling:
        case Handling.SHIFTED:
            still = HeadPose(yaw=0.1 * pose.yaw, pitch=pose.pitch, roll=pose.roll + 40 * float(away[2]) * part)
            shift = (hold.shift[0] + float(away[0]) * part, hold.shift[1] + 0.4 * float(away[1]) * part)
            nearness = hold.nearness * (1 + 0.3 * float(away[1]) * part)
            changed = replace(hold, pose=still, shift=shift, nearness=nearness)
        case Handling.TURNED:
            changed = hold
        case Handling.OVERTURNED:
            changed = replace(hold, pose=replace(pose, yaw=float(np.clip(2.0 * pose.yaw, -62, 62))))
        case Handling.TILTED:
            changed = replace(hold, pose=replace(pose, pitch=pose.pitch + 60 * float(away[0]) * part))
        case Handling.FLEXED:
            changed = replace(hold, curve=curve * (0.4 + 0.6 * abs(part)), slant_deg=slant_deg)
        case Handling.ROLLED:
            ridge = float(np.clip(-0.35 * part, -0.4, 0.4))
            changed = replace(hold, pose=replace(pose, yaw=0.5 * pose.yaw), curve=curve, ridge=ridge)
        case Handling.BENT | Handling.CUT_OUT:
            changed = replace(hold, curve=curve, slant_deg=slant_deg)
        case _:
            assert_never(handling)
    return changed


def _bent(flat: Float64Array, hold: Hold) -> Float64Array:
    """`float64[n, 3]`, widths of the sheet: the sheet rolled about an axis in its plane, lengths along it unchanged."""
    slant = np.radians(hold.slant_deg)
    turn = np.array([[np.cos(slant), np.sin(slant)], [-np.sin(slant), np.cos(slant)]])
    across, along = (flat @ turn.T).T
    if abs(hold.curve) < 1e-6:
        solid = np.column_stack([across, along, np.zeros(len(flat))])
    elif hold.ridge is None:
        angle = hold.curve * across
        solid = np.column_stack([np.sin(angle) / hold.curve, along, (1 - np.cos(angle)) / hold.curve])
    else:
        solid = _ridged(across, along, hold.curve, hold.ridge)
    solid[:, :2] = solid[:, :2] @ turn
    return solid


def _ridged(across: Float64Array, along: Float64Array, curve: float, ridge: float) -> Float64Array:
    """Bent within a fifth of a width to either side of the ridge, straight beyond."""
    steps = np.linspace(-1.5, 1.5, 601)
    angle = curve / 2 * np.tanh((steps - ridge) / 0.2)
    x = np.cumsum(np.cos(angle)) * (steps[1] - steps[0])
    z = np.cumsum(np.sin(angle)) * (steps[1] - steps[0])
    middle = float(np.interp(0.0, steps, x)), float(np.interp(0.0, steps, z))
    return np.column_stack([np.interp(across, steps, x) - middle[0], along, np.interp(across, steps, z) - middle[1]])


def _tremble(count: int, fps: float, random: np.random.Generator) -> Float64Array:
    """`float64[count, 4]`: an unsteady hand, slow and fast together; columns, rows, roll, nearness; about 0.02."""
    slow, fast = (_smooth(count, max(3, round(fps * seconds)), random) for seconds in (1.0, 0.15))
    return 0.02 * slow + 0.003 * fast


def _smooth(count: int, width: int, random: np.random.Generator) -> Float64Array:
    window = np.hanning(width + 2)[1:-1]
    window /= np.sqrt((window**2).sum())
    steps = random.normal(0.0, 1.0, (count + width - 1, 4))
    return np.stack([np.convolve(steps[:, axis], window, "valid") for axis in range(4)], axis=1)
