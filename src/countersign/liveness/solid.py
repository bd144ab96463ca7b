"""Is the head solid, rather than a flat or bent picture of one?

Under an affine camera the tracks of a rigid solid have rank 3, those of a plane rank 2 (Tomasi and Kanade, "Shape and motion
from image streams under orthography", 1992): a plane's points move by an affine map of where they were, a solid's by that
and by their depth, times how far it has been turned. A picture that is bent has depth as well, but only such depth as paper
can take: along one direction, slowly. So what is asked is narrower than the rank. In every frame the points are fitted with
all maps of second order of their place in the frontal view, which no plane in perspective and no gently bent sheet exceeds;
then it is measured how far they have moved beyond that along the depth that a face has there, nose before eyes before
cheeks. This parallax of a solid head is the sine of its turn; a picture's is nought, but for what FaceMesh makes up.

Only points are used that do not move with the mouth, the lids or the outline. FaceMesh makes up most where a picture is
bent, so the same is measured again on what the pixels alone say (`countersign.liveness.flow`), and both are judged
together; where the pixels cannot be followed, the landmarks are judged alone, by a calibration of their own. Figures and
counts: ``docs/liveness.md``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Self

import numpy as np

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.arrays import Float32Array, Float64Array
from countersign.core.biometrics import Modality, ModelRef
from countersign.core.evidence import Assessment, Score
from countersign.face.landmarks import EYES
from countersign.face.track import FaceTrack
from countersign.liveness.flow import FlowParallax, flow_parallax, follow_corners
from countersign.liveness.head_path import HELD, smoothed, without_outliers
from countersign.models.runtime import Runtime
from countersign.scoring.calibrate import Calibrations

COMPARATOR, LANDMARKS_ONLY = "solid/1", "solid-landmarks/1"
LEAST = 0.02
"""Parallax below which nothing is told apart, of corners; of landmarks it is half of that."""
RIGID = (
    1, 2, 3, 4, 5, 6, 8, 9, 10, 19, 20, 31, 33, 36, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 55, 59, 60, 63, 64, 65, 66, 67,
    69, 75, 79, 94, 97, 99, 100, 101, 102, 103, 104, 105, 107, 108, 109, 113, 114, 115, 117, 118, 119, 122, 125, 126, 128,
    129, 131, 133, 134, 141, 142, 151, 166, 168, 174, 188, 189, 193, 195, 196, 197, 198, 209, 217, 218, 219, 220, 221, 225,
    226, 228, 235, 236, 237, 238, 239, 240, 241, 242, 244, 245, 248, 250, 261, 263, 266, 274, 275, 276, 277, 278, 279, 280,
    281, 282, 283, 284, 285, 289, 290, 293, 294, 295, 296, 297, 298, 299, 300, 305, 309, 326, 327, 328, 329, 330, 331, 332,
    333, 334, 336, 337, 338, 342, 343, 344, 346, 347, 348, 351, 353, 354, 355, 358, 360, 362, 363, 370, 371, 392, 399, 412,
    413, 417, 419, 420, 423, 425, 429, 437, 438, 439, 440, 441, 444, 445, 446, 448, 455, 456, 457, 458, 459, 460, 461, 462,
    464, 465,
)  # fmt: skip
"""FaceMesh's points of forehead, nose and upper cheeks, without lips, lids and outline."""
FRONTAL = 0.25
"""Share of the frames, those nearest to the usual yaw, that make the frontal view."""
FEWEST = 12
"""Frames with landmarks."""
STILL_DEG, STILL_SHAPE = 8.0, 0.05
"""A face whose yaw stays within the one and whose width within the other, of itself, has not been shown from two sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solidity:
    """What the tracks say.

    Attributes:
        parallax: how far points move with their depth, beyond what a plane or a bent sheet allows: range over the
            recording, of the depth. A solid head that is turned by a and -b has about sin(a) + sin(b).
        noise: standard error of the parallax, from the movement that neither sheet nor depth explains.
        turned_deg: range of the yaw.
        squeezed: range of the face's width by its height, as a share.
        degrees_of_freedom: of the noise: coordinates measured less coordinates fitted.
        frames: with landmarks.
    """

    parallax: float
    noise: float
    turned_deg: float
    squeezed: float
    degrees_of_freedom: int
    frames: int

    @property
    def log_parallax(self) -> float:
        """Logarithm of the parallax that noise, at three standard errors, leaves."""
        return 0.5 * math.log(max(self.parallax**2 - (3 * self.noise) ** 2, (LEAST / 2) ** 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class SolidCheck:
    """Judges whether a face has depth.

    Attributes:
        model: whose landmarks.
        calibrations: of its scores.
    """

    model: ModelRef
    calibrations: Calibrations

    @classmethod
    def load(cls, runtime: Runtime) -> Self:
        """With the calibration that comes with Countersign.

        Raises:
            ModelError: FaceMesh is missing or altered.
            ConfigurationError: a calibration is malformed.
        """
        calibrations = Calibrations.load(files("countersign.liveness") / "calibrations")
        return cls(model=runtime.model("facemesh").ref, calibrations=calibrations)

    def check(self, track: FaceTrack) -> Assessment | FailureToAcquire:
        """Judge one recording; TURN_TOO_SMALL where the face was shown from one side only.

        Raises:
            ConfigurationError: CALIBRATION_MISSING for this model.
        """
        found = measure(track.times_s, track.poses_deg[:, 0], track.points, track.presences)
        refused = refusal(found)
        if refused is not None:
            return refused
        flow = flow_of(track)
        score = score_of(found, flow, self.model)
        return Assessment(
            llr=self.calibrations.llr(score), score=score.value, measures={**_of_landmarks(found), **_of_corners(flow)}
        )


def flow_of(track: FaceTrack) -> FlowParallax | None:
    """The same parallax by the pixels alone, or None where they cannot be followed."""
    tracks = follow_corners(track.sightings, RIGID)
    if tracks is None:
        return None
    points = np.stack([track.sightings[index].surface.points[list(RIGID)] for index in tracks.frames])
    return flow_parallax(tracks, points)


def score_of(found: Solidity, flow: FlowParallax | None, model: ModelRef) -> Score:
    """What the calibrations are fitted on: the corners' parallax beside the landmarks', or the latter alone."""
    if flow is None:
        return Score(value=found.log_parallax, modality=Modality.FACE, model=model, comparator=LANDMARKS_ONLY)
    return Score(
        value=math.log(max(flow.parallax, LEAST)),
        modality=Modality.FACE,
        model=model,
        comparator=COMPARATOR,
        side={"log_landmark_parallax": found.log_parallax},
    )


def _of_landmarks(found: Solidity) -> Mapping[str, float]:
    return {
        "parallax_share": found.parallax,
        "noise_share": found.noise,
        "turned_deg": found.turned_deg,
        "squeezed_share": found.squeezed,
        "freedom_count": float(found.degrees_of_freedom),
    }


def _of_corners(flow: FlowParallax | None) -> Mapping[str, float]:
    if flow is None:
        return {"corners_count": 0.0}
    return {
        "corners_count": float(flow.corners),
        "corner_parallax_share": flow.parallax,
        "corner_noise_share": flow.noise,
        "agreement_share": flow.agreement,
    }


def refusal(found: Solidity) -> FailureToAcquire | None:
    """Why nothing can be said, or None."""
    if found.frames >= FEWEST and (found.turned_deg >= STILL_DEG or found.squeezed >= STILL_SHAPE):
        return None
    detail = f"{found.frames} frames, turned by {found.turned_deg:.0f} degrees, squeezed by {found.squeezed:.2f}"
    return FailureToAcquire(modality=Modality.FACE, reason=AcquisitionReason.TURN_TOO_SMALL, detail=detail)


def measure(times_s: Float64Array, yaw_deg: Float64Array, points: Float32Array, presences: Float64Array) -> Solidity:
    """Measure the parallax of a face track.

    Args:
        times_s: `float64[n]`.
        yaw_deg: `float64[n]`, for choosing the frontal view.
        points: `float32[n, 468, 3]`.
        presences: `float64[n]`.
    """
    held = presences >= HELD
    times, yaw = times_s[held], yaw_deg[held]
    if len(times) < FEWEST:
        return Solidity(parallax=0.0, noise=0.0, turned_deg=0.0, squeezed=0.0, degrees_of_freedom=0, frames=len(times))
    frontal = np.argsort(np.abs(yaw - np.median(yaw)), kind="stable")[: max(3, round(FRONTAL * len(yaw)))]
    sheet, depth = _directions(np.median(points[held][frontal].astype(np.float64), axis=0))
    seen = points[held][:, RIGID, :2].astype(np.float64)
    fitted = np.einsum("kp,fpc->fkc", np.linalg.pinv(sheet), seen)
    across, down = fitted[:, 1], fitted[:, 2]
    height = np.linalg.norm(down, axis=1)
    level = np.stack([down[:, 1], -down[:, 0]], axis=1) / height[:, None]
    size = float(depth @ depth)
    along = np.einsum("p,fpc->fc", depth, seen) / size
    moved = _steady(times, (along * level).sum(axis=1) / height)
    left = seen - np.einsum("pk,fkc->fpc", sheet, fitted) - depth[None, :, None] * along[:, None]
    freedom = 2 * (len(RIGID) - sheet.shape[1] - 1)
    error = np.sqrt((left**2).sum(axis=(1, 2)) / freedom) / height / math.sqrt(size)
    width = np.linalg.norm(across, axis=1) / height
    return Solidity(
        parallax=float(np.ptp(moved)),
        noise=float(np.sqrt(2 * np.mean(error**2))),
        turned_deg=float(np.ptp(_steady(times, yaw))),
        squeezed=float(np.ptp(_steady(times, width)) / np.median(width)),
        degrees_of_freedom=freedom * len(times),
        frames=len(times),
    )


def _steady(times_s: Float64Array, values: Float64Array) -> Float64Array:
    return smoothed(times_s, without_outliers(values))


def _directions(face: Float64Array) -> tuple[Float64Array, Float64Array]:
    """What a sheet can do, `float64[p, 6]`, and what of the face's depth it cannot, `float64[p]`, in distances of the eyes."""
    left, right = (face[list(corners), :2].mean(axis=0) for corners in EYES)
    unit = float(np.linalg.norm(right - left))
    x, y = ((face[list(RIGID), :2] - (left + right) / 2) / unit).T
    sheet = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    depth = face[list(RIGID), 2] / unit
    return sheet, depth - sheet @ (np.linalg.pinv(sheet) @ depth)
