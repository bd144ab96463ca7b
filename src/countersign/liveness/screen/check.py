"""Do the pictures come straight from a face rather than from a screen that shows one?

A few frames, evenly in time, are searched for a fine pattern that runs over the face and what is beside it (`patterns`), and
what is found is calibrated on live clips and on simulated recaptures, many of which leave no trace: so a pattern speaks loudly
against a recording, and none speaks softly for it. No model is needed, so both packs have the check.
Figures and counts: ``docs/liveness.md``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from countersign.core.acquisition import FailureToAcquire
from countersign.core.biometrics import Modality, ModelRef
from countersign.core.evidence import Assessment, NotAssessed, Score
from countersign.face.track import FaceTrack, Sighting
from countersign.liveness.screen.patterns import REVISION, SIDE, Patterns, patterns
from countersign.scoring.calibrate import Calibrations

COMPARATOR = "screen/1"
FRAMES = 12
"""Frames looked at."""
FEWEST = 4
"""Frames below which nothing is said: one picture may show a shirt beside a curtain."""

QUIET_DB = 10.5
"""What noise alone has: below this, less says no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenCheck:
    """Looks for what a filmed screen leaves in the pictures. May be used from several threads at once.

    Attributes:
        calibrations: of its score.
    """

    calibrations: Calibrations = field(repr=False)

    def check(self, track: FaceTrack | FailureToAcquire | NotAssessed) -> Assessment | FailureToAcquire | NotAssessed:
        """Judge one recording; NOT_ASSESSED where there are few frames or the pictures are tiny.

        Raises:
            ConfigurationError: CALIBRATION_MISSING.
        """
        if not isinstance(track, FaceTrack):
            return track
        found = measure(track)
        if isinstance(found, NotAssessed):
            return found
        score = screen_score(found)
        measures = {"pattern_db": found.single, "fixed_pattern_db": found.fixed, "face_pattern_db": found.on_face}
        return Assessment(llr=self.calibrations.llr(score), score=score.value, measures=measures)


def measure(track: FaceTrack) -> Patterns | NotAssessed:
    """What the frames of one recording show."""
    chosen = chosen_sightings(track)
    if len(chosen) < FEWEST:
        return NotAssessed(reason=f"the face is seen in fewer than {FEWEST} frames")
    # A browser may change the size of its pictures on the way.
    chosen = [seen for seen in chosen if seen.frame.image.shape == chosen[0].frame.image.shape]
    side = float(np.median([seen.face.side for seen in chosen]))
    found = patterns([seen.frame.image for seen in chosen], [seen.face.centre for seen in chosen], side)
    if found is None:
        return NotAssessed(reason=f"there is no room for squares of {SIDE} pixels on the face and beside it")
    return found


def chosen_sightings(track: FaceTrack) -> Sequence[Sighting]:
    """Up to `FRAMES`, evenly in time."""
    places = np.unique(np.linspace(0, len(track.sightings) - 1, FRAMES).round().astype(int))
    return [track.sightings[int(place)] for place in places]


def screen_score(found: Patterns) -> Score:
    """The score that calibrations are fitted on: the pattern in single pictures above noise, negated, decibels."""
    return Score(value=-max(found.single, QUIET_DB), modality=Modality.FACE, model=_REF, comparator=COMPARATOR)


_REF = ModelRef(name=REVISION, sha256=hashlib.sha256(REVISION.encode()).hexdigest())
