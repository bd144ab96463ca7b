"""Was this recording, or a part of it, seen or heard before?

The memory is asked for the few fingerprints that share most with this one, and these are laid beside it. Sound and pictures are
searched for apart, so that an old film with new sound is found, and old sound with a new film. Figures: ``docs/liveness.md``.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Self

from countersign.core.biometrics import Modality, ModelRef
from countersign.core.evidence import Assessment, CheckResult, NotAssessed, Score
from countersign.core.ports import ReplayMemory
from countersign.core.replay import Remembered
from countersign.liveness.replay.align import align
from countersign.liveness.replay.pictures import least_difference
from countersign.liveness.replay.prints import KeptPrint, RecordingPrint
from countersign.scoring.calibrate import Calibrations

LOOKED_AT = 24
"""Fingerprints laid beside this one, of those that share most of its sound, and as many for its pictures."""
UNLIKE = 0.5
"""Share of bits in which unrelated films differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What of a recording was found in a memory.

    Attributes:
        sound_landmarks: sound landmarks that agree with one remembered recording at one shift, at most.
        sound_at: when that one was remembered; None where nothing agrees.
        picture_difference: least share in [0, 1] of bits that differ over a stretch of pictures.
        picture_at: when that one was remembered; None where nothing could be compared.
    """

    sound_landmarks: int
    sound_at: datetime | None
    picture_difference: float
    picture_at: datetime | None


class ReplayCheck:
    """Judges how much of a recording was known already. Immutable: one serves all threads.

    Args:
        calibrations: of both scores.
    """

    def __init__(self, calibrations: Calibrations) -> None:
        self._calibrations = calibrations

    @classmethod
    def load(cls) -> Self:
        """With the calibrations that come with Countersign.

        Raises:
            ConfigurationError: a calibration is malformed.
        """
        return cls(Calibrations.load(files("countersign.liveness") / "calibrations"))

    def check(self, found: RecordingPrint, memory: ReplayMemory) -> CheckResult:
        """Compare a recording with all that `memory` holds. The recording itself must not be among it yet.

        Returns:
            The lower of two log-likelihood ratios, of sound and of pictures, where there is enough of them to tell; or
            NotAssessed where there is not enough of either.
        """
        if not found.has_sound and not found.has_pictures:
            return NotAssessed(reason="there is too little sound and movement to know the recording again")
        likeness = search(found, memory)
        scores = [sound_score(likeness)] if found.has_sound else []
        scores += [picture_score(likeness)] if found.has_pictures else []
        llr, score = min(((self._calibrations.llr(score), score) for score in scores), key=lambda both: both[0].value)
        measures = {
            "sound_agreeing_landmarks": float(likeness.sound_landmarks),
            "sound_landmarks": float(found.sound_landmarks),
            "picture_difference_share": likeness.picture_difference,
            "moving_face_s": found.motion_s,
        }
        return Assessment(llr=llr, score=score.value, measures=measures)


def search(found: RecordingPrint, memory: ReplayMemory) -> Likeness:
    """The remembered recordings that are most alike in sound and in pictures."""
    heard, heard_at = _best(
        memory.look_up(found.sound_tokens, at_most=LOOKED_AT), lambda kept: -agreeing_landmarks(found, kept)
    )
    seen, seen_at = _best(
        memory.look_up(found.picture_tokens, at_most=LOOKED_AT), lambda kept: picture_difference(found, kept)
    )
    return Likeness(
        sound_landmarks=round(-heard) if heard_at else 0,
        sound_at=heard_at,
        picture_difference=min(seen, UNLIKE) if seen_at else UNLIKE,
        picture_at=seen_at,
    )


def sound_score(likeness: Likeness) -> Score:
    """Minus the logarithm of the agreeing landmarks, of which there is always one: chance gives ten, a copy hundreds."""
    value = -math.log1p(likeness.sound_landmarks)
    return Score(value=value, modality=Modality.VOICE, model=SOUND_MODEL, comparator="replay-sound/1")


def picture_score(likeness: Likeness) -> Score:
    """The share of bits that differ."""
    value = likeness.picture_difference
    return Score(value=value, modality=Modality.FACE, model=PICTURE_MODEL, comparator="replay-picture/1")


def agreeing_landmarks(found: RecordingPrint, kept: KeptPrint) -> int:
    """Sound landmarks that agree at one shift, at the speed at which most do."""
    other = kept.sound
    return max(align(each.tokens, each.ticks, other.tokens, other.ticks).count for each in found.sounds)


def picture_difference(found: RecordingPrint, kept: KeptPrint) -> float:
    """Share of bits that differ where the pictures are most alike, at most `UNLIKE`."""
    compared = [least_difference(each, kept.codes, kept.moving) for each in found.pictures]
    return min((share for share in compared if share is not None), default=UNLIKE)


def _best(found: tuple[Remembered, ...], judge: Callable[[KeptPrint], float]) -> tuple[float, datetime | None]:
    judged = [(judge(KeptPrint.of(each.data)), each.at) for each in found]
    return min(judged, default=(0.0, None), key=lambda pair: pair[0])


def _method(name: str, description: str) -> ModelRef:
    """Fingerprints have no weights; what a score depends on is how they are made."""
    return ModelRef(name=name, sha256=hashlib.sha256(description.encode()).hexdigest())


SOUND_MODEL = _method("constellation", "pairs of peaks, 512/128 at 8 kHz, 250 to 3400 Hz, 30 peaks a second/1")
PICTURE_MODEL = _method("face-motion", "63 signs of 35 waves over 10 pictures at 12.5 Hz, runs of 24 or 0.75/2")
