"""Both checks of the lips on one observation; made to run on a thread of its own, beside the other checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import Modality
from countersign.core.evidence import CheckName, CheckResult
from countersign.face.track import FaceTrack
from countersign.liveness.head_path import spoken
from countersign.liveness.lips.active_speaker import ActiveSpeakerCheck
from countersign.liveness.lips.check import LipsCheck
from countersign.liveness.lips.mouth import Mouth
from countersign.liveness.observation import Observation
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.voice.segments import SpeechActivity


@dataclass(frozen=True, slots=True, kw_only=True)
class LipsPath:
    """What one mouth says about one sound.

    Attributes:
        lips: whether the lips say what is heard.
        speaker: whether they move while it is heard.
    """

    lips: LipsCheck
    speaker: ActiveSpeakerCheck

    @classmethod
    def load(cls, runtime: Runtime, *, pack: Pack) -> Self:
        """With what is installed of `pack`.

        Raises:
            ModelError: a model is missing or altered.
            ConfigurationError: a calibration is malformed.
        """
        return cls(lips=LipsCheck.load(runtime, pack=pack), speaker=ActiveSpeakerCheck.load(runtime))

    def warm_up(self) -> None:
        """Run every model once, so that the first person does not wait for it."""
        self.lips.warm_up()

    def assess(self, observation: Observation) -> Mapping[CheckName, CheckResult]:
        """What both say."""
        nothing = _why_not(observation)
        if nothing is not None:
            return {CheckName.LIPS: nothing, CheckName.ACTIVE_SPEAKER: nothing}
        return self._assess(observation)

    def _assess(self, observation: Observation) -> Mapping[CheckName, CheckResult]:
        track, activity, audio = observation.track, observation.activity, observation.recording.audio
        words = spoken(activity) if isinstance(activity, SpeechActivity) else None
        if (
            not isinstance(track, FaceTrack)
            or not isinstance(activity, SpeechActivity)
            or audio is None
            or words is None
        ):
            nobody = FailureToAcquire(
                modality=Modality.VOICE, reason=AcquisitionReason.NO_SPEECH, detail="no speech to hold the lips against"
            )
            return {CheckName.LIPS: nobody, CheckName.ACTIVE_SPEAKER: nobody}
        mouth = Mouth.of(track)
        return {
            CheckName.LIPS: self.lips.check(mouth, self.lips.looked(track, words), audio, words),
            CheckName.ACTIVE_SPEAKER: self.speaker.check(mouth, activity),
        }


def _why_not(observation: Observation) -> CheckResult | None:
    """The failure that keeps both from looking, of the face or of the sound."""
    if not isinstance(observation.track, FaceTrack):
        return observation.track
    return None if isinstance(observation.activity, SpeechActivity) else observation.activity
