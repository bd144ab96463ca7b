"""What every check looks at: one recording, its one face followed through it, and where there is speech."""

from __future__ import annotations

from dataclasses import dataclass, field

from countersign.core.acquisition import FailureToAcquire
from countersign.core.evidence import NotAssessed
from countersign.core.samples import Recording
from countersign.face.track import FaceTrack
from countersign.voice.segments import SpeechActivity


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One recording, looked at once; the comparison and every check share it.

    Attributes:
        recording: picture and sound on one clock.
        track: the face, the same that the samples compared were taken from; or why there is none.
        activity: where there is speech; or why nobody looked.
    """

    recording: Recording = field(repr=False)
    track: FaceTrack | FailureToAcquire | NotAssessed = field(repr=False)
    activity: SpeechActivity | NotAssessed = field(repr=False)
