"""What a face detector is, and what it returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import cv2
import numpy as np

from countersign.core.arrays import Float32Array, Float64Array, UInt8Array, read_only
from countersign.face.geometry import move, scale_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectedFace:
    """A face in a picture. Pixels, columns to the right and rows downwards, from the picture's upper left corner.

    Attributes:
        left, top, right, bottom: the box; may reach beyond the picture.
        points: `float32[5, 2]`: the eye on the picture's left, the eye on its right, nose tip, mouth corners left and
            right. For an upright face the first eye is the person's right one.
        score: the detector's confidence, in [0, 1]; not comparable between detectors.
    """

    left: float
    top: float
    right: float
    bottom: float
    points: Float32Array = field(repr=False)
    score: float

    def __post_init__(self) -> None:
        read_only(self.points)

    @property
    def width(self) -> float:
        """Of the box."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Of the box."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """Of the box."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def side(self) -> float:
        """The longer side of the box."""
        return max(self.width, self.height)

    def moved(self, matrix: Float64Array) -> DetectedFace:
        """The same face after the picture went through a similarity. The box turns about its centre and stays upright."""
        centre = move(np.array([self.centre], dtype=np.float64), matrix)[0]
        half = np.array([self.width, self.height]) * scale_of(matrix) / 2
        left, top = (float(value) for value in centre - half)
        right, bottom = (float(value) for value in centre + half)
        points = move(self.points, matrix)
        return DetectedFace(left=left, top=top, right=right, bottom=bottom, points=points, score=self.score)


class FaceDetector(Protocol):
    """Finds faces.

    Attributes:
        sure: the score from which a find is taken for a face without asking further.
        faint: the lowest score that a find may have.
        look_sides: sides, in pixels, that a face should be shown at for a second look.
    """

    sure: float
    faint: float
    look_sides: tuple[int, ...]

    def detect(
        self, image: UInt8Array, *, smallest: float, largest: float, faint: bool = False
    ) -> tuple[DetectedFace, ...]:
        """All faces, best score first.

        Args:
            image: `uint8[height, width, 3]`, RGB.
            smallest: side of the smallest box looked for, pixels. Smaller ones may be returned too; it decides the cost.
            largest: side of the largest box looked for, pixels, likewise.
            faint: also return finds between `faint` and `sure`.
        """

    def again(self, image: UInt8Array, face: DetectedFace) -> DetectedFace | None:
        """The face of the frame before, in the next frame, much faster than `detect`; None if it is no longer there.

        Args:
            image: `uint8[height, width, 3]`, RGB.
            face: where it was.
        """


def suppress(boxes: Float32Array, scores: Float32Array, *, overlap: float) -> list[int]:
    """Indices of the boxes that stay when of any two that overlap the better one wins, best first.

    Args:
        boxes: `float32[n, 4]`, left, top, right, bottom.
        scores: `float32[n]`.
        overlap: intersection over union from which two boxes are one.
    """
    if not len(boxes):
        return []
    sized = np.column_stack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])
    return [int(index) for index in np.ravel(cv2.dnn.NMSBoxes(sized.tolist(), scores.tolist(), 0.0, overlap))]
