"""Films of people and the same filmed from simulated screens: what `fit_screen.py` is fitted on.

A screen has a grid of lit points, a fundamental and a harmonic along rows and columns, shifted from colour to colour; the
camera samples it, so that any pitch appears at its alias. How strong it is, how the screen stands or is held, its gamma, tint,
black, reflections and bands, the camera's lines, noise, sharpness and codec are drawn anew for every clip, over ranges that include
screens that leave no trace. Live clips go through the same camera and codecs, with mains flicker, flare and blocks of MJPEG of
their own, so that none of these alone is a cue.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import av
import cv2
import numpy as np

from countersign.core.arrays import Float32Array, Float64Array, UInt8Array

FPS = 10
COUNT = 12
Centre = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is shown: a film's pictures, or a photo.

    Attributes:
        pictures: `uint8[height, width, 3]`, RGB, of one size: COUNT, or one.
        centres: of the face in each.
        side: of the face, pixels.
    """

    data: str
    person: str
    name: str
    pictures: tuple[UInt8Array, ...] = field(repr=False)
    centres: tuple[Centre, ...] = field(repr=False)
    side: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One clip as a camera's codec left it.

    Attributes:
        label: "live", "screen" (it stands) or "held".
        settings: what was drawn.
        film: the encoded file.
    """

    data: str
    person: str
    name: str
    label: str
    settings: Mapping[str, float]
    film: bytes = field(repr=False)
    centres: tuple[Centre, ...] = field(repr=False)
    side: float

    def pictures(self) -> list[UInt8Array]:
        """Decoded."""
        with av.open(io.BytesIO(self.film)) as container:
            return [np.asarray(each.to_ndarray(format="rgb24"), np.uint8) for each in container.decode(video=0)]


def trial(source: Source, label: str, random: np.random.Generator) -> Trial:
    """One clip of `source`."""
    settings: dict[str, float] = {}
    height, width = source.pictures[0].shape[:2]
    scale = max(
        int(min(random.choice([240, 288, 360, 480, 480, 540, 720]), 1.7 * height)) / height, 200 / min(height, width)
    )
    size = (round(width * scale) // 2 * 2, round(height * scale) // 2 * 2)
    pictures, centres = source.pictures, source.centres
    moves = [np.diag([scale, scale, 1.0])] * COUNT
    if len(pictures) == 1:
        pictures, centres = pictures * COUNT, centres * COUNT
        moves = [shake @ moves[0] for shake in _shaken(size, random)]
    if label == "live":
        seen = _flickering(_drawn(pictures, moves, size), settings, random)
    else:
        screens = _screens(label, size, random)
        moves = [screen @ move for screen, move in zip(screens, moves, strict=True)]
        seen = _lit(_drawn(pictures, moves, size), screens, settings, random)
    taken = _taken(seen, settings, random)
    shrunk = taken[0].shape[0] / size[1]
    where = tuple(_moved(move, centre, shrunk) for move, centre in zip(moves, centres, strict=True))
    film = _encoded(taken, settings, random)
    return Trial(
        data=source.data,
        person=source.person,
        name=source.name,
        label=label,
        settings=settings,
        film=film,
        centres=where,
        side=source.side * taken[0].shape[0] / height,
    )


def _drawn(pictures: Sequence[UInt8Array], moves: Sequence[Float64Array], size: tuple[int, int]) -> list[Float32Array]:
    how = cv2.INTER_AREA if moves[0][0, 0] < 1 else cv2.INTER_CUBIC
    drawn = (cv2.warpPerspective(picture, move, size, flags=how) for picture, move in zip(pictures, moves, strict=True))
    return [each.astype(np.float32) for each in drawn]


def _shaken(size: tuple[int, int], random: np.random.Generator) -> list[Float64Array]:
    """A photo moves a little, as before a camera in the hand."""
    phase, rate = random.uniform(0, 2 * np.pi, 4), random.uniform(0.3, 1.5, 4)
    far, middle = random.uniform(0.002, 0.02, 2) * size, np.array(size) / 2
    moves = []
    for index in range(COUNT):
        wave = np.sin(phase + rate * index)
        angle, zoom = 0.02 * wave[2], 1.1 + 0.02 * wave[3]
        turn = zoom * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        moves.append(np.vstack([np.column_stack([turn, middle - turn @ middle + far * wave[:2]]), [0, 0, 1]]))
    return moves


def _screens(label: str, size: tuple[int, int], random: np.random.Generator) -> list[Float64Array]:
    """From the picture that a screen shows to the camera's: it stands, a little askew, or is held and turned."""
    width, height = size
    near, away, steps = random.uniform(0.8, 1.25), random.uniform(2, 4) * width, np.arange(COUNT)
    angles = np.tile(random.normal(0, [0.06, 0.06, 0.02]), (COUNT, 1))
    shift = np.zeros((COUNT, 2))
    if label == "held":
        waves = np.sin(random.uniform(0, 6, 5) + np.outer(steps, random.uniform(0.2, 0.8, 5)))
        angles += random.uniform(0, [0.5, 0.15, 0.03]) * waves[:, :3]
        shift = random.uniform(0.002, 0.03) * width * waves[:, 3:]
    to_middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    moves = []
    for (yaw, pitch, roll), moved in zip(angles, shift, strict=True):
        turned = cv2.Rodrigues(np.array([0, yaw, 0]))[0] @ cv2.Rodrigues(np.array([pitch, 0, 0]))[0]
        turned = turned @ cv2.Rodrigues(np.array([0, 0, roll]))[0]
        plane = np.column_stack([near * turned[:, :2], [0, 0, away]])
        lens = np.array([[away, 0, width / 2 + moved[0]], [0, away, height / 2 + moved[1]], [0, 0, 1]])
        move = lens @ plane @ to_middle
        moves.append(move / move[2, 2])
    return moves


def _lit(
    seen: Sequence[Float32Array],
    screens: Sequence[Float64Array],
    settings: dict[str, float],
    random: np.random.Generator,
) -> list[Float32Array]:
    """A screen's light: gamma, grid, bands, black, tint, reflections, the room about it."""
    height, width = seen[0].shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    strength, cycles = float(np.exp(random.uniform(math.log(0.002), math.log(0.06)))), float(random.uniform(0.6, 1.8))
    stretch, blur = float(random.uniform(0.9, 1.1)), float(random.uniform(0.2, 1.1))
    gamma, lift, dim = random.uniform(0.75, 1.3), random.uniform(0, 25), random.uniform(0.7, 1.0)
    tint = random.uniform(0.92, 1.08, 3).astype(np.float32)
    banded = float(random.uniform(0.005, 0.04) * (random.random() < 0.6))
    tall, rate, start = random.uniform(0.2, 1.0) * height, random.uniform(-3, 3), random.uniform(0, 6)
    shine = _shine(rows, columns, random, most=40.0)
    room = random.normal(random.integers(30, 160, 3), 40, seen[0].shape).clip(0, 255).astype(np.float32)
    room = np.asarray(cv2.GaussianBlur(room, (0, 0), 12), np.float32)
    settings |= {"strength": strength, "cycles_a_pixel": cycles, "banded": banded, "lift": float(lift), "blur": blur}
    lit = list[Float32Array]()
    for index, (picture, screen) in enumerate(zip(seen, screens, strict=True)):
        if index == 0 or not np.array_equal(screen, screens[index - 1]):
            grid = _grid(rows, columns, screen, strength=strength, cycles=cycles, stretch=stretch)
            mask = _covered(screen, (width, height))
        bands = 1 + banded * np.cos(2 * np.pi * (rows / tall + rate * index / FPS) + start)
        soft = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur))
        shown = (lift + dim * 255.0 * (soft / 255.0).clip(0, 1) ** gamma) * tint * grid * bands[..., None]
        lit.append(np.asarray(mask * (shown + shine[..., None]) + (1 - mask) * room, np.float32))
    return lit


def _grid(
    rows: Float32Array, columns: Float32Array, screen: Float64Array, *, strength: float, cycles: float, stretch: float
) -> Float32Array:
    """`float32[height, width, 3]`, factor on the light: lit points in rows and columns, as the camera samples them."""
    back = np.linalg.inv(screen).astype(np.float32)
    below = back[2, 0] * columns + back[2, 1] * rows + back[2, 2]
    across = (back[0, 0] * columns + back[0, 1] * rows + back[0, 2]) / below * cycles
    down = (back[1, 0] * columns + back[1, 1] * rows + back[1, 2]) / below * cycles * stretch
    lines, colours = 0.6 * np.cos(2 * np.pi * down), list[Float32Array]()
    for colour in range(3):
        angle = 2 * np.pi * (across + colour / 3)
        wave = np.cos(angle) + 0.4 * np.cos(2 * angle) + 0.3 * np.cos(angle + np.pi * down) + lines
        colours.append((1 + strength * wave).astype(np.float32))
    return np.stack(colours, axis=-1)


def _covered(screen: Float64Array, size: tuple[int, int]) -> Float32Array:
    """`float32[height, width, 1]`: 1 where the screen is."""
    width, height = size
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    mask = np.zeros((height, width), np.float32)
    cv2.fillConvexPoly(mask, np.round(cv2.perspectiveTransform(corners, screen)[0]).astype(np.int32), 1.0)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.7), np.float32)[..., None]


def _shine(rows: Float32Array, columns: Float32Array, random: np.random.Generator, *, most: float) -> Float32Array:
    """A lamp or a window that is mirrored, or flare: a soft spot that stays."""
    height, width = rows.shape
    x, y, wide = random.uniform(0, width), random.uniform(0, height), random.uniform(0.1, 1.0) * width
    spot = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * wide**2))
    return np.asarray(random.uniform(0, most) * spot, np.float32)


def _flickering(
    seen: Sequence[Float32Array], settings: dict[str, float], random: np.random.Generator
) -> list[Float32Array]:
    """Live: mains light that bands in a quarter of the clips, flare in as many, gamma of the camera."""
    rows, columns = np.mgrid[0 : seen[0].shape[0], 0 : seen[0].shape[1]].astype(np.float32)
    banded = float(random.uniform(0.005, 0.05) * (random.random() < 0.25))
    tall, rate, start = random.uniform(0.2, 1.0) * rows.shape[0], random.uniform(-3, 3), random.uniform(0, 6)
    flare = _shine(rows, columns, random, most=40.0) * (random.random() < 0.25)
    gamma = random.uniform(0.85, 1.15)
    settings |= {"banded": banded}
    live = list[Float32Array]()
    for index, picture in enumerate(seen):
        bands = 1 + banded * np.cos(2 * np.pi * (rows / tall + rate * index / FPS) + start)
        light = 255.0 * (picture / 255.0).clip(0, 1) ** gamma * bands[..., None] + flare[..., None]
        live.append(np.asarray(light, np.float32))
    return live


def _taken(seen: Sequence[Float32Array], settings: dict[str, float], random: np.random.Generator) -> list[UInt8Array]:
    """The camera: noise of each picture, noise that stays, blocks of MJPEG, a picture made smaller."""
    noise, stays = float(random.uniform(0.5, 4.0)), float(random.uniform(0.0, 0.6))
    quality = int(random.integers(50, 95)) if random.random() < 0.35 else 0
    shrink = float(random.choice([2 / 3, 3 / 4])) if random.random() < 0.3 else 1.0
    if min(seen[0].shape[:2]) * shrink < 170:
        shrink = 1.0
    settings |= {"noise": noise, "mjpeg": float(quality), "shrink": shrink}
    fixed = random.normal(0, stays, seen[0].shape).astype(np.float32)
    taken = list[UInt8Array]()
    for picture in seen:
        grain = np.asarray(cv2.randn(np.empty_like(picture), 0, noise), np.float32)
        image = np.clip(np.rint(picture + fixed + grain), 0, 255).astype(np.uint8)
        if quality:
            image = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
        if shrink < 1:
            size = (round(image.shape[1] * shrink) // 2 * 2, round(image.shape[0] * shrink) // 2 * 2)
            image = cv2.resize(image, size, interpolation=random.choice([cv2.INTER_AREA, cv2.INTER_LINEAR]))
        taken.append(np.asarray(image, np.uint8))
    return taken


def _moved(move: Float64Array, centre: Centre, shrunk: float) -> Centre:
    x, y, w = move @ np.array([*centre, 1.0])
    return (float(x / w * shrunk), float(y / w * shrunk))


def _encoded(pictures: Sequence[UInt8Array], settings: dict[str, float], random: np.random.Generator) -> bytes:
    """VP8 as browsers write it, or H.264, at 0.05 to 0.6 bits a pixel."""
    height, width = pictures[0].shape[:2]
    bits, vp8 = float(np.exp(random.uniform(math.log(0.05), math.log(0.6)))), bool(random.random() < 0.6)
    settings |= {"bits_a_pixel": bits, "vp8": float(vp8), "lines": float(height)}
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        how = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"} if vp8 else {"preset": "ultrafast"}
        stream = container.add_stream("libvpx" if vp8 else "libx264", rate=FPS, options=how)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = int(bits * width * height * FPS)
        stream.codec_context.thread_count = 1
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()
