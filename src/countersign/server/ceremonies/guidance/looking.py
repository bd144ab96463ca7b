"""One quick look at one small picture: the detector and the landmarks, no embedding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.quality import HeadPose
from countersign.core.samples import Recording
from countersign.face.pose import head_pose
from countersign.face.quality import measure, refusal
from countersign.face.track import only_face
from countersign.pipeline import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is in the picture.

    Attributes:
        box: left, top, right and bottom of the face, as fractions of the picture; None without one face.
        pose: of the head; None without one face.
        advice: why a sample of it would not be taken.
    """

    box: tuple[float, float, float, float] | None
    pose: HeadPose | None
    advice: tuple[AcquisitionReason, ...]


@runtime_checkable
class Looks(Protocol):
    """What guidance asks of the engine."""

    def look(self, recording: Recording) -> Look:
        """At the first picture of a recording."""


def look(engine: object, recording: Recording) -> Look:
    """By the engine of this process, or a scripted one.

    Raises:
        TypeError: it cannot.
    """
    if isinstance(engine, Looks):
        return engine.look(recording)
    if not isinstance(engine, Engine):
        raise TypeError("this engine gives no guidance")
    if recording.video is None:
        return Look(box=None, pose=None, advice=(AcquisitionReason.NO_PICTURE,))
    image = recording.video.frames[0].image
    face = only_face(engine.face.detector, image, composed=False)
    if isinstance(face, FailureToAcquire):
        return Look(box=None, pose=None, advice=(face.reason,))
    (surface,) = engine.face.mesh.surfaces([(image, face)])
    height, width = image.shape[:2]
    refused = refusal(measure(image, face))
    return Look(
        box=(face.left / width, face.top / height, face.right / width, face.bottom / height),
        pose=head_pose(face, surface),
        advice=() if refused is None else (refused.reason,),
    )
