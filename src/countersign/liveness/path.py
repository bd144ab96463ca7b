"""All checks of one recording against one challenge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from countersign.core.evidence import Assessment, CheckName, CheckResult, NotAssessed
from countersign.core.ports import ReplayMemory
from countersign.core.replay import Fingerprint
from countersign.face.track import FaceTrack
from countersign.liveness.challenge import Challenge
from countersign.liveness.head_path import spoken
from countersign.liveness.observation import Observation
from countersign.liveness.phrase import PhraseCheck
from countersign.liveness.replay.check import ReplayCheck
from countersign.liveness.replay.keyed import TokenKey
from countersign.liveness.replay.prints import fingerprint
from countersign.liveness.solid import SolidCheck
from countersign.liveness.turn import Reach, TurnCheck
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.voice.segments import SpeechActivity


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessPath:
    """The checks of one pack, loaded once; may be used from several threads at once.

    Attributes:
        phrase: listens for the asked words.
        turn: follows the head along the asked path.
        solid: tells a head from a picture of one by its parallax.
        replay: knows again what was remembered.
    """

    phrase: PhraseCheck
    turn: TurnCheck
    solid: SolidCheck
    replay: ReplayCheck

    @classmethod
    def load(cls, runtime: Runtime, *, pack: Pack) -> Self:  # noqa: ARG003 - the detectors of pack plus hang on it
        """The checks that `pack` has models for.

        Raises:
            ModelError: a model is missing or altered.
            ConfigurationError: a list of words or a calibration is malformed.
        """
        return cls(
            phrase=PhraseCheck.load(),
            turn=TurnCheck.load(runtime),
            solid=SolidCheck.load(runtime),
            replay=ReplayCheck.load(),
        )

    def assess(
        self, observation: Observation, challenge: Challenge, *, reach: Reach | None = None
    ) -> Mapping[CheckName, CheckResult]:
        """What each check says. A check that is not among them did not run.

        Args:
            observation: the recording.
            challenge: what was asked.
            reach: how far this person turned when they were enrolled, if that is known.
        """
        return {
            CheckName.PHRASE: self._phrase(observation, challenge),
            CheckName.TURN: self._turn(observation, challenge, reach),
            CheckName.SOLID: self._solid(observation),
        }

    def recall(self, observation: Observation, memory: ReplayMemory | None) -> tuple[CheckResult, Fingerprint | None]:
        """Whether `memory` knows the recording, and the fingerprint that it is to be remembered by, once it was judged."""
        if memory is None:
            return NotAssessed(reason="no memory of past recordings is kept"), None
        found = fingerprint(observation, TokenKey(memory.key))
        return self.replay.check(found, memory), found.kept

    def _turn(self, observation: Observation, challenge: Challenge, reach: Reach | None) -> CheckResult:
        if not isinstance(observation.track, FaceTrack):
            return observation.track
        heard = observation.activity
        words = spoken(heard) if isinstance(heard, SpeechActivity) else None
        return self.turn.check(observation.track, challenge.turn, words=words, reach=reach)

    def _solid(self, observation: Observation) -> CheckResult:
        if not isinstance(observation.track, FaceTrack):
            return observation.track
        return self.solid.check(observation.track)

    def _phrase(self, observation: Observation, challenge: Challenge) -> CheckResult:
        found = self.phrase.check(observation.recording.audio, challenge)
        if isinstance(found, NotAssessed):
            return found
        weakest = min((word.llr.value for word in found.words), default=0.0)
        measures = {"weakest_word_nats": weakest, "speech_s": found.speech_s, "stray_s": found.stray_s}
        return Assessment(llr=found.llr, score=found.score.value, measures=measures)
