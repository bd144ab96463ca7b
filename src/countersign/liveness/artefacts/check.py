"""Does the face look as if it had been printed or shown on a screen?

Three small networks of pack `plus`, trained by others on attacks of their own, look at a few frames: two MiniFASNets (Yu et
al., 2020; Minivision's Silent-Face-Anti-Spoofing) at 2.7 and 4.0 times the face, which see edges of pictures and hands that
hold them, and a third (Facenox) at 1.5 times, which sees texture. Their log-odds, each held to a range so that none
outvotes the others, are averaged over networks and frames, and calibrated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from scipy.special import logsumexp

from countersign.core.acquisition import FailureToAcquire
from countersign.core.arrays import Float32Array, Float64Array, UInt8Array
from countersign.core.biometrics import Modality, ModelRef
from countersign.core.evidence import Assessment, NotAssessed, Score
from countersign.face.detect import DetectedFace
from countersign.face.track import FaceTrack, Sighting
from countersign.liveness.artefacts.crops import square, surroundings
from countersign.liveness.artefacts.cues import banding_db, moire_db, straight_sides
from countersign.models.runtime import Model, Runtime
from countersign.scoring.calibrate import Calibrations

NEAR, FAR, TEXTURE = "silentface-27", "silentface-40", "facenox"
MODELS = (NEAR, FAR, TEXTURE)
COMPARATOR = "face-artefacts/1"
FRAMES = 4
"""Frames looked at. What they show hardly changes from one to the next."""
FRONTAL_DEG = 20.0
"""Frames with less yaw than this are preferred: the networks were trained on faces that look at the camera."""
MOST_NATS = 8.0
"""Log-odds of one network count up to this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceArtefacts:
    """The three networks. May be used from several threads at once.

    Attributes:
        near, far, texture: `MODELS`.
        calibrations: of their fused score.
    """

    near: Model
    far: Model
    texture: Model
    calibrations: Calibrations = field(repr=False)

    @classmethod
    def load(cls, runtime: Runtime, calibrations: Calibrations) -> Self | NotAssessed:
        """The check, or why there is none: a model of pack `plus` that is not installed stops nothing.

        Raises:
            ModelError: a model is altered.
        """
        if missing := [name for name in MODELS if not runtime.has(name)]:
            return NotAssessed(reason=f"not installed: {', '.join(missing)}")
        near, far, texture = (runtime.model(name) for name in MODELS)
        return cls(near=near, far=far, texture=texture, calibrations=calibrations)

    @property
    def ref(self) -> ModelRef:
        """Names the exact weights of all three."""
        return fused_ref([self.near.ref, self.far.ref, self.texture.ref])

    def warm_up(self) -> None:
        """Run every model once."""
        for model in (self.near, self.far, self.texture):
            model.warm_up()

    def check(self, track: FaceTrack | FailureToAcquire | NotAssessed) -> Assessment | FailureToAcquire | NotAssessed:
        """Look at a few frames of a face that was followed.

        Raises:
            ConfigurationError: CALIBRATION_MISSING for these models.
        """
        if not isinstance(track, FaceTrack):
            return track
        chosen = chosen_sightings(track)
        odds = self.log_odds([(seen.frame.image, seen.face) for seen in chosen])
        score = fused_score(odds, self.ref)
        near, far, texture = (float(value) for value in odds.mean(axis=0))
        measures = {
            "near_nats": near,
            "far_nats": far,
            "texture_nats": texture,
            "moire_db": float(np.median([moire_db(seen.frame.image, seen.face) for seen in chosen])),
            "banding_db": banding_db([seen.frame.image for seen in chosen]),
            "straight_edges_sides": float(straight_sides(chosen[0].frame.image, chosen[0].face)),
        }
        return Assessment(llr=self.calibrations.llr(score), score=score.value, measures=measures)

    def log_odds(self, faces: Sequence[tuple[UInt8Array, DetectedFace]]) -> Float64Array:
        """`float64[n, 3]` natural log-odds of bona fide over attack, of each face by each network, as they come.

        Args:
            faces: RGB pictures and the face in each, at least one.
        """
        bgr = [(np.ascontiguousarray(image[..., ::-1]), face) for image, face in faces]
        near = np.stack([surroundings(image, face, scale=2.7, side=80) for image, face in bgr])
        far = np.stack([surroundings(image, face, scale=4.0, side=80) for image, face in bgr])
        texture = np.stack([square(image, face, scale=1.5, side=128) for image, face in faces])
        (near_logits,) = self.near(_planes(near))
        (far_logits,) = self.far(_planes(far))
        (texture_logits,) = self.texture(_planes(texture) / np.float32(255))
        return np.stack([_odds(near_logits, 1), _odds(far_logits, 1), _odds(texture_logits, 0)], axis=1)


def chosen_sightings(track: FaceTrack) -> tuple[Sighting, ...]:
    """Up to `FRAMES` sightings that a detector made, evenly in time, of those that look at the camera if there are any."""
    detected = [seen for seen in track.sightings if seen.detected] or list(track.sightings)
    frontal = [seen for seen in detected if abs(seen.pose.yaw) < FRONTAL_DEG] or detected
    if len(frontal) <= FRAMES:
        return tuple(frontal)
    places = (np.arange(FRAMES) + 0.5) * len(frontal) / FRAMES
    return tuple(frontal[int(place)] for place in places)


def fused_score(odds: Float64Array, ref: ModelRef) -> Score:
    """One score of `float64[n, 3]` log-odds: their mean, each held to [-MOST_NATS, MOST_NATS]."""
    value = float(np.clip(odds, -MOST_NATS, MOST_NATS).mean())
    return Score(value=value, modality=Modality.FACE, model=ref, comparator=COMPARATOR)


def fused_ref(parts: Sequence[ModelRef]) -> ModelRef:
    """A name for several models together."""
    digest = hashlib.sha256("".join(part.sha256 for part in parts).encode()).hexdigest()
    return ModelRef(name="+".join(part.name for part in parts), sha256=digest)


def _planes(images: UInt8Array) -> Float32Array:
    """`float32[n, 3, h, w]` of `uint8[n, h, w, 3]`."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2), dtype=np.float32)


def _odds(logits: Float32Array, live: int) -> Float64Array:
    """Log-odds of class `live` against all others."""
    others = np.delete(logits.astype(np.float64), live, axis=1)
    odds: Float64Array = logits[:, live] - logsumexp(others, axis=1)
    return odds
