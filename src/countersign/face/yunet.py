"""YuNet (Wu, Peng and Yu, "YuNet: a tiny millisecond-level face detector", 2023), the detector of pack `plus`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from countersign.core.arrays import Float32Array, UInt8Array
from countersign.face.detect import DetectedFace, suppress
from countersign.face.find import look_again
from countersign.models.runtime import Model, Runtime

STRIDES = (8, 16, 32)
MULTIPLE = 32
OVERLAP = 0.3
"""As OpenCV's FaceDetectorYN."""


class _Finds(NamedTuple):
    """`float32` arrays: `[n, 4]` boxes, `[n]` scores, `[n, 5, 2]` points."""

    boxes: Float32Array
    scores: Float32Array
    points: Float32Array


class YuNet:
    """Anchor-free, one pass, five points. Any face from about 10 pixels to the whole picture, at one price.

    Args:
        model: catalogue entry "yunet".
    """

    sure: float = 0.6
    faint: float = 0.2
    look_sides: tuple[int, ...] = (64, 96)

    def __init__(self, model: Model) -> None:
        self._model = model

    @classmethod
    def load(cls, runtime: Runtime) -> YuNet:
        """The detector with its model.

        Raises:
            ModelError: the model is missing or altered.
        """
        return cls(runtime.model("yunet"))

    def detect(
        self, image: UInt8Array, *, smallest: float, largest: float, faint: bool = False
    ) -> tuple[DetectedFace, ...]:
        """See `FaceDetector.detect`; the sizes make no difference here."""
        del smallest, largest
        height, width = image.shape[:2]
        padded = (1, 3, -(-height // MULTIPLE) * MULTIPLE, -(-width // MULTIPLE) * MULTIPLE)
        bgr = np.zeros(padded, dtype=np.float32)
        bgr[0, :, :height, :width] = image[:, :, ::-1].transpose(2, 0, 1)
        outputs = [np.asarray(output[0], dtype=np.float32) for output in self._model(bgr)]
        threshold = self.faint if faint else self.sure
        levels = [
            _decode(outputs[level::3], stride=stride, columns=padded[3] // stride, threshold=threshold)
            for level, stride in enumerate(STRIDES)
        ]
        finds = _Finds(*(np.concatenate(parts) for parts in zip(*levels, strict=True)))
        return tuple(_face(finds, index) for index in suppress(finds.boxes, finds.scores, overlap=OVERLAP))

    def again(self, image: UInt8Array, face: DetectedFace) -> DetectedFace | None:
        """See `FaceDetector.again`: the same net on the surroundings alone."""
        found = look_again(self, image, face, side=self.look_sides[-1])
        return found if found and found.score >= self.sure else None


def _decode(outputs: list[Float32Array], *, stride: int, columns: int, threshold: float) -> _Finds:
    """One level of the pyramid, as OpenCV's face_detect.cpp does it: the score is the geometric mean of both heads."""
    classes, objects, boxes, points = outputs
    scores = np.sqrt(np.clip(classes[:, 0], 0, 1) * np.clip(objects[:, 0], 0, 1))
    chosen = np.flatnonzero(scores > threshold)
    cells = np.column_stack([chosen % columns, chosen // columns]).astype(np.float32)
    centres = (cells + boxes[chosen, :2]) * stride
    halves = np.exp(boxes[chosen, 2:]) * stride / 2
    return _Finds(
        boxes=np.column_stack([centres - halves, centres + halves]),
        scores=scores[chosen],
        points=(points[chosen].reshape(-1, 5, 2) + cells[:, None]) * stride,
    )


def _face(finds: _Finds, index: int) -> DetectedFace:
    left, top, right, bottom = (float(value) for value in finds.boxes[index])
    points = finds.points[index].copy()
    return DetectedFace(left=left, top=top, right=right, bottom=bottom, points=points, score=float(finds.scores[index]))
