"""Did the head follow the asked path: to one side, over to the other, back to the camera, before or after the words?

The yaw is counted from where the person looks while reading, so a camera that stands to one side does no harm. Every turn
is measured in parts of what was asked of it: whoever goes further than asked has done so; whoever goes a little less far,
or cannot go as far (see `Reach`), is forgiven in proportion. The wrong side first, one side only, no way back, or a
movement that nobody asked for count against. Too small a turn in the right order is no attack: the person is asked again.
Figures and counts: ``docs/liveness.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Self

import numpy as np

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.arrays import Float64Array
from countersign.core.biometrics import FaceReference, Modality, ModelRef
from countersign.core.evidence import Assessment, Score
from countersign.face.track import FaceTrack
from countersign.liveness.challenge import Side, TurnOrder, TurnPath
from countersign.liveness.head_path import HeadPath, Span, longest_gap
from countersign.models.runtime import Runtime
from countersign.scoring.calibrate import Calibrations

COMPARATOR = "turn/1"
SLACK_S = 0.5
"""People begin to turn while they still speak, and speak before they have quite come back."""
FACING = 0.2
"""Share of a window at whose ends the head faces the camera, where there are no words to tell."""
SMALL = 0.7
"""Of the asked extent; whoever keeps the order but turns less far than this is asked to turn further."""
LEAST_DEG = 15.0
"""Nobody is asked for less."""
STILL_DEG = 8.0
"""A head that never leaves this range has not been turned at all."""
FASTEST_DEG_S = 500.0
"""A head that is turned in play reaches some 300; what is faster has been cut, or was not seen in between."""
LONGEST_GAP_S = 0.5
"""While turned, without landmarks."""
FEWEST = 8
"""Frames in the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far somebody turned to each side when they were enrolled, degrees, both positive."""

    left_deg: float
    right_deg: float

    @classmethod
    def of(cls, reference: FaceReference) -> Reach | None:
        """From the poses that are enrolled; None where they do not show the person turned to both sides."""
        yaws = [sample.pose.yaw for sample in reference.samples]
        reach = cls(left_deg=max(yaws), right_deg=-min(yaws))
        return reach if min(reach.left_deg, reach.right_deg) >= LEAST_DEG else None

    def asked(self, side: Side, extent_deg: float) -> float:
        """How far to ask them to turn: as far as everybody, but not beyond nine tenths of their own."""
        own = self.left_deg if side is Side.LEFT else self.right_deg
        return min(extent_deg, max(0.9 * own, LEAST_DEG))


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What was done, measured by what was asked; see `score`.

    Attributes:
        reached: the smaller of the two turns, of the asked extent.
        astray: how far to the wrong side before the first turn, of the asked extent.
        again: how far back to the first side after the second turn, likewise.
        left_over: how far from facing the camera at the end, likewise.
        range_deg: from the furthest left to the furthest right within the window.
        fastest_deg_s: highest speed within the window.
        gap_s: longest time without landmarks while turned.
        frames: within the window.
    """

    reached: float
    astray: float
    again: float
    left_over: float
    range_deg: float
    fastest_deg_s: float
    gap_s: float
    frames: int

    @property
    def score(self) -> float:
        """1 for the asked path, less for what is missing or too much; about -1 for the other way round."""
        faults = max(self.astray - 0.3, 0.0) + max(self.again - 0.5, 0.0) + max(self.left_over - 0.4, 0.0)
        return min(self.reached, 1.0) - min(faults, 2.0)

    @property
    def in_order(self) -> bool:
        """Whether nothing but the extent is missing."""
        return self.reached > 0 and self.astray <= 0.3 and self.again <= 0.5 and self.left_over <= 0.4

    def as_measures(self) -> Mapping[str, float]:
        """For the operator."""
        return {
            "reached_share": self.reached,
            "astray_share": self.astray,
            "again_share": self.again,
            "left_over_share": self.left_over,
            "range_deg": self.range_deg,
            "fastest_deg_per_s": self.fastest_deg_s,
            "gap_s": self.gap_s,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnCheck:
    """Judges turns.

    Attributes:
        model: whose landmarks the angles come from.
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

    def check(
        self, track: FaceTrack, asked: TurnPath, *, words: Span | None, reach: Reach | None = None
    ) -> Assessment | FailureToAcquire:
        """Judge the turn of one recording.

        Args:
            track: the face in every frame.
            asked: the path.
            words: when the words were said; without, the whole recording is taken for the turn.
            reach: of this person, where it is known.

        Raises:
            ConfigurationError: CALIBRATION_MISSING for this model.
        """
        turn = measure(HeadPath.of(track), asked, words=words, reach=reach)
        refused = refusal(turn)
        if refused is not None:
            return refused
        score = score_of(turn, self.model)
        return Assessment(llr=self.calibrations.llr(score), score=score.value, measures=turn.as_measures())


def score_of(turn: Turn, model: ModelRef) -> Score:
    """What the calibration is fitted on."""
    return Score(value=turn.score, modality=Modality.FACE, model=model, comparator=COMPARATOR)


def measure(path: HeadPath, asked: TurnPath, *, words: Span | None, reach: Reach | None = None) -> Turn:
    """Measure a path by what was asked."""
    window = _window(path, asked.order, words)
    yaw = window.yaw_deg - _facing(path, window, words)
    if len(yaw) < FEWEST:
        return Turn(
            reached=0.0,
            astray=0.0,
            again=0.0,
            left_over=0.0,
            range_deg=0.0,
            fastest_deg_s=0.0,
            gap_s=0.0,
            frames=len(yaw),
        )
    sign = 1.0 if asked.first is Side.LEFT else -1.0
    second = Side.RIGHT if asked.first is Side.LEFT else Side.LEFT
    extents = [float(asked.extent_deg)] * 2
    if reach is not None:
        extents = [reach.asked(side, extent) for side, extent in zip((asked.first, second), extents, strict=True)]
    there, over = sign * yaw / extents[0], -sign * yaw / extents[1]
    reached, astray, again, left_over = _follow(there, over)
    speeds = np.abs(np.diff(window.steps_deg[:, 0])) / np.maximum(np.diff(window.times_s), 1e-3)
    return Turn(
        reached=reached,
        astray=astray,
        again=again,
        left_over=left_over,
        range_deg=float(np.ptp(yaw)),
        fastest_deg_s=float(speeds.max()),
        gap_s=longest_gap(window.times_s, np.maximum(there, over) > 0.5),
        frames=len(yaw),
    )


def refusal(turn: Turn) -> FailureToAcquire | None:
    """Why the turn cannot be judged and the person is asked again, or None."""
    if turn.frames < FEWEST:
        return _again(
            AcquisitionReason.TURN_TOO_SMALL, f"{turn.frames} frames with landmarks where the turn was asked for"
        )
    if turn.range_deg < STILL_DEG:
        return _again(AcquisitionReason.TURN_TOO_SMALL, f"the head moved by {turn.range_deg:.0f} degrees")
    if turn.fastest_deg_s > FASTEST_DEG_S:
        return _again(AcquisitionReason.TURN_TOO_FAST, f"{turn.fastest_deg_s:.0f} degrees a second")
    if turn.gap_s > LONGEST_GAP_S:
        return _again(AcquisitionReason.TURN_TOO_FAST, f"no landmarks for {turn.gap_s:.1f} s of the turn")
    if turn.in_order and turn.reached < SMALL:
        return _again(AcquisitionReason.TURN_TOO_SMALL, f"{turn.reached:.2f} of the asked extent")
    return None


def _again(reason: AcquisitionReason, detail: str) -> FailureToAcquire:
    return FailureToAcquire(modality=Modality.FACE, reason=reason, detail=detail)


def _window(path: HeadPath, order: TurnOrder, words: Span | None) -> HeadPath:
    if words is None:
        return path
    if order is TurnOrder.BEFORE_WORDS:
        return path.within(-np.inf, words.start_s + SLACK_S)
    return path.within(words.end_s - SLACK_S, np.inf)


def _facing(path: HeadPath, window: HeadPath, words: Span | None) -> float:
    """The yaw that stands for facing the camera."""
    reading = path.within(words.start_s, words.end_s).yaw_deg if words is not None else np.zeros(0)
    if len(reading) >= FEWEST:
        return float(np.median(reading))
    ends = max(1, round(FACING * len(window.yaw_deg) / 2))
    return float(np.median(np.r_[window.yaw_deg[:ends], window.yaw_deg[-ends:]])) if len(window.yaw_deg) else 0.0


def _follow(there: Float64Array, over: Float64Array) -> tuple[float, float, float, float]:
    """How far in the asked order; then what came before, after and at the end. Shares of the asked extents.

    The recording is cut in two where the smaller of "furthest to the first side before" and "furthest to the second side
    after" is largest.
    """
    before = np.maximum.accumulate(there)
    after = np.maximum.accumulate(over[::-1])[::-1]
    both = np.minimum(before, after)
    cut = int(np.argmax(both))
    reached = float(both[cut])
    goal = 0.6 * min(max(reached, 0.0), 1.0)
    first = int(np.argmax(there[: cut + 1] >= goal))
    last = cut + int(np.argmax(over[cut:] >= goal))
    astray = float(np.max(over[: first + 1], initial=0.0))
    again = float(np.max(there[last:], initial=0.0))
    turned = np.maximum(there, over)[last + int(np.argmax(over[last:])) :]
    return reached, astray, again, float(np.min(turned, initial=1.0))
