"""From pictures to embedded faces: everything about faces that one pack does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from countersign.core.acquisition import FailureToAcquire
from countersign.core.biometrics import FaceSample, ModelRef
from countersign.core.samples import Frame, VideoClip
from countersign.face.dense import densify, thinned
from countersign.face.detect import DetectedFace, FaceDetector
from countersign.face.embed import FaceEmbedder, View
from countersign.face.landmarks import FaceMesh
from countersign.face.mtcnn import Mtcnn
from countersign.face.pose import head_pose
from countersign.face.quality import measure, refusal
from countersign.face.select import choose
from countersign.face.track import FaceTrack, follow, only_face
from countersign.face.views import quick_view, thorough_views
from countersign.face.yunet import YuNet
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime

LOOKED_AT = 16
"""Frames of a moving picture in which the face is looked for, evenly in time."""
EMBEDDED = 8
"""Frames of these that are embedded at most. More add time and hardly any accuracy."""

EMBEDDER_OF_PACK = {Pack.CORE: "dlib-resnet", Pack.PLUS: "face-reid-0095"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FacePath:
    """Detector, landmarks and embedder of one pack. May be used from several threads at once.

    Attributes:
        detector: MTCNN in pack `core`, YuNet in pack `plus`.
        mesh: dense landmarks, for pose and alignment.
        embedder: what the samples are made with.
    """

    detector: FaceDetector
    mesh: FaceMesh
    embedder: FaceEmbedder

    @classmethod
    def load(cls, runtime: Runtime, *, pack: Pack, embedder: str | None = None) -> FacePath:
        """What `pack` has.

        Args:
            runtime: where the models come from.
            pack: CORE or PLUS.
            embedder: catalogue name of another embedder than the pack's own, such as "facenet-vggface2" or "sface".

        Raises:
            ModelError: a model is missing or altered.
        """
        return cls(
            detector=Mtcnn.load(runtime) if pack is Pack.CORE else YuNet.load(runtime),
            mesh=FaceMesh.load(runtime),
            embedder=FaceEmbedder.load(runtime, embedder or EMBEDDER_OF_PACK[pack]),
        )

    @property
    def model(self) -> ModelRef:
        """Whose embeddings the samples carry."""
        return self.embedder.model

    def warm_up(self) -> None:
        """Run every model once."""
        image = np.zeros((240, 320, 3), dtype=np.uint8)
        points = np.array([(130, 100), (190, 100), (160, 130), (135, 160), (185, 160)], dtype=np.float32)
        face = DetectedFace(left=110, top=60, right=210, bottom=190, points=points, score=1.0)
        self.detector.detect(image, smallest=24, largest=320, faint=True)
        self.mesh.surfaces([(image, face)])
        self.embedder.embed([[View(image=image, points=points, weight=1.0)]])

    def extract(self, video: VideoClip) -> tuple[FaceSample, ...] | FailureToAcquire:
        """The face's samples: one of a still, up to `EMBEDDED` of a moving picture; or why there are none."""
        if video.kind == "still" or len(video.frames) == 1:
            return self._extract_still(video.frames[0])
        track = self.track(video)
        return track if isinstance(track, FailureToAcquire) else self.samples(track)

    def samples(self, track: FaceTrack) -> tuple[FaceSample, ...] | FailureToAcquire:
        """Up to `EMBEDDED` samples of a face that was followed; or why no sighting is good enough."""
        chosen = choose(track, at_most=EMBEDDED)
        if isinstance(chosen, FailureToAcquire):
            return chosen
        seen = [good.sighting for good in chosen]
        embeddings = self.embedder.embed([quick_view(s.frame.image, s.face, s.surface) for s in seen])
        return tuple(
            FaceSample(embedding=embedding, pose=good.sighting.pose, quality=good.quality)
            for good, embedding in zip(chosen, embeddings, strict=True)
        )

    def track(self, video: VideoClip, *, at_most: int = LOOKED_AT, dense: bool = False) -> FaceTrack | FailureToAcquire:
        """The one face followed through the recording.

        Args:
            video: a moving picture.
            at_most: frames in which the detector looks for it, evenly chosen.
            dense: follow its landmarks through all frames in between as well, `DENSE_FPS` a second at most.
        """
        frames = thinned(video.frames) if dense else video.frames
        track = follow(self.detector, self.mesh, evenly(frames, at_most))
        if isinstance(track, FailureToAcquire) or not dense:
            return track
        return densify(track, self.detector, self.mesh, frames)

    def _extract_still(self, frame: Frame) -> tuple[FaceSample, ...] | FailureToAcquire:
        face = only_face(self.detector, frame.image, composed=True)
        if isinstance(face, FailureToAcquire):
            return face
        quality = measure(frame.image, face)
        refused = refusal(quality)
        if refused is not None:
            return refused
        (surface,) = self.mesh.surfaces([(frame.image, face)])
        (embedding,) = self.embedder.embed([thorough_views(self.detector, self.mesh, frame.image, face, surface)])
        return (FaceSample(embedding=embedding, pose=head_pose(face, surface), quality=quality),)


def evenly(frames: tuple[Frame, ...], at_most: int) -> tuple[Frame, ...]:
    """Up to `at_most` of the frames, evenly spread."""
    if len(frames) <= at_most:
        return frames
    places = (np.arange(at_most) + 0.5) * len(frames) / at_most
    return tuple(frames[int(place)] for place in places)
