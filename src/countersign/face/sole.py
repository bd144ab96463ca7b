"""Exactly one face: whose picture is it, or is that open?

Of several faces none "wins". But a face far behind the person, or at the edge of a photo, is a bystander, and a picture
with bystanders still shows one person. `docs/decisions/0003-face-detection-and-comparison.md` has the figures behind the
two numbers here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import Modality
from countersign.face.detect import DetectedFace

BYSTANDER = 0.5
"""A face less than this prominent, of the most prominent, is a bystander."""
CENTRE_SPREAD = 0.27
"""How fast prominence falls with the distance from the middle of a photo, in longer sides of the photo."""


def sole_face(
    faces: Sequence[DetectedFace], *, width: int, height: int, composed: bool
) -> DetectedFace | FailureToAcquire:
    """The one face that the picture is of.

    Args:
        faces: all that were found.
        width: of the picture, pixels.
        height: of the picture, pixels.
        composed: the picture was framed by somebody, with the person in the middle (a photo). In a live recording the
            place in the picture says nothing, only the size counts.
    """
    if not faces:
        return failure(AcquisitionReason.NO_FACE, "no face was found")
    prominence = [(_prominence(face, width, height) if composed else face.side, face) for face in faces]
    prominence.sort(key=lambda pair: pair[0], reverse=True)
    (most, main), *others = prominence
    rivals = [value for value, _ in others if value >= BYSTANDER * most]
    if rivals:
        return failure(
            AcquisitionReason.SEVERAL_FACES,
            f"{len(rivals) + 1} faces; the second is {max(rivals) / most:.2f} times as prominent as the first",
        )
    return main


def failure(reason: AcquisitionReason, detail: str) -> FailureToAcquire:
    """A failure to acquire a face."""
    return FailureToAcquire(modality=Modality.FACE, reason=reason, detail=detail)


def _prominence(face: DetectedFace, width: int, height: int) -> float:
    column, row = face.centre
    distance = math.hypot(column - width / 2, row - height / 2) / max(width, height)
    return face.side * math.exp(-((distance / CENTRE_SPREAD) ** 2))
