"""The engine: models and methods of one pack, and the order in which they look at a recording."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeAlias, TypeVar

from countersign.core.acquisition import FailureToAcquire
from countersign.core.biometrics import (
    Enrolment,
    FaceProbe,
    FaceReference,
    FaceSample,
    Modality,
    ModelRef,
    VoiceProbe,
    VoiceReference,
    VoiceSample,
)
from countersign.core.evidence import (
    LLR,
    CheckName,
    CheckResult,
    Comparison,
    Evidence,
    Features,
    ModalityResult,
    NotAssessed,
    Score,
)
from countersign.core.ports import ReplayMemory
from countersign.core.replay import Fingerprint
from countersign.core.samples import Recording
from countersign.face.path import FacePath
from countersign.face.track import FaceTrack
from countersign.liveness.challenge import Challenge
from countersign.liveness.observation import Observation
from countersign.liveness.one_face import check_one_face
from countersign.liveness.path import LivenessPath
from countersign.liveness.replay.keyed import TokenKey
from countersign.liveness.replay.prints import RecordingPrint
from countersign.liveness.replay.prints import fingerprint as print_of
from countersign.liveness.turn import Reach
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.pipeline.gathering import gathered
from countersign.pipeline.timing import timed
from countersign.scoring.calibrate import Calibrations
from countersign.scoring.compare_face import FaceComparator
from countersign.scoring.compare_voice import VoiceComparator
from countersign.scoring.fuse import SUM, Fusion
from countersign.voice.path import VoicePath
from countersign.voice.segments import SpeechActivity

_Result = TypeVar("_Result")
_Track: TypeAlias = FaceTrack | FailureToAcquire | NotAssessed
_Faces: TypeAlias = tuple[FaceSample, ...] | FailureToAcquire | NotAssessed
_Heard: TypeAlias = tuple[tuple[VoiceSample, ...] | FailureToAcquire | NotAssessed, SpeechActivity | NotAssessed]


class Calibrator(Protocol):
    """Scores to log-likelihood ratios."""

    def llr(self, score: Score) -> LLR:
        """The log-likelihood ratio of `score`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Everything one login needs, loaded once; may be used from several threads at once.

    Attributes:
        face, voice: from media to samples.
        face_comparator, voice_comparator: from samples to scores.
        calibrations: from scores to log-likelihood ratios.
        fusion: from two of these to one.
        liveness: the checks of a login.
        pool: where the sound is listened to, and what was seen is embedded, beside the caller. What runs here waits for
            nothing else that does.
    """

    face: FacePath
    voice: VoicePath
    face_comparator: FaceComparator
    voice_comparator: VoiceComparator
    calibrations: Calibrator
    fusion: Fusion
    liveness: LivenessPath
    pool: ThreadPoolExecutor

    @classmethod
    def load(cls, runtime: Runtime, *, pack: Pack, calibrations: Calibrator | None = None) -> Engine:
        """The engine of `pack` with the calibrations that come with Countersign, or others.

        Raises:
            ModelError: a model of the pack is missing or altered.
            ConfigurationError: a calibration file is malformed.
        """
        return cls(
            face=FacePath.load(runtime, pack=pack),
            voice=VoicePath.load(runtime),
            face_comparator=FaceComparator.default(),
            voice_comparator=VoiceComparator.default(),
            calibrations=Calibrations.shipped() if calibrations is None else calibrations,
            fusion=SUM,
            liveness=LivenessPath.load(runtime, pack=pack),
            pool=ThreadPoolExecutor(os.cpu_count() or 2, thread_name_prefix="engine"),
        )

    @property
    def models(self) -> Mapping[Modality, ModelRef]:
        """The models that make the embeddings."""
        return {Modality.FACE: self.face.model, Modality.VOICE: self.voice.model}

    def warm_up(self) -> None:
        """Run every model once, so that the first person does not wait for it."""
        self.face.warm_up()
        self.voice.warm_up()
        self.liveness.warm_up()

    def extract(self, recording: Recording) -> Features:
        """Samples of face and voice, or why there are none."""
        return self._extract(recording, dense=False)[0]

    def observe(self, recording: Recording) -> tuple[Features, Observation]:
        """Samples of face and voice, or why there are none; and what they were taken from, for the checks.

        The samples are those of `extract`; but the face is followed through every frame, which takes longer.
        """
        return self._extract(recording, dense=True)

    def _extract(self, recording: Recording, *, dense: bool) -> tuple[Features, Observation]:
        timings: dict[str, float] = {}
        hearing = self._beside(timings, "voice", partial(self._hear, recording))
        track = timed(timings, "face", lambda: self._follow(recording, dense=dense))
        face = timed(timings, "face", lambda: self._faces(recording, track))
        voice, activity = hearing.result()
        features = Features(face=face, voice=voice, timings_ms=timings)
        return features, Observation(recording=recording, track=track, activity=activity)

    def judge(
        self,
        recording: Recording,
        enrolment: Enrolment,
        *,
        challenge: Challenge,
        memory: ReplayMemory | None = None,
    ) -> Evidence:
        """All that one login's recording says: comparison and checks.

        Args:
            recording: of the login.
            enrolment: of the person it claims to be.
            challenge: what was asked.
            memory: of past recordings, looked into only: its keeper then remembers `Evidence.fingerprint`, come what may.

        Raises:
            ComparisonError: reference and probe were made by different models.
            ConfigurationError: there is no calibration for this comparator and model.
        """
        timings: dict[str, float] = {}
        listening = self._beside(timings, "phrase", partial(self.liveness.listen, recording, challenge))
        hearing = self._beside(timings, "voice", partial(self._hear, recording))
        track = timed(timings, "face", lambda: self._follow(recording, dense=True))
        embedding = self._beside(timings, "face", partial(self._faces, recording, track))
        voice, activity = hearing.result()
        observation = Observation(recording=recording, track=track, activity=activity)
        key = None if memory is None else TokenKey(memory.key)
        printing = None if key is None else self._beside(timings, "fingerprint", partial(print_of, observation, key))
        reach = Reach.of(enrolment.face) if enrolment.face is not None else None
        checks = timed(timings, "checks", lambda: self.liveness.watch(observation, challenge, reach=reach))
        features = Features(face=embedding.result(), voice=voice, timings_ms=timings)
        found = None if printing is None else printing.result()
        # A memory may be a database, and a database's connection belongs to the caller's thread.
        recalled = timed(timings, "replay", lambda: self._recall(found, memory))
        phrase = listening.result()
        return replace(
            self.compare(features, enrolment),
            checks={
                **checks,
                CheckName.PHRASE: phrase,
                CheckName.ONE_FACE: self._one_face(features),
                CheckName.REPLAY: recalled,
            },
            fingerprint=None if found is None else found.kept,
        )

    def fingerprint(self, recording: Recording, memory: ReplayMemory) -> Fingerprint:
        """What `memory` is to keep of a recording that is no login, such as an enrolment's, so that it cannot become one."""
        nothing, video = NotAssessed(reason="nobody looked"), recording.video
        track = nothing if video is None or len(video.frames) == 1 else self.face.track(video, dense=True)
        observation = Observation(recording=recording, track=track, activity=nothing)
        return print_of(observation, TokenKey(memory.key)).kept

    def gather(self, features: Sequence[Features]) -> Features:
        """One presentation of several recordings, such as eight pictures and a sound.

        A modality has failed only if no recording gave a sample of it; then the first failure stands for all.
        """
        return gathered(features)

    def enrol(self, features: Sequence[Features]) -> Enrolment:
        """References from everything that could be acquired; a modality without a sample has none (failure to enrol)."""
        both = self.gather(features)
        return Enrolment(
            face=FaceReference(samples=both.face) if isinstance(both.face, tuple) else None,
            voice=VoiceReference(samples=both.voice) if isinstance(both.voice, tuple) else None,
        )

    def compare(self, features: Features, enrolment: Enrolment) -> Evidence:
        """What `features` say about the claim to be who `enrolment` was made of.

        Raises:
            ComparisonError: reference and probe were made by different models.
            ConfigurationError: there is no calibration for this comparator and model.
        """
        started = time.perf_counter()
        face = self._compare_face(features, enrolment.face)
        voice = self._compare_voice(features, enrolment.voice)
        fused = self.fusion.fuse(face, voice)
        milliseconds = 1000 * (time.perf_counter() - started)
        return Evidence(
            face=face, voice=voice, fused=fused, timings_ms={**features.timings_ms, "compare": milliseconds}
        )

    def _beside(self, timings: dict[str, float], stage: str, work: Callable[[], _Result]) -> Future[_Result]:
        return self.pool.submit(timed, timings, stage, work)

    def _hear(self, recording: Recording) -> _Heard:
        if recording.audio is None:
            nothing = NotAssessed(reason="the recording has no sound")
            return nothing, nothing
        activity = self.voice.find_speech(recording.audio)
        sample = self.voice.sample(recording.audio, activity)
        return (sample if isinstance(sample, FailureToAcquire) else (sample,)), activity

    def _follow(self, recording: Recording, *, dense: bool) -> _Track:
        if recording.video is None:
            return NotAssessed(reason="the recording has no picture")
        if recording.video.kind == "still" or len(recording.video.frames) == 1:
            return NotAssessed(reason="one picture shows no movement")
        return self.face.track(recording.video, dense=dense)

    def _faces(self, recording: Recording, track: _Track) -> _Faces:
        video = recording.video
        if isinstance(track, FaceTrack):
            return self.face.samples(track)
        return track if video is None or isinstance(track, FailureToAcquire) else self.face.extract(video)

    def _recall(self, found: RecordingPrint | None, memory: ReplayMemory | None) -> CheckResult:
        if found is None or memory is None:
            return NotAssessed(reason="no memory of past recordings is kept")
        return self.liveness.replay.check(found, memory)

    def _compare_face(self, features: Features, reference: FaceReference | None) -> ModalityResult:
        if not isinstance(features.face, tuple):
            return features.face
        if reference is None:
            return NotAssessed(reason="no face is enrolled")
        return self._calibrated(self.face_comparator.compare(FaceProbe(samples=features.face), reference))

    def _compare_voice(self, features: Features, reference: VoiceReference | None) -> ModalityResult:
        if not isinstance(features.voice, tuple):
            return features.voice
        if reference is None:
            return NotAssessed(reason="no voice is enrolled")
        return self._calibrated(self.voice_comparator.compare(VoiceProbe(samples=features.voice), reference))

    def _one_face(self, features: Features) -> CheckResult:
        if not isinstance(features.face, tuple):
            return features.face
        return check_one_face(features.face, comparator=self.face_comparator, calibrations=self.calibrations)

    def _calibrated(self, score: Score) -> ModalityResult:
        if not math.isfinite(score.value):
            return NotAssessed(reason=f"the {score.modality} score is not finite")
        return Comparison(score=score, llr=self.calibrations.llr(score))
