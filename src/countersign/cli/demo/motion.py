"""A still portrait put in motion: the head turns, the mouth follows the sound, the hand that holds the camera trembles.

The head is an ellipsoid that carries the picture, so near parts move further than far ones when it turns. It is a
plaything for trying the system without a camera, and to a liveness check it should look like what it is: a picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from countersign.cli.demo.portraits import Portrait
from countersign.core.arrays import Float32Array, UInt8Array

WIDTH, HEIGHT, FRAMES_PER_SECOND = 640, 480, 30
_HEAD_HEIGHT = 300.0
"""Pixels from chin to crown in the film."""
_ROWS, _COLUMNS = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """What differs from one film of a person to the next.

    Attributes:
        seed: of tremble and noise.
        turn_deg: the furthest the head turns, positive to the person's left.
        turn_at_s: when it is turned furthest.
        light: factor on the brightness.
    """

    seed: int
    turn_deg: float
    turn_at_s: float
    light: float = 1.0


def film(portrait: Portrait, take: Take, loudness: Float32Array) -> Iterator[UInt8Array]:
    """Frames, each `uint8[480, 640, 3]`, RGB.

    Args:
        portrait: whose face.
        take: how it moves.
        loudness: `float32[n]` in [0, 1], one for each frame: how far the mouth is open.
    """
    random = np.random.default_rng(take.seed)
    picture = portrait.read()
    tremble = _tremble(random, len(loudness))
    noises = random.normal(0.0, 2.0, (8, HEIGHT, WIDTH, 1)).astype(np.float32)
    for index, opening in enumerate(loudness):
        time_s = index / FRAMES_PER_SECOND
        yaw = np.deg2rad(take.turn_deg) * np.exp(-(((time_s - take.turn_at_s) / 0.6) ** 2))
        x, y, mouth = _where_from(portrait, yaw=float(yaw), shift=tremble[index], opening=float(opening))
        frame = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101).astype(np.float32)
        frame *= take.light * (1.0 - 0.7 * mouth[..., None])
        frame += noises[random.integers(len(noises))]
        yield np.clip(frame, 0, 255).astype(np.uint8)


def _tremble(random: np.random.Generator, count: int) -> Float32Array:
    """Slow drift of the camera, `float32[count, 2]`, pixels of the film."""
    steps = random.normal(0.0, 1.0, (count + 30, 2))
    smooth = np.stack([np.convolve(steps[:, axis], np.hanning(31), "valid") for axis in range(2)], axis=1)
    return np.asarray(smooth[:count] * 0.7, np.float32)


def _where_from(
    portrait: Portrait, *, yaw: float, shift: Float32Array, opening: float
) -> tuple[Float32Array, Float32Array, Float32Array]:
    """For every pixel of the film its place in the portrait (x, y), and how much of it is open mouth, in [0, 1]."""
    scale = 2.0 * portrait.radii[1] / _HEAD_HEIGHT
    x = (_COLUMNS - WIDTH / 2 + shift[0]) * scale
    y = (_ROWS - HEIGHT / 2 + shift[1]) * scale
    # A point (X, Z) of the head goes to X cos(yaw) + Z sin(yaw); solved for X with the depth at the place it goes to.
    depth = np.sqrt(np.maximum(0.0, 1.0 - (x / portrait.radii[0] / 1.25) ** 2 - (y / portrait.radii[1] / 1.25) ** 2))
    near = np.minimum(1.0, 2.0 * depth)
    turned = (x - portrait.radii[0] * depth * np.sin(yaw)) / np.cos(yaw)
    x = portrait.centre[0] + near * turned + (1.0 - near) * x
    y = portrait.centre[1] + y

    half = portrait.mouth_width / 2
    across = np.exp(-(((x - portrait.mouth[0]) / half) ** 2))
    below = y - portrait.mouth[1]
    drop = 0.45 * half * opening * across * np.exp(-((below / portrait.mouth_width) ** 2))
    mouth = np.where((below > 0) & (below < drop), across, 0.0)
    y = np.where(below > 0, portrait.mouth[1] + np.maximum(0.0, below - drop), y)
    return np.asarray(x, np.float32), np.asarray(y, np.float32), np.asarray(mouth, np.float32)
