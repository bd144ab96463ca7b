"""Real faces for the tests of this room, by position: the first people on the develop side of each data set."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from countersign.core.arrays import UInt8Array
from countersign.core.samples import Frame, VideoClip
from countersign.evaluation.people import Side, side_of

GREY = 120


def people(folder: Path) -> list[Path]:
    """Folders of the people of a data set whom development may look at."""
    return [path for path in sorted(folder.iterdir()) if path.is_dir() and side_of(path.name) is Side.DEVELOP]


def photo(path: Path) -> UInt8Array:
    """`uint8[height, width, 3]`, RGB."""
    image = cv2.imread(str(path))
    assert image is not None, path
    return np.ascontiguousarray(image[:, :, ::-1], dtype=np.uint8)


def portraits(samples: Path, *, each: int = 1, count: int = 4) -> list[UInt8Array]:
    """Photos of `count` people in the wild, 250 x 250, `each` of every one, person by person."""
    return [photo(path) for person in people(samples / "faces/lfw")[:count] for path in sorted(person.iterdir())[:each]]


def sitters(samples: Path, count: int = 4) -> list[UInt8Array]:
    """Frontal photos of `count` people before a curtain, 180 x 200."""
    return [photo(min(person.iterdir())) for person in people(samples / "faces/faces94/Training")[:count]]


def profiles(samples: Path, count: int = 4) -> list[UInt8Array]:
    """Tight profile photos of `count` people."""
    return [photo(min((person / "profile").iterdir())) for person in people(samples / "faces/cfp")[:count]]


def scaled(image: UInt8Array, factor: float) -> UInt8Array:
    """The picture made larger or smaller."""
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=interpolation), dtype=np.uint8)


def placed(image: UInt8Array, *, width: int = 640, height: int = 480, column: int, row: int) -> UInt8Array:
    """The picture on a grey canvas, its centre at `column`, `row`."""
    canvas = np.full((height, width, 3), GREY, dtype=np.uint8)
    top, left = row - image.shape[0] // 2, column - image.shape[1] // 2
    canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    return canvas


def turned(image: UInt8Array, angle_deg: float) -> UInt8Array:
    """The picture turned about its middle, counter-clockwise as seen."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1.0)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height)), dtype=np.uint8)


def mirrored(image: UInt8Array) -> UInt8Array:
    """Left for right."""
    return np.ascontiguousarray(image[:, ::-1])


def still(image: UInt8Array) -> VideoClip:
    """A photo."""
    frame = Frame(time_s=0.0, image=image)
    return VideoClip(kind="still", frames=(frame,), timestamps_s=np.zeros(1), duration_s=0.0)


def film(images: list[UInt8Array], *, per_second: float = 10.0) -> VideoClip:
    """A moving picture."""
    times = np.arange(len(images)) / per_second
    frames = tuple(Frame(time_s=float(time), image=image) for time, image in zip(times, images, strict=True))
    return VideoClip(kind="moving", frames=frames, timestamps_s=times, duration_s=len(images) / per_second)
