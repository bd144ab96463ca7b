"""Faces to unit vectors, all of one recording in one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from countersign.core.arrays import Float32Array, UInt8Array
from countersign.core.biometrics import Embedding, Modality, ModelRef
from countersign.core.errors import ErrorCode, ModelError
from countersign.face.align import ARC_FACE, DLIB, FACENET, OPEN_MODEL_ZOO, Template
from countersign.models.runtime import Model, Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """How an embedder wants its faces.

    Attributes:
        template: size, and where the points belong.
        bgr: blue first. Values are in [0, 255] for all of them; what else a model wants is part of its file.
        mirrored: embed the mirrored face too and take the mean of both. Measured for each model.
        singly: the model takes one face at a time.
    """

    template: Template
    bgr: bool = False
    mirrored: bool = False
    singly: bool = False


PREPARATIONS = {
    "dlib-resnet": Preparation(template=DLIB, mirrored=True),
    "face-reid-0095": Preparation(template=OPEN_MODEL_ZOO, bgr=True),
    "facenet-vggface2": Preparation(template=FACENET),
    "sface": Preparation(template=ARC_FACE, singly=True),
}
"""By catalogue name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One way of lining up one face.

    Attributes:
        image: `uint8[height, width, 3]`, RGB.
        points: `float32[5, 2]`, as `DetectedFace.points`.
        weight: of this view among the views of the same face, above 0.
    """

    image: UInt8Array
    points: Float32Array
    weight: float


class FaceEmbedder:
    """One embedding model and its way of preparing faces.

    Args:
        model: the catalogue entry's model.
        preparation: how it wants its faces.
    """

    def __init__(self, model: Model, preparation: Preparation) -> None:
        self._model = model
        self._preparation = preparation

    @classmethod
    def load(cls, runtime: Runtime, name: str) -> FaceEmbedder:
        """The embedder of that catalogue name.

        Raises:
            ModelError: MODEL_UNKNOWN for a name that is no face embedder's; the model is missing or altered.
        """
        if name not in PREPARATIONS:
            raise ModelError(ErrorCode.MODEL_UNKNOWN, f"There is no face embedder {name!r}")
        return cls(runtime.model(name), PREPARATIONS[name])

    @property
    def model(self) -> ModelRef:
        """Whose embeddings these are."""
        return self._model.ref

    def embed(self, faces: Sequence[Sequence[View]]) -> tuple[Embedding, ...]:
        """One embedding a face: the weighted mean direction of its views.

        Args:
            faces: for each face at least one view.
        """
        views = [view for face in faces for view in face]
        if not views:
            return ()
        directions = self._directions([self._preparation.template.chip(view.image, view.points) for view in views])
        weighted = directions * np.array([[view.weight] for view in views], dtype=np.float32)
        ends = np.cumsum([len(face) for face in faces])
        sums = [part.sum(axis=0) for part in np.split(weighted, ends[:-1])]
        return tuple(Embedding(vector=_unit(total), modality=Modality.FACE, model=self.model) for total in sums)

    def _directions(self, chips: list[UInt8Array]) -> Float32Array:
        """`float32[n, d]` unit vectors of `n` chips."""
        if self._preparation.mirrored:
            both = [*chips, *(chip[:, ::-1] for chip in chips)]
            halves = self._run(both).reshape(2, len(chips), -1)
            return _unit(halves[0] + halves[1])
        return self._run(chips)

    def _run(self, chips: list[UInt8Array]) -> Float32Array:
        batch = np.stack(chips)[..., ::-1] if self._preparation.bgr else np.stack(chips)
        planes = np.ascontiguousarray(batch.transpose(0, 3, 1, 2), dtype=np.float32)
        parts = np.split(planes, len(planes)) if self._preparation.singly else [planes]
        outputs = [np.asarray(self._model(part)[0], dtype=np.float32).reshape(len(part), -1) for part in parts]
        return _unit(np.concatenate(outputs))


def _unit(vectors: Float32Array) -> Float32Array:
    """The rows, or the one vector, divided by their Euclidean norm."""
    norms = np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), np.finfo(np.float32).tiny)
    return np.asarray(vectors / norms, dtype=np.float32)
