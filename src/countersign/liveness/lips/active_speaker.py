"""Is the speech that is compared spoken while the face that is compared moves its lips?

Whoever lets a voice play beside a face that keeps still, or lets the words fall into a part of the recording in which the
face is not seen, is told by the share of the speech during which this face's mouth moves. That the movement also fits the
sound is the lips check's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Self

import numpy as np

from countersign.core.arrays import Float64Array
from countersign.core.biometrics import Modality, ModelRef
from countersign.core.evidence import Assessment, NotAssessed, Score
from countersign.liveness.lips.mouth import Mouth
from countersign.models.runtime import Runtime
from countersign.scoring.calibrate import Calibrations
from countersign.voice.segments import SpeechActivity

COMPARATOR = "active-speaker/2"
WINDOW_S = 0.6
"""About three syllables: what goes one way for longer is a face being made, or a head being turned."""
STEP_S = 0.04
LONGEST_GAP_S = 0.25
"""Without landmarks, within which the mouth still counts as seen."""
MOVING = 0.009
"""Deviation of the lips' height or the jaw's from which a mouth moves, in parts of the face; landmarks of a mouth at rest
tremble by a third of that."""
STEADY_S = 0.06
"""Standard deviation of the smoothing against that tremble."""
_POSE_DEG, _POSE_RIDGE = 20.0, 1.0
_LIPS, _JAW = 1, 3
"""Columns of `Mouth.shape`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking:
    """How the face behaved while speech was heard.

    Attributes:
        seen: share of the speech in which the mouth was seen.
        moving: share of the speech in which it was seen and moved.
        strength: median movement while it was seen, in parts of `MOVING`.
        speech_s: seconds of speech.
    """

    seen: float
    moving: float
    strength: float
    speech_s: float

    @property
    def score(self) -> float:
        """What the calibration is fitted on: the share, and a little for strength."""
        return self.moving + 0.25 * float(np.log2(np.clip(self.strength, 0.25, 4.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveSpeakerCheck:
    """Judges them.

    Attributes:
        model: whose landmarks the mouth is taken from.
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

    def check(self, mouth: Mouth, activity: SpeechActivity) -> Assessment | NotAssessed:
        """Judge one recording: bona fide is who moves the lips while speech is heard.

        Raises:
            ConfigurationError: CALIBRATION_MISSING for this model.
        """
        spans = [(segment.start_s, segment.end_s) for segment in activity.segments()]
        if not spans:
            return NotAssessed(reason="nobody speaks")
        found = measure(mouth, np.array(spans, np.float64))
        score = score_of(found, self.model)
        measures = {
            "seen_share": found.seen,
            "moving_share": found.moving,
            "movement_ratio": found.strength,
            "speech_s": found.speech_s,
        }
        return Assessment(llr=self.calibrations.llr(score), score=score.value, measures=measures)


def score_of(found: Speaking, model: ModelRef) -> Score:
    """What the calibration is fitted on."""
    return Score(value=found.score, modality=Modality.FACE, model=model, comparator=COMPARATOR)


def measure(mouth: Mouth, spans_s: Float64Array) -> Speaking:
    """Measure a mouth while speech is heard.

    Args:
        mouth: of the face that is compared.
        spans_s: `float64[n, 2]`, beginnings and ends of speech, at least one.
    """
    times = np.concatenate([np.arange(start, end, STEP_S) for start, end in spans_s])
    length = float(len(times)) * STEP_S
    if len(mouth.times_s) < 2:
        return Speaking(seen=0.0, moving=0.0, strength=0.0, speech_s=length)
    movement = np.interp(times, mouth.times_s, _movement(mouth)) / MOVING
    place = np.clip(np.searchsorted(mouth.times_s, times), 1, len(mouth.times_s) - 1)
    before, after = mouth.times_s[place - 1], mouth.times_s[place]
    seen = (after - before <= LONGEST_GAP_S) & (times >= before - LONGEST_GAP_S) & (times <= after + LONGEST_GAP_S)
    return Speaking(
        seen=float(seen.mean()),
        moving=float((seen & (movement >= 1.0)).mean()),
        strength=float(np.median(movement[seen])) if seen.any() else 0.0,
        speech_s=length,
    )


def _movement(mouth: Mouth) -> Float64Array:
    """`float64[n]`: of the lips' height or the jaw's, whichever moves more, the deviation from a parabola within a window."""
    apart = mouth.times_s[:, None] - mouth.times_s[None]
    steady = np.exp(-0.5 * (apart / STEADY_S) ** 2)
    both = (steady / steady.sum(axis=1, keepdims=True)) @ _without_pose(mouth.shape[:, [_LIPS, _JAW]], mouth.poses_deg)
    near = (np.abs(apart) <= WINDOW_S / 2).astype(np.float64)
    powers = np.stack([near * (apart / WINDOW_S) ** k for k in range(5)])
    moments = powers.sum(axis=2)
    left = moments[np.add.outer(np.arange(3), np.arange(3))].transpose(2, 0, 1) + 1e-9 * np.eye(3)
    right = (powers[:3] @ both).transpose(1, 0, 2)
    explained = (right * np.linalg.solve(left, right)).sum(axis=1)
    rest = np.maximum(near @ both**2 - explained, 0.0) / np.maximum(moments[0] - 3.0, 1.0)[:, None]
    return np.asarray(np.sqrt(rest).max(axis=1), np.float64)


def _without_pose(values: Float64Array, poses_deg: Float64Array) -> Float64Array:
    """`float64[n, 2]` less what goes with the head's angles and their squares: landmarks are not quite free of pose."""
    turned = (poses_deg - poses_deg.mean(axis=0)) / _POSE_DEG
    causes = np.concatenate([turned, turned**2 - (turned**2).mean(axis=0)], axis=1)
    centred = values - values.mean(axis=0)
    share = np.linalg.solve(causes.T @ causes + _POSE_RIDGE * np.eye(causes.shape[1]), causes.T @ centred)
    return np.asarray(centred - causes @ share, np.float64)
