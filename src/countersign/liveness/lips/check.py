"""Do the lips say what is heard?

Core: the shape of the mouth, from the landmarks, and its contrast, against the sound. Where Light-ASD is installed, what the
mouth looks like as well. The calibration is given how well the two agree with hardly any shift, and how well they agree at
other shifts, which is what chance can do with this face and this sound. Sound in noise has directions and calibrations of its
own. Figures and counts: ``docs/liveness.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Self

import numpy as np

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import Modality
from countersign.core.evidence import Assessment, Score
from countersign.core.samples import AudioClip
from countersign.face.track import FaceTrack
from countersign.liveness.acoustics.model import AcousticModel
from countersign.liveness.head_path import Span
from countersign.liveness.lips.agreement import AROUND_S, Agreement, Pictures, Projection, agreement, on_grid
from countersign.liveness.lips.crops import FPS, MOST, appearance
from countersign.liveness.lips.mouth import Mouth
from countersign.liveness.lips.sound import Sound, sound_of
from countersign.models.entry import Pack
from countersign.models.runtime import Model, Runtime
from countersign.scoring.calibrate import Calibrations

COMPARATOR = "lips/2"
LOOKS_MODEL = "light-asd"
IN_NOISE = "-in-noise"
"""Ends the names of directions for sound in noise."""
LONGEST_S, LOOKS_S = 8.0, MOST / FPS - 2 * AROUND_S
"""Of the words, whose middle is looked at: for the shape of the mouth, and for its looks, which cost more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directions:
    """In which lips and sound go together.

    Attributes:
        mouth: for the shape of the mouth.
        both: for its shape and looks together.
    """

    mouth: Projection
    both: Projection

    @classmethod
    def shipped(cls, suffix: str = "") -> Self:
        """Those that come with Countersign.

        Raises:
            ConfigurationError: CALIBRATION_INVALID.
        """
        return cls(mouth=Projection.shipped(f"mouth{suffix}"), both=Projection.shipped(f"mouth-and-looks{suffix}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LipsCheck:
    """Judges recordings. May be used from several threads at once.

    Attributes:
        acoustic: tells shapes of the mouth by their sound.
        quiet, noisy: the directions for sound in a quiet room, and in noise.
        looks: the model of looks, where there is one.
        calibrations: of the scores.
    """

    acoustic: AcousticModel
    quiet: Directions
    noisy: Directions
    looks: Model | None
    calibrations: Calibrations

    @classmethod
    def load(cls, runtime: Runtime, *, pack: Pack) -> Self:
        """With what is installed of `pack`.

        Raises:
            ModelError: the acoustic model is missing or altered.
            ConfigurationError: a calibration is malformed.
        """
        plus = pack is Pack.PLUS and runtime.has(LOOKS_MODEL)
        return cls(
            acoustic=AcousticModel.english(),
            quiet=Directions.shipped(),
            noisy=Directions.shipped(IN_NOISE),
            looks=runtime.model(LOOKS_MODEL) if plus else None,
            calibrations=Calibrations.load(files("countersign.liveness") / "calibrations"),
        )

    def warm_up(self) -> None:
        """Run the model once, so that the first person does not wait for it."""
        if self.looks is not None:
            self.looks.warm_up()

    def looked(self, track: FaceTrack, words: Span) -> Pictures | None:
        """What the mouth looks like, for `check`: most of its time, and apart, so that it may run on a thread."""
        if self.looks is None:
            return None
        middle = middle_of(words, LOOKS_S)
        return appearance(self.looks, track, from_s=middle.start_s, to_s=middle.end_s)

    def check(
        self, mouth: Mouth, looks: Pictures | None, audio: AudioClip, words: Span
    ) -> Assessment | FailureToAcquire:
        """Judge one recording.

        Args:
            mouth: of the face that is compared.
            looks: from `looked`; without, the shape alone is judged.
            audio: the recording's sound.
            words: when the words were said.

        Raises:
            ConfigurationError: CALIBRATION_MISSING.
        """
        middle = middle_of(words, LONGEST_S)
        sound = sound_of(self.acoustic, audio, from_s=middle.start_s, to_s=middle.end_s)
        directions = self.noisy if sound.noisy else self.quiet
        found = compare(directions.mouth, shapes(mouth), sound, middle)
        if found is None:
            detail = "the mouth was not seen while the words were said"
            return FailureToAcquire(modality=Modality.FACE, reason=AcquisitionReason.NO_FACE, detail=detail)
        together = None
        if looks is not None:
            together = compare(directions.both, beside(mouth, looks), sound, middle_of(words, LOOKS_S))
        score = score_of(directions.mouth, found) if together is None else fused_score(directions.both, found, together)
        measures = {
            "agreement_ratio": found.near,
            "agreement_elsewhere_ratio": found.far,
            "offset_ms": 1000.0 * (together or found).offset_s,
            "seen_s": found.seen_s,
        }
        return Assessment(llr=self.calibrations.llr(score), score=score.value, measures=measures)


def compare(projection: Projection, pictures: Pictures, sound: Sound, words: Span) -> Agreement | None:
    """How well they go together; None where too little was seen or heard."""
    grid = on_grid(pictures, sound, from_s=words.start_s, to_s=words.end_s, floor=projection.floor)
    return None if grid is None else agreement(grid, projection)


def score_of(projection: Projection, found: Agreement) -> Score:
    """What the calibration of the shape alone is fitted on."""
    return Score(
        value=found.near,
        modality=Modality.FACE,
        model=projection.ref,
        comparator=COMPARATOR,
        side=found.as_side(),
    )


def fused_score(projection: Projection, mouth: Agreement, both: Agreement) -> Score:
    """What the calibration of shape and looks is fitted on."""
    side = {**both.as_side(), **mouth.as_side("mouth_"), "mouth_near": mouth.near}
    return Score(value=both.near, modality=Modality.FACE, model=projection.ref, comparator=COMPARATOR, side=side)


def shapes(mouth: Mouth) -> Pictures:
    """The shape of the mouth as what is seen."""
    return Pictures(times_s=mouth.times_s, measures=mouth.shape)


def beside(mouth: Mouth, looks: Pictures) -> Pictures:
    """Shape and looks together, where there are both."""
    if len(mouth.times_s) < 2 or not len(looks.times_s):
        return Pictures(times_s=np.zeros(0), measures=np.zeros((0, mouth.shape.shape[1] + looks.measures.shape[1])))
    near = np.abs(looks.times_s[:, None] - mouth.times_s[None]).min(axis=1) <= 0.1
    times = looks.times_s[near]
    shape = np.stack([np.interp(times, mouth.times_s, column) for column in mouth.shape.T], axis=1)
    return Pictures(times_s=times, measures=np.concatenate([shape, looks.measures[near]], axis=1))


def middle_of(words: Span, longest_s: float) -> Span:
    """The words, or as much of their middle as is looked at."""
    excess = max(0.0, words.end_s - words.start_s - longest_s) / 2
    return Span(start_s=words.start_s + excess, end_s=words.end_s - excess)
