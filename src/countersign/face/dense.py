"""The face in every frame, between the frames that a detector looked at.

As MediaPipe does it ("face_landmark_landmarks_to_roi.pbtxt"): the next frame's view is placed by the landmarks of the frame
before, so that no detector is needed while the landmarks hold. Where they do not, the detector looks around the last
place, and its five points speak for that frame, as they do beyond the 50 degrees of yaw that FaceMesh follows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from countersign.core.samples import Frame
from countersign.face.detect import DetectedFace, FaceDetector
from countersign.face.geometry import about
from countersign.face.landmarks import FaceMesh, Landmarks, tilt_deg
from countersign.face.pose import head_pose
from countersign.face.track import FaceTrack, Sighting

DENSE_FPS = 25.0
"""Pictures a second that are looked at, at most: lips and a turning head need no more."""
SLACK = 1.25
HELD = 0.5
"""Presence from which the landmarks hold."""
FARTHEST, MOST_GROWTH = 0.5, 1.4
"""From one frame to the next the face moves by less than this many of its sides, and grows by less than this factor."""
THREADS = 2
"""Stretches between two finds of the detector do not depend on each other, and FaceMesh is fastest one face at a time."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """From one find to just before the next; the frames before the first find run backwards."""

    start: Sighting
    frames: Sequence[Frame]


def densify(track: FaceTrack, detector: FaceDetector, mesh: FaceMesh, frames: Sequence[Frame]) -> FaceTrack:
    """The same face in all of `frames`.

    Args:
        track: the face where the detector looked for it.
        detector: asked again where the landmarks do not hold.
        mesh: gives the landmarks.
        frames: in order of time, those of `track` among them.

    Returns:
        A track with sightings in (nearly) every frame; `Sighting.detected` tells those of `track`. Frames in which the
        face was lost are missing.
    """
    with ThreadPoolExecutor(THREADS, thread_name_prefix="face") as pool:
        parts = list(pool.map(lambda part: list(_run(part, detector, mesh)), _stretches(track, frames)))
    sightings = sorted((sighting for part in parts for sighting in part), key=lambda seen: seen.frame.time_s)
    return FaceTrack(sightings=tuple(sightings), looked_at=track.looked_at)


def thinned(frames: Sequence[Frame], per_second: float = DENSE_FPS) -> tuple[Frame, ...]:
    """No more than about `per_second` of the frames (a quarter more pass), evenly in time."""
    times = np.array([frame.time_s for frame in frames])
    length_s = float(times[-1] - times[0])
    if len(frames) - 1 <= SLACK * per_second * length_s:
        return tuple(frames)
    wanted = times[0] + np.arange(math.floor(length_s * per_second) + 1) / per_second
    return tuple(frames[int(index)] for index in np.unique(np.searchsorted(times, wanted - 1e-6)))


def _stretches(track: FaceTrack, frames: Sequence[Frame]) -> list[_Stretch]:
    starts = [sighting.frame.time_s for sighting in track.sightings]
    before = [frame for frame in frames if frame.time_s < starts[0]]
    stretches = [_Stretch(track.sightings[0], before[::-1])] if before else []
    for index, sighting in enumerate(track.sightings):
        end = starts[index + 1] if index + 1 < len(starts) else math.inf
        within = [frame for frame in frames if starts[index] <= frame.time_s < end]
        stretches.append(_Stretch(sighting, within))
    return stretches


def _run(stretch: _Stretch, detector: FaceDetector, mesh: FaceMesh) -> Iterator[Sighting]:
    held = stretch.start.surface.presence >= HELD
    last = _face_of(stretch.start.surface) if held else stretch.start.face
    for frame in stretch.frames:
        detected = frame is stretch.start.frame
        if detected and not held:
            yield stretch.start
            continue
        seen = _next(frame, last, detector, mesh)
        if detected and (seen is None or seen.surface.presence < HELD):
            seen = stretch.start  # what the detector saw is never lost
        if seen is not None:
            last = seen.face
            yield Sighting(
                frame=frame,
                face=stretch.start.face if detected else seen.face,
                surface=seen.surface,
                pose=seen.pose,
                detected=detected,
            )


def _next(frame: Frame, last: DetectedFace, detector: FaceDetector, mesh: FaceMesh) -> Sighting | None:
    (surface,) = mesh.surfaces([(frame.image, last)])
    if surface.presence >= HELD:
        face = _face_of(surface)
        if _follows(last, face):
            return Sighting(frame=frame, face=face, surface=surface, pose=head_pose(face, surface), detected=False)
    found = detector.again(frame.image, last)
    if found is None or not _follows(last, found):
        return None
    (surface,) = mesh.surfaces([(frame.image, found)])
    face = _face_of(surface) if surface.presence >= HELD else found
    return Sighting(frame=frame, face=face, surface=surface, pose=head_pose(found, surface), detected=False)


def _follows(before: DetectedFace, after: DetectedFace) -> bool:
    side = max(before.side, after.side)
    moved = max(abs(a - b) for a, b in zip(before.centre, after.centre, strict=True))
    return moved < FARTHEST * side and side < MOST_GROWTH * min(before.side, after.side)


def _face_of(surface: Landmarks) -> DetectedFace:
    """The box around the landmarks, measured upright, as a find."""
    five = surface.five
    turn = about((0.0, 0.0), angle_deg=tilt_deg(five), scale=1.0, to=(0.0, 0.0))
    across, down = (turn[:, :2] @ surface.points[:, :2].T).tolist()
    left, right, top, bottom = min(across), max(across), min(down), max(down)
    cosine, sine = turn[0, :2].tolist()
    x, y = (left + right) / 2, (top + bottom) / 2
    column, row, width, height = cosine * x - sine * y, sine * x + cosine * y, right - left, bottom - top
    return DetectedFace(
        left=column - width / 2,
        top=row - height / 2,
        right=column + width / 2,
        bottom=row + height / 2,
        points=five,
        score=surface.presence,
    )
