"""All checks of one recording against one challenge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from countersign.core.evidence import Assessment, CheckName, CheckResult, NotAssessed
from countersign.liveness.challenge import Challenge
from countersign.liveness.observation import Observation
from countersign.liveness.phrase import PhraseCheck
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessPath:
    """The checks of one pack, loaded once; may be used from several threads at once.

    Attributes:
        phrase: listens for the asked words.
    """

    phrase: PhraseCheck

    @classmethod
    def load(cls, runtime: Runtime, *, pack: Pack) -> Self:  # noqa: ARG003 - the detectors of pack plus come from there
        """The checks that `pack` has models for.

        Raises:
            ModelError: a model is missing or altered.
            ConfigurationError: a list of words or a calibration is malformed.
        """
        return cls(phrase=PhraseCheck.load())

    def assess(self, observation: Observation, challenge: Challenge) -> Mapping[CheckName, CheckResult]:
        """What each check says. A check that is not among them did not run."""
        return {CheckName.PHRASE: self._phrase(observation, challenge)}

    def _phrase(self, observation: Observation, challenge: Challenge) -> CheckResult:
        found = self.phrase.check(observation.recording.audio, challenge)
        if isinstance(found, NotAssessed):
            return found
        weakest = min((word.llr.value for word in found.words), default=0.0)
        measures = {"weakest_word_nats": weakest, "speech_s": found.speech_s, "stray_s": found.stray_s}
        return Assessment(llr=found.llr, score=found.score.value, measures=measures)
