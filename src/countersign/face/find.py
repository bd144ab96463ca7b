"""All faces of a picture, in the picture's own pixels, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from countersign.core.arrays import UInt8Array
from countersign.face.detect import DetectedFace, FaceDetector
from countersign.face.geometry import about, inverse, warp

WORKING_SIDE = 320
"""Pixels: longer side of the picture that the detectors see. A face that fills a tenth of it still has 32 pixels."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way of showing a picture to a detector.

    Attributes:
        side: pixels that the longer side, margins included, becomes.
        margin: black around the picture, of its longer side: a face that fills the picture, as in a tight crop, is
            larger than any the detectors were trained on until it gets room.
        faint: accept less certain finds.
        smallest: side of the smallest face looked for, of the picture's longer side.
    """

    side: int
    margin: float = 0.0
    faint: bool = False
    smallest: float = 0.075


FIRST = Attempt(WORKING_SIDE)
FALLBACKS = (
    Attempt(WORKING_SIDE, margin=0.25),
    Attempt(WORKING_SIDE, margin=0.5),
    Attempt(WORKING_SIDE // 2, margin=0.25),
    Attempt(2 * WORKING_SIDE, smallest=0.025),
    Attempt(WORKING_SIDE, margin=0.25, faint=True),
    Attempt(WORKING_SIDE, margin=0.5, faint=True),
)
"""Tried in turn when the first attempt finds nothing."""
ANGLES_DEG = (-30.0, -15.0, 0.0, 15.0, 30.0)
"""At which a face is looked at again."""
ROOM = 2.4
"""Side of the view of `look_again`, in sides of the face's box."""


def find_faces(detector: FaceDetector, image: UInt8Array, *, thorough: bool) -> tuple[DetectedFace, ...]:
    """All faces, best score first.

    Args:
        detector: which.
        image: `uint8[height, width, 3]`, RGB.
        thorough: try again in other ways when nothing is found. For a single picture, where there is no next frame.
    """
    for attempt in _attempts(thorough=thorough):
        faces = _attempted(detector, image, attempt)
        if faces and attempt.faint:
            # Of several faint finds at most one is a face, and only if a closer look is sure of it.
            closer = looks(detector, image, faces[0])
            faces = closer[:1] if closer and closer[0].score >= detector.sure else ()
        if faces:
            return faces
    return ()


def looks(detector: FaceDetector, image: UInt8Array, face: DetectedFace) -> tuple[DetectedFace, ...]:
    """The same face found anew at several sizes and angles, best score first."""
    again = (
        look_again(detector, image, face, side=side, angle_deg=angle)
        for side in detector.look_sides
        for angle in ANGLES_DEG
    )
    return tuple(sorted((look for look in again if look), key=lambda look: look.score, reverse=True))


def _attempts(*, thorough: bool) -> Iterator[Attempt]:
    yield FIRST
    if thorough:
        yield from FALLBACKS


def _attempted(detector: FaceDetector, image: UInt8Array, attempt: Attempt) -> tuple[DetectedFace, ...]:
    height, width = image.shape[:2]
    longer = max(height, width)
    scale = attempt.side / (longer * (1 + 2 * attempt.margin))
    shown = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = cv2.resize(image, shown, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    border = round(attempt.margin * longer * scale)
    if border:
        small = cv2.copyMakeBorder(small, border, border, border, border, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    faces = detector.detect(
        small.astype(np.uint8, copy=False),
        smallest=attempt.smallest * longer * scale,
        largest=attempt.side,
        faint=attempt.faint,
    )
    back = np.array([[1 / scale, 0, -border / scale], [0, 1 / scale, -border / scale]], dtype=np.float64)
    return tuple(face.moved(back) for face in faces)


def look_again(
    detector: FaceDetector, image: UInt8Array, face: DetectedFace, *, side: int, angle_deg: float = 0.0
) -> DetectedFace | None:
    """The same face found anew in a view made for it: of a fixed size, turned, with room around. None if it is not there.

    Args:
        detector: which.
        image: where `face` was found.
        face: which.
        side: pixels that its box becomes.
        angle_deg: by how much to turn the view, counter-clockwise as seen.
    """
    canvas = int(side * ROOM)
    matrix = about(face.centre, angle_deg=angle_deg, scale=side / face.side, to=(canvas / 2, canvas / 2))
    view = warp(image, matrix, (canvas, canvas))
    found = detector.detect(view, smallest=side * 0.5, largest=side * 1.6, faint=True)
    back = inverse(matrix)
    return max(
        (again.moved(back) for again in found if _near(again, canvas / 2, side)),
        key=lambda again: again.score,
        default=None,
    )


def _near(face: DetectedFace, middle: float, side: float) -> bool:
    column, row = face.centre
    return max(abs(column - middle), abs(row - middle)) < side / 2
