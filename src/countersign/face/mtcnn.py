"""MTCNN (Zhang et al., "Joint face detection and alignment using multitask cascaded convolutional networks", 2016).

Three nets, each throwing out what the one before let through: P-Net over a pyramid of the picture, R-Net and O-Net over
crops, each all crops in one batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from countersign.core.arrays import Float32Array, UInt8Array
from countersign.face.detect import DetectedFace, suppress
from countersign.models.runtime import Model, Runtime

WINDOW = 12
"""P-Net's field of view, pixels; it steps by `STEP`."""
STEP = 2
PYRAMID = 0.709
"""From one level to the next: the area halves. The published value."""
R_SIDE, O_SIDE = 24, 48
OVERLAP_IN_LEVEL, OVERLAP = 0.5, 0.7
MOST_CROPS = 128
"""A wild picture may pass hundreds of windows; the best of them are enough, and the time stays bounded."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probability of a face that a window must reach, by net."""

    p: float
    r: float
    o: float


@dataclass(frozen=True, slots=True)
class _Windows:
    """`float32[n, 4]` boxes and `float32[n]` probabilities."""

    boxes: Float32Array
    scores: Float32Array

    def kept(self, indices: list[int]) -> _Windows:
        return _Windows(self.boxes[indices], self.scores[indices])

    def squared(self) -> _Windows:
        """Grown to squares about their centres, as R-Net and O-Net were trained."""
        centres = (self.boxes[:, :2] + self.boxes[:, 2:]) / 2
        halves = (self.boxes[:, 2:] - self.boxes[:, :2]).max(axis=1, keepdims=True) / 2
        return _Windows(np.column_stack([centres - halves, centres + halves]), self.scores)


_NOTHING = _Windows(np.zeros((0, 4), dtype=np.float32), np.zeros(0, dtype=np.float32))


class Mtcnn:
    """The detector of pack `core`.

    Args:
        pnet, rnet, onet: catalogue entries "mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet".
    """

    sure: float = 0.8
    faint: float = 0.05
    look_sides: tuple[int, ...] = (80,)
    _usual = Thresholds(0.6, 0.7, 0.8)
    """As published."""
    _faint = Thresholds(0.5, 0.2, 0.05)

    def __init__(self, pnet: Model, rnet: Model, onet: Model) -> None:
        self._pnet, self._rnet, self._onet = pnet, rnet, onet

    @classmethod
    def load(cls, runtime: Runtime) -> Mtcnn:
        """The detector with its models.

        Raises:
            ModelError: a model is missing or altered.
        """
        return cls(*(runtime.model(f"mtcnn-{stage}") for stage in ("pnet", "rnet", "onet")))

    def detect(
        self, image: UInt8Array, *, smallest: float, largest: float, faint: bool = False
    ) -> tuple[DetectedFace, ...]:
        """See `FaceDetector.detect`."""
        thresholds = self._faint if faint else self._usual
        windows = self._propose(image, smallest, largest, thresholds.p)
        if len(windows.scores):
            windows = self._refine(image, windows, thresholds.r)
        return self._point_out(image, windows, thresholds.o) if len(windows.scores) else ()

    def again(self, image: UInt8Array, face: DetectedFace) -> DetectedFace | None:
        """See `FaceDetector.again`: O-Net alone, on the square that it left off with."""
        box = np.array([[face.left, face.top, face.right, face.bottom]], dtype=np.float32)
        found = self._point_out(image, _Windows(box, np.ones(1, dtype=np.float32)), self.sure)
        return found[0] if found else None

    def _propose(self, image: UInt8Array, smallest: float, largest: float, threshold: float) -> _Windows:
        levels = []
        scale = WINDOW / max(smallest, WINDOW)
        while min(image.shape[:2]) * scale >= WINDOW and WINDOW / scale <= largest / PYRAMID:
            levels.append(self._propose_at(image, scale, threshold))
            scale *= PYRAMID
        if not levels:
            return _NOTHING
        boxes, scores = (np.concatenate(parts) for parts in zip(*((w.boxes, w.scores) for w in levels), strict=True))
        return _Windows(boxes, scores).kept(suppress(boxes, scores, overlap=OVERLAP)[:MOST_CROPS])

    def _propose_at(self, image: UInt8Array, scale: float, threshold: float) -> _Windows:
        size = (max(round(image.shape[1] * scale), WINDOW), max(round(image.shape[0] * scale), WINDOW))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        offsets, faces = self._pnet(np.ascontiguousarray(small.transpose(2, 0, 1)[None], dtype=np.float32))
        rows, columns = np.nonzero(faces[0, 0] > threshold)
        starts = np.column_stack([columns, rows]).astype(np.float32) * STEP
        boxes = np.column_stack([starts, starts + WINDOW]) + np.asarray(offsets[0, :, rows, columns]) * WINDOW
        grow = np.array([image.shape[1] / size[0], image.shape[0] / size[1]] * 2, dtype=np.float32)
        windows = _Windows((boxes * grow).astype(np.float32), faces[0, 0, rows, columns].astype(np.float32))
        return windows.kept(suppress(windows.boxes, windows.scores, overlap=OVERLAP_IN_LEVEL))

    def _refine(self, image: UInt8Array, windows: _Windows, threshold: float) -> _Windows:
        squares = windows.squared()
        offsets, faces = self._rnet(_crops(image, squares.boxes, R_SIDE))
        better = _adjusted(squares, np.asarray(offsets), np.asarray(faces)[:, 0])
        better = better.kept([int(index) for index in np.flatnonzero(better.scores > threshold)])
        return better.kept(suppress(better.boxes, better.scores, overlap=OVERLAP))

    def _point_out(self, image: UInt8Array, windows: _Windows, threshold: float) -> tuple[DetectedFace, ...]:
        squares = windows.squared()
        offsets, points, faces = self._onet(_crops(image, squares.boxes, O_SIDE))
        sides = squares.boxes[:, 2:] - squares.boxes[:, :2]
        shares = np.asarray(points, dtype=np.float32).reshape(-1, 2, 5).transpose(0, 2, 1)
        placed = (shares * sides[:, None] + squares.boxes[:, None, :2]).astype(np.float32)
        final = _adjusted(squares, np.asarray(offsets), np.asarray(faces)[:, 0])
        chosen = [index for index in _apart(final) if final.scores[index] > threshold]
        return tuple(_face(final, placed, index) for index in chosen)


def _crops(image: UInt8Array, squares: Float32Array, side: int) -> Float32Array:
    """`float32[n, 3, side, side]`, RGB in [0, 255]: what lies in the squares, black beyond the picture."""
    crops = np.empty((len(squares), side, side, 3), dtype=np.uint8)
    height, width = image.shape[:2]
    for index, square in enumerate(squares):
        left, top, right, bottom = (int(value) for value in np.rint(square))
        right, bottom = max(right, left + 1), max(bottom, top + 1)
        inside = image[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
        if left < 0 or top < 0 or right > width or bottom > height:
            whole = np.zeros((bottom - top, right - left, 3), dtype=np.uint8)
            row, column = max(-top, 0), max(-left, 0)
            whole[row : row + inside.shape[0], column : column + inside.shape[1]] = inside
            inside = whole
        shrinks = inside.shape[0] > side
        cv2.resize(inside, (side, side), crops[index], interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.ascontiguousarray(crops.transpose(0, 3, 1, 2), dtype=np.float32)


def _adjusted(squares: _Windows, offsets: Float32Array, scores: Float32Array) -> _Windows:
    """The squares moved by the net's offsets, which are in sides of the square, with the net's scores."""
    sides = squares.boxes[:, 2:] - squares.boxes[:, :2]
    return _Windows((squares.boxes + offsets * np.tile(sides, 2)).astype(np.float32), scores.astype(np.float32))


def _apart(windows: _Windows) -> list[int]:
    """As `suppress`, but a box that lies mostly inside a better one goes too (O-Net's "min" rule)."""
    left, top, right, bottom = windows.boxes.T
    areas = (right - left) * (bottom - top)
    chosen: list[int] = []
    for index in np.argsort(-windows.scores, kind="stable"):
        others = chosen
        across = np.minimum(right[index], right[others]) - np.maximum(left[index], left[others])
        down = np.minimum(bottom[index], bottom[others]) - np.maximum(top[index], top[others])
        shared = np.clip(across, 0, None) * np.clip(down, 0, None) / np.minimum(areas[index], areas[others])
        if not (shared > OVERLAP).any():
            chosen.append(int(index))
    return chosen


def _face(windows: _Windows, points: Float32Array, index: int) -> DetectedFace:
    left, top, right, bottom = (float(value) for value in windows.boxes[index])
    return DetectedFace(
        left=left, top=top, right=right, bottom=bottom, points=points[index].copy(), score=float(windows.scores[index])
    )
