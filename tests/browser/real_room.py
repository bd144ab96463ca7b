"""The real engine on real media, but for one thing: whatever was read at enrolment counts as what was asked.

No clip can read words that are drawn while it plays. Everything else is the engine's own word: faces and their poses,
voices, guidance, and every comparison. That the phrase check tells words apart is held by its own tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from countersign.core.acquisition import FailureToAcquire
from countersign.core.biometrics import Enrolment, FaceReference, FaceSample, Modality, ModelRef, VoiceSample
from countersign.core.evidence import LLR, Evidence, Features
from countersign.core.ports import ReplayMemory
from countersign.core.replay import Fingerprint
from countersign.core.samples import Recording
from countersign.liveness.challenge import Challenge
from countersign.media.limits import Limits
from countersign.media.pool import DecodePool
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.pipeline import Engine
from countersign.server.ceremonies.engine_room import EngineRoom, Places
from countersign.server.ceremonies.enrolment.examiner import EngineExaminer, HeardPrompt
from countersign.server.ceremonies.guidance.looking import Look, look


class HearsAnyWords:
    """The engine, lenient about words at enrolment."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._examiner = engine, EngineExaminer(engine)

    @property
    def models(self) -> Mapping[Modality, ModelRef]:
        return self._engine.models

    def extract(self, recording: Recording) -> Features:
        return self._engine.extract(recording)

    def gather(self, features: Sequence[Features]) -> Features:
        return self._engine.gather(features)

    def enrol(self, features: Sequence[Features]) -> Enrolment:
        return self._engine.enrol(features)

    def judge(
        self, recording: Recording, enrolment: Enrolment, *, challenge: Challenge, memory: ReplayMemory | None = None
    ) -> Evidence:
        return self._engine.judge(recording, enrolment, challenge=challenge, memory=memory)

    def fingerprint(self, recording: Recording, memory: ReplayMemory) -> Fingerprint:
        return self._engine.fingerprint(recording, memory)

    def faces(self, recording: Recording) -> tuple[FaceSample, ...] | FailureToAcquire:
        return self._examiner.faces(recording)

    def prompt(self, recording: Recording, words: Sequence[str], language: str) -> HeardPrompt | FailureToAcquire:
        heard = self._examiner.prompt(recording, words, language)
        if isinstance(heard, FailureToAcquire):
            return heard
        return replace(heard, phrase=LLR(value=5.0, calibration="scripted"))

    def same_face(self, sample: FaceSample, others: Sequence[FaceSample]) -> float:
        return self._examiner.same_face(sample, others)

    def same_voice(self, sample: VoiceSample, others: Sequence[VoiceSample]) -> float:
        return self._examiner.same_voice(sample, others)

    def duplicate(self, reference: FaceReference, other: FaceReference) -> float | None:
        return self._examiner.duplicate(reference, other)

    def look(self, recording: Recording) -> Look:
        return look(self._engine, recording)


def room() -> EngineRoom:
    """For `settings.ENGINE_ROOM`."""

    def load() -> HearsAnyWords:
        return HearsAnyWords(Engine.load(Runtime(ModelStore.default(), threads=1), pack=Pack.CORE))

    return EngineRoom(
        load=load, decoder=DecodePool(size=1, limits=Limits()), places=Places(at_once=2, waiting=6, seconds=20)
    )
