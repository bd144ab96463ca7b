"""In which ways one face is lined up before it is embedded.

A small error of the points moves a chip, and a moved chip moves the embedding. Two independent opinions on where the
points are, the detector's and FaceMesh's, are better than either; a profile, whose points are the hardest to place, is
looked at again from several angles, and what the detector is surest of counts most.
"""

from __future__ import annotations

from countersign.core.arrays import UInt8Array
from countersign.face.detect import DetectedFace, FaceDetector
from countersign.face.embed import View
from countersign.face.find import looks
from countersign.face.landmarks import FaceMesh, Landmarks
from countersign.face.pose import asymmetry

PROFILE = 0.15
"""Asymmetry of the five points from which a face is treated as turned far away."""
BEST_LOOKS = 3
SHARPENING = 20
"""A look counts with its score, of the best look's, to this power: with 0.9 an eighth of the best."""
PRESENCE = 0.5
"""Below it FaceMesh has lost the face."""


def thorough_views(
    detector: FaceDetector, mesh: FaceMesh, image: UInt8Array, face: DetectedFace, surface: Landmarks
) -> tuple[View, ...]:
    """All views of a face of which there is one picture only."""
    if not _needs_more_looks(detector, face):
        return _both(image, face, surface, weight=1.0)
    best = looks(detector, image, face)[:BEST_LOOKS] or (face,)
    surfaces = mesh.surfaces([(image, look) for look in best])
    return tuple(
        view
        for look, again in zip(best, surfaces, strict=True)
        for view in _both(image, look, again, weight=(look.score / best[0].score) ** SHARPENING)
    )


def quick_view(image: UInt8Array, face: DetectedFace, surface: Landmarks) -> tuple[View, ...]:
    """The one view of a face that other frames show as well."""
    points = surface.five if surface.presence >= PRESENCE else face.points
    return (View(image=image, points=points, weight=1.0),)


def _both(image: UInt8Array, face: DetectedFace, surface: Landmarks, *, weight: float) -> tuple[View, ...]:
    detected = View(image=image, points=face.points, weight=weight)
    if surface.presence < PRESENCE:
        return (detected,)
    return (detected, View(image=image, points=surface.five, weight=weight))


def _needs_more_looks(detector: FaceDetector, face: DetectedFace) -> bool:
    return face.score < detector.sure or asymmetry(face.points) >= PROFILE
