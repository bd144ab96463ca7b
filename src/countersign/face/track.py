"""One face followed through a recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.arrays import Float32Array, Float64Array, UInt8Array
from countersign.core.quality import HeadPose
from countersign.core.samples import Frame
from countersign.face.detect import DetectedFace, FaceDetector
from countersign.face.find import find_faces
from countersign.face.landmarks import FaceMesh, Landmarks
from countersign.face.pose import head_pose
from countersign.face.quality import measure, refusal
from countersign.face.sole import failure, sole_face

SEVERAL_SHARE = 0.25
"""Share of the frames with a rival face from which the recording shows several people."""
SEEN_SHARE = 0.25
"""Share of the frames that must show the face."""
WHOLE_EVERY = 4
"""Every so many frames the whole picture is searched, in between the face's surroundings alone."""
FARTHEST, MOST_GROWTH = 1.5, 2.0
"""Between two frames looked at, a face moves by less than this many of its sides, and grows by less than this factor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The face in one frame.

    Attributes:
        pose: degrees.
        detected: a detector found it here; else its landmarks were followed here from another frame.
    """

    frame: Frame
    face: DetectedFace
    surface: Landmarks
    pose: HeadPose
    detected: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceTrack:
    """One face over time.

    Attributes:
        sightings: in order of time, at least one.
        looked_at: how many frames a detector examined.
    """

    sightings: tuple[Sighting, ...] = field(repr=False)
    looked_at: int

    @property
    def times_s(self) -> Float64Array:
        """`float64[n]`, seconds on the recording's clock."""
        return np.array([sighting.frame.time_s for sighting in self.sightings])

    @property
    def poses_deg(self) -> Float64Array:
        """`float64[n, 3]`: yaw, pitch, roll."""
        return np.array([(s.pose.yaw, s.pose.pitch, s.pose.roll) for s in self.sightings])

    @property
    def points(self) -> Float32Array:
        """`float32[n, 468, 3]`: `Landmarks.points` of each sighting."""
        return np.stack([sighting.surface.points for sighting in self.sightings])

    @property
    def presences(self) -> Float64Array:
        """`float64[n]` in [0, 1]: how sure the landmarks are, see `Landmarks.presence`."""
        return np.array([sighting.surface.presence for sighting in self.sightings])


def follow(detector: FaceDetector, mesh: FaceMesh, frames: Sequence[Frame]) -> FaceTrack | FailureToAcquire:
    """The one face of a recording.

    Args:
        detector: finds it in every frame.
        mesh: gives its surface.
        frames: at least one, in order of time.

    Returns:
        The longest stretch in which one face stays; or NO_FACE, TOO_DARK, TOO_BRIGHT, SEVERAL_FACES.
    """
    seen: list[tuple[Frame, DetectedFace]] = []
    several: list[FailureToAcquire] = []
    last: DetectedFace | None = None
    for index, frame in enumerate(frames):
        near = detector.again(frame.image, last) if last and index % WHOLE_EVERY else None
        found = near or only_face(detector, frame.image, composed=False)
        if isinstance(found, DetectedFace):
            seen.append((frame, found))
        elif found.reason is AcquisitionReason.SEVERAL_FACES:
            several.append(found)
        # After a frame without the face, or with a rival, the next one is searched whole.
        last = found if isinstance(found, DetectedFace) else None
    if len(several) >= max(1.0, SEVERAL_SHARE * len(frames)):
        return several[0]
    stretch = max(_stretches(seen), key=len, default=[])
    if len(stretch) < max(1.0, SEEN_SHARE * len(frames)):
        return _why_not_seen(detector, frames[len(frames) // 2].image, len(stretch), len(frames))
    surfaces = mesh.surfaces([(frame.image, face) for frame, face in stretch])
    sightings = tuple(
        Sighting(frame=frame, face=face, surface=surface, pose=head_pose(face, surface))
        for (frame, face), surface in zip(stretch, surfaces, strict=True)
    )
    return FaceTrack(sightings=sightings, looked_at=len(frames))


def only_face(detector: FaceDetector, image: UInt8Array, *, composed: bool) -> DetectedFace | FailureToAcquire:
    """The one face of a picture, or why there is none.

    Args:
        detector: which.
        image: `uint8[height, width, 3]`, RGB.
        composed: a photo, framed by somebody and on its own: see `sole_face`; it is also searched more thoroughly.
    """
    faces = find_faces(detector, image, thorough=composed)
    if not faces:
        return _nobody(image)
    return sole_face(faces, width=image.shape[1], height=image.shape[0], composed=composed)


DARK, BRIGHT = 16.0, 236.0
"""Mean grey levels of a picture in which nothing can be seen."""


def _nobody(image: UInt8Array) -> FailureToAcquire:
    mean = float(image[::4, ::4].mean())
    if mean < DARK:
        return failure(AcquisitionReason.TOO_DARK, f"no face was found; mean grey level {mean:.0f} of 255")
    if mean > BRIGHT:
        return failure(AcquisitionReason.TOO_BRIGHT, f"no face was found; mean grey level {mean:.0f} of 255")
    return failure(AcquisitionReason.NO_FACE, "no face was found")


def _stretches(seen: list[tuple[Frame, DetectedFace]]) -> list[list[tuple[Frame, DetectedFace]]]:
    """Cut where the face cannot have gone from one place to the next."""
    stretches: list[list[tuple[Frame, DetectedFace]]] = []
    for item in seen:
        if stretches and _continues(stretches[-1][-1][1], item[1]):
            stretches[-1].append(item)
        else:
            stretches.append([item])
    return stretches


def _continues(before: DetectedFace, after: DetectedFace) -> bool:
    side = max(before.side, after.side)
    moved = max(abs(a - b) for a, b in zip(before.centre, after.centre, strict=True))
    return moved < FARTHEST * side and side < MOST_GROWTH * min(before.side, after.side)


def _why_not_seen(detector: FaceDetector, image: UInt8Array, seen: int, frames: int) -> FailureToAcquire:
    """A thorough look at one frame for something better to say than "no face": it may be there, but too small."""
    face = only_face(detector, image, composed=True)
    if isinstance(face, FailureToAcquire):
        return face
    lost = failure(AcquisitionReason.NO_FACE, f"the same face was seen in {seen} of {frames} frames only")
    return refusal(measure(image, face)) or lost
