"""All checks of one recording against one challenge."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Self

from countersign.core.evidence import Assessment, CheckName, CheckResult, NotAssessed
from countersign.core.samples import Recording
from countersign.face.track import FaceTrack
from countersign.liveness.artefacts.check import FaceArtefacts
from countersign.liveness.challenge import Challenge
from countersign.liveness.head_path import spoken
from countersign.liveness.injection import check_injection
from countersign.liveness.lips.path import LipsPath
from countersign.liveness.loudspeaker.check import LoudspeakerCheck
from countersign.liveness.observation import Observation
from countersign.liveness.phrase import PhraseCheck
from countersign.liveness.replay.check import ReplayCheck
from countersign.liveness.screen.check import ScreenCheck
from countersign.liveness.solid import SolidCheck
from countersign.liveness.synthetic_speech import SyntheticSpeech
from countersign.liveness.turn import Reach, TurnCheck
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.scoring.calibrate import Calibrations
from countersign.voice.segments import SpeechActivity

_OF_PLUS = NotAssessed(reason="the detector belongs to pack plus")


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessPath:
    """The checks of one pack, loaded once; may be used from several threads at once.

    Attributes:
        phrase: listens for the asked words.
        turn: follows the head along the asked path.
        solid: tells a head from a picture of one by its parallax.
        lips: holds the mouth against the sound.
        replay: knows again what was remembered.
        screen: looks for the pattern of a screen that was filmed.
        artefacts: looks for traces of a print or a screen; or why it does not.
        synthetic: listens for traces of a synthesiser; or why it does not.
        loudspeaker: listens for a loudspeaker in a room.
        pool: where these and the lips run, beside the others.
    """

    phrase: PhraseCheck
    turn: TurnCheck
    solid: SolidCheck
    lips: LipsPath
    replay: ReplayCheck
    screen: ScreenCheck
    artefacts: FaceArtefacts | NotAssessed
    synthetic: SyntheticSpeech | NotAssessed
    loudspeaker: LoudspeakerCheck
    pool: ThreadPoolExecutor = field(repr=False)

    @classmethod
    def load(cls, runtime: Runtime, *, pack: Pack) -> Self:
        """The checks that `pack` has models for. A detector of attacks that is not installed stops nothing.

        Raises:
            ModelError: a model is missing or altered.
            ConfigurationError: a list of words or a calibration is malformed.
        """
        calibrations, plus = Calibrations.load(files("countersign.liveness") / "calibrations"), pack is Pack.PLUS
        return cls(
            phrase=PhraseCheck.load(),
            turn=TurnCheck.load(runtime),
            solid=SolidCheck.load(runtime),
            lips=LipsPath.load(runtime, pack=pack),
            replay=ReplayCheck.load(),
            screen=ScreenCheck(calibrations=calibrations),
            artefacts=FaceArtefacts.load(runtime, calibrations) if plus else _OF_PLUS,
            synthetic=SyntheticSpeech.load(runtime, calibrations) if plus else _OF_PLUS,
            loudspeaker=LoudspeakerCheck.load(calibrations),
            pool=ThreadPoolExecutor(os.cpu_count() or 2, thread_name_prefix="liveness"),
        )

    def warm_up(self) -> None:
        """Run every model once, so that the first person does not wait for it."""
        self.lips.warm_up()
        for check in (self.artefacts, self.synthetic):
            if not isinstance(check, NotAssessed):
                check.warm_up()

    def listen(self, recording: Recording, challenge: Challenge) -> CheckResult:
        """Whether the asked words were said: the one check that needs the sound alone, so it need not wait for the face."""
        found = self.phrase.check(recording.audio, challenge)
        if isinstance(found, NotAssessed):
            return found
        weakest = min((word.llr.value for word in found.words), default=0.0)
        measures = {"weakest_word_nats": weakest, "speech_s": found.speech_s, "stray_s": found.stray_s}
        return Assessment(llr=found.llr, score=found.score.value, measures=measures)

    def watch(
        self, observation: Observation, challenge: Challenge, *, reach: Reach | None = None
    ) -> Mapping[CheckName, CheckResult]:
        """What every other check says, but for the replay memory's. A check that is not among them did not run.

        Args:
            observation: the recording.
            challenge: what was asked.
            reach: how far this person turned when they were enrolled, if that is known.
        """
        lips = self.pool.submit(self.lips.assess, observation)
        synthetic = self.pool.submit(self._synthetic, observation)
        loudspeaker = self.pool.submit(self._loudspeaker, observation)
        found: dict[CheckName, CheckResult] = {
            CheckName.TURN: self._turn(observation, challenge, reach),
            CheckName.SOLID: self._solid(observation),
            CheckName.SCREEN: self.screen.check(observation.track),
            CheckName.FACE_ARTEFACTS: self._artefacts(observation),
            CheckName.INJECTION: check_injection(observation.recording),
        }
        heard = {CheckName.SYNTHETIC_SPEECH: synthetic.result(), CheckName.LOUDSPEAKER: loudspeaker.result()}
        return {**found, **lips.result(), **heard}

    def _artefacts(self, observation: Observation) -> CheckResult:
        return self.artefacts.check(observation.track) if isinstance(self.artefacts, FaceArtefacts) else self.artefacts

    def _synthetic(self, observation: Observation) -> CheckResult:
        if isinstance(self.synthetic, NotAssessed):
            return self.synthetic
        return self.synthetic.check(observation.recording.audio, observation.activity)

    def _loudspeaker(self, observation: Observation) -> CheckResult:
        return self.loudspeaker.check(observation.recording.audio, observation.activity)

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
