"""In which ways one face is lined up before it is embedded.

A small error of the points moves a chip, and a moved chip moves the embedding. Two independent opinions on where the
points are, the detector's and FaceMesh's, are better than either; a profile, whose points are the hardest to place, is
looked at again from several angles, and what the detector is surest of counts most.
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.core.arrays import UInt8Array
from countersign.face.detect import DetectedFace, FaceDetector
from countersign.face.embed import View
from countersign.face.find import look_again
from countersign.face.landmarks import FaceMesh, Landmarks
from countersign.face.pose import asymmetry

PROFILE = 0.15
"""Asymmetry of the five points from which a face is treated as turned far away."""
ANGLES_DEG = (-30.0, -15.0, 0.0, 15.0, 30.0)
BEST_LOOKS = 3
SHARPENING = 20
"""A look counts with its score to this power: with 0.9 an eighth of what it does with 1."""
PRESENCE = 0.5
"""Below it FaceMesh has lost the face."""


def thorough_views(
    detector: FaceDetector, mesh: FaceMesh, image: UInt8Array, face: DetectedFace, surface: Landmarks
) -> tuple[View, ...]:
    """All views of a face of which there is one picture only."""
    if not _needs_more_looks(detector, face):
        return _both(image, face, surface, weight=1.0)
    looks = _more_looks(detector, image, face)
    surfaces = mesh.surfaces([(image, look) for look in looks])
    return tuple(
        view
        for look, again in zip(looks, surfaces, strict=True)
        for view in _both(image, look, again, weight=max(look.score, detector.faint) ** SHARPENING)
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


def _more_looks(detector: FaceDetector, image: UInt8Array, face: DetectedFace) -> Sequence[DetectedFace]:
    again = [
        look_again(detector, image, face, side=side, angle_deg=angle)
        for side in detector.look_sides
        for angle in ANGLES_DEG
    ]
    found = sorted((look for look in again if look), key=lambda look: look.score, reverse=True)
    return found[:BEST_LOOKS] or [face]
