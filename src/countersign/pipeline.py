"""Recording and references to evidence. Login, evaluation, demonstration and benchmark run this same object.

::

    Recording ──extract──> Features ──gather──> Features of one presentation ──enrol───> Enrolment
                                                                             └─compare─> Evidence

    Recording, Enrolment, Challenge ──judge──> Evidence with checks ──> policy.decide

A login is one `judge`: comparison and checks look at the same recording, decoded once, and at the same face in it.
`Engine.extract` is where the time goes: face and voice run side by side on a thread each; ONNX Runtime, OpenCV and NumPy
let go of the interpreter's lock while they work. Comparing costs microseconds.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
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
from countersign.liveness.replay.prints import fingerprint as print_of
from countersign.liveness.turn import Reach
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.scoring.calibrate import Calibrations
from countersign.scoring.compare_face import FaceComparator
from countersign.scoring.compare_voice import VoiceComparator
from countersign.scoring.fuse import SUM, Fusion
from countersign.voice.path import VoicePath
from countersign.voice.segments import SpeechActivity

_Sample = TypeVar("_Sample", FaceSample, VoiceSample)
_Result = TypeVar("_Result")


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
            pool=ThreadPoolExecutor(2, thread_name_prefix="sound"),
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
        return self._look(recording, dense=False)[0]

    def observe(self, recording: Recording) -> tuple[Features, Observation]:
        """Samples of face and voice, or why there are none; and what they were taken from, for the checks.

        The samples are those of `extract`; but the face is followed through every frame, which takes longer.
        """
        return self._look(recording, dense=True)

    def _look(self, recording: Recording, *, dense: bool) -> tuple[Features, Observation]:
        timings: dict[str, float] = {}
        spoken = self.pool.submit(_timed, timings, "voice", lambda: self._extract_voice(recording))
        face, track = _timed(timings, "face", lambda: self._extract_face(recording, dense=dense))
        voice, activity = spoken.result()
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
        listening = self.pool.submit(_timed, timings, "phrase", lambda: self.liveness.listen(recording, challenge))
        features, observation = self.observe(recording)
        evidence = self.compare(features, enrolment)
        reach = Reach.of(enrolment.face) if enrolment.face is not None else None
        checks = _timed(timings, "checks", lambda: self.liveness.watch(observation, challenge, reach=reach))
        recalled, fingerprint = _timed(timings, "replay", lambda: self.liveness.recall(observation, memory))
        return replace(
            evidence,
            checks={
                **checks,
                CheckName.PHRASE: listening.result(),
                CheckName.ONE_FACE: self._one_face(features),
                CheckName.REPLAY: recalled,
            },
            fingerprint=fingerprint,
            timings_ms={**evidence.timings_ms, **timings},
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
        timings: dict[str, float] = {}
        for part in features:
            for stage, milliseconds in part.timings_ms.items():
                timings[stage] = timings.get(stage, 0.0) + milliseconds
        return Features(
            face=_gather([part.face for part in features], Modality.FACE),
            voice=_gather([part.voice for part in features], Modality.VOICE),
            timings_ms=timings,
        )

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

    def _extract_face(
        self, recording: Recording, *, dense: bool
    ) -> tuple[
        tuple[FaceSample, ...] | FailureToAcquire | NotAssessed,
        FaceTrack | FailureToAcquire | NotAssessed,
    ]:
        if recording.video is None:
            nothing = NotAssessed(reason="the recording has no picture")
            return nothing, nothing
        if recording.video.kind == "still" or len(recording.video.frames) == 1:
            return self.face.extract(recording.video), NotAssessed(reason="one picture shows no movement")
        track = self.face.track(recording.video, dense=dense)
        return (track if isinstance(track, FailureToAcquire) else self.face.samples(track)), track

    def _extract_voice(
        self, recording: Recording
    ) -> tuple[tuple[VoiceSample, ...] | FailureToAcquire | NotAssessed, SpeechActivity | NotAssessed]:
        if recording.audio is None:
            nothing = NotAssessed(reason="the recording has no sound")
            return nothing, nothing
        activity = self.voice.find_speech(recording.audio)
        sample = self.voice.sample(recording.audio, activity)
        return (sample if isinstance(sample, FailureToAcquire) else (sample,)), activity

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


def _gather(
    parts: Sequence[tuple[_Sample, ...] | FailureToAcquire | NotAssessed], modality: Modality
) -> tuple[_Sample, ...] | FailureToAcquire | NotAssessed:
    samples = tuple(sample for part in parts if isinstance(part, tuple) for sample in part)
    if samples:
        return samples
    failures = [part for part in parts if isinstance(part, FailureToAcquire)]
    if failures:
        return failures[0]
    nothing = AcquisitionReason.NO_PICTURE if modality is Modality.FACE else AcquisitionReason.NO_SOUND
    return NotAssessed(reason=nothing.value)


def _timed(timings: dict[str, float], stage: str, work: Callable[[], _Result]) -> _Result:
    started = time.perf_counter()
    result = work()
    timings[stage] = 1000 * (time.perf_counter() - started)
    return result
