"""Exactly one face: whose picture is it, or is that open?

Of several faces none "wins". But a face far behind the person, or at the edge of a photo, is a bystander, and a picture
with bystanders still shows one person. `docs/decisions/0003-face-detection-and-comparison.md` has the figures behind the
numbers here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import Modality
from countersign.face.detect import DetectedFace

BYSTANDER = 0.5
"""A face less than this prominent, of the most prominent, is a bystander."""
MIDDLE = 0.15
"""A photo is of the person in its middle, this near to it, in longer sides of the photo; else the middle says nothing."""
CENTRE_SPREAD = 0.27
"""How fast prominence falls with the distance from the middle of such a photo, in the same unit."""


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
    prominence = [face.side for face in faces]
    if composed:
        away = [_from_middle(face, width, height) for face in faces]
        central = [side * math.exp(-((far / CENTRE_SPREAD) ** 2)) for side, far in zip(prominence, away, strict=True)]
        if away[central.index(max(central))] < MIDDLE:
            prominence = central
    most = max(prominence)
    rivals = [value for value in prominence if value >= BYSTANDER * most]
    if len(rivals) > 1:
        second = sorted(rivals)[-2]
        return failure(
            AcquisitionReason.SEVERAL_FACES,
            f"{len(rivals)} faces; the second is {second / most:.2f} times as prominent as the first",
        )
    return faces[prominence.index(most)]


def failure(reason: AcquisitionReason, detail: str) -> FailureToAcquire:
    """A failure to acquire a face."""
    return FailureToAcquire(modality=Modality.FACE, reason=reason, detail=detail)


def _from_middle(face: DetectedFace, width: int, height: int) -> float:
    column, row = face.centre
    return math.hypot(column - width / 2, row - height / 2) / max(width, height)
