"""What an enrolment asks of the engine. A protocol, so that tests of the ceremony can script it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, runtime_checkable

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import (
    Enrolment,
    FaceProbe,
    FaceReference,
    FaceSample,
    Modality,
    VoiceReference,
    VoiceSample,
)
from countersign.core.evidence import LLR, Comparison, Features, NotAssessed
from countersign.core.samples import Recording
from countersign.liveness.challenge import Challenge, Mode, Side, TurnOrder, TurnPath
from countersign.liveness.phrase import PhraseResult
from countersign.pipeline import Engine
from countersign.voice.prosody import Prosody, measure_prosody
from countersign.voice.segments import SpeechActivity

_NOTHING = NotAssessed(reason="not part of this comparison")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardPrompt:
    """One voice sample of an enrolment.

    Attributes:
        prosody: None where no voiced sound was found.
        phrase: that the prompt was read, against anything else; or why nobody could tell.
    """

    sample: VoiceSample
    prosody: Prosody | None
    phrase: LLR | NotAssessed


@runtime_checkable
class Examiner(Protocol):
    """Looks at what is uploaded."""

    def faces(self, recording: Recording) -> tuple[FaceSample, ...] | FailureToAcquire:
        """The one face of a picture, or of a short film in several of its poses."""

    def prompt(self, recording: Recording, words: Sequence[str], language: str) -> HeardPrompt | FailureToAcquire:
        """The voice that reads `words`."""

    def same_face(self, sample: FaceSample, others: Sequence[FaceSample]) -> float:
        """Log-likelihood ratio, nats, that a sample is of the person of the others, of whom there is at least one."""

    def same_voice(self, sample: VoiceSample, others: Sequence[VoiceSample]) -> float:
        """The same of voices."""

    def duplicate(self, reference: FaceReference, other: FaceReference) -> float | None:
        """The same of two whole references; None where they are of different models."""


@dataclass(frozen=True, slots=True)
class EngineExaminer:
    """The real one: the same engine that judges a login."""

    engine: Engine

    def faces(self, recording: Recording) -> tuple[FaceSample, ...] | FailureToAcquire:
        """See `Examiner`."""
        if recording.video is None:
            return _failure(Modality.FACE, AcquisitionReason.NO_PICTURE)
        face = self.engine.extract(replace(recording, audio=None)).face
        return _failure(Modality.FACE, AcquisitionReason.NO_PICTURE) if isinstance(face, NotAssessed) else face

    def prompt(self, recording: Recording, words: Sequence[str], language: str) -> HeardPrompt | FailureToAcquire:
        """See `Examiner`."""
        if recording.audio is None:
            return _failure(Modality.VOICE, AcquisitionReason.NO_SOUND)
        features, observation = self.engine.observe(replace(recording, video=None))
        if isinstance(features.voice, FailureToAcquire):
            return features.voice
        if isinstance(features.voice, NotAssessed) or not isinstance(observation.activity, SpeechActivity):
            return _failure(Modality.VOICE, AcquisitionReason.NO_SOUND)
        found = self.engine.liveness.phrase.check(recording.audio, _asking_for(words, language))
        return HeardPrompt(
            sample=features.voice[0],
            prosody=measure_prosody(recording.audio, observation.activity),
            phrase=found.llr if isinstance(found, PhraseResult) else found,
        )

    def same_face(self, sample: FaceSample, others: Sequence[FaceSample]) -> float:
        """See `Examiner`."""
        reference = Enrolment(face=FaceReference(samples=tuple(others)), voice=None)
        result = self.engine.compare(Features(face=(sample,), voice=_NOTHING), reference).face
        return result.llr.value if isinstance(result, Comparison) else float("-inf")

    def same_voice(self, sample: VoiceSample, others: Sequence[VoiceSample]) -> float:
        """See `Examiner`."""
        reference = Enrolment(face=None, voice=VoiceReference(samples=tuple(others)))
        result = self.engine.compare(Features(face=_NOTHING, voice=(sample,)), reference).voice
        return result.llr.value if isinstance(result, Comparison) else float("-inf")

    def duplicate(self, reference: FaceReference, other: FaceReference) -> float | None:
        """See `Examiner`."""
        if reference.model != other.model:
            return None
        score = self.engine.face_comparator.compare(FaceProbe(samples=reference.samples), other)
        return self.engine.calibrations.llr(score).value


def examiner_of(engine: object) -> Examiner:
    """Who looks at uploads, given the engine of this process.

    Raises:
        TypeError: it cannot.
    """
    if isinstance(engine, Engine):
        return EngineExaminer(engine)
    if isinstance(engine, Examiner):
        return engine
    raise TypeError("this engine examines no enrolments")


def _asking_for(words: Sequence[str], language: str) -> Challenge:
    """A prompt as the phrase check takes it. The turn is not asked for, and the times are not looked at."""
    now = datetime.now(UTC)
    return Challenge(
        mode=Mode.WORDS,
        language=language,
        words=tuple(words),
        turn=TurnPath(first=Side.LEFT, extent_deg=20, order=TurnOrder.AFTER_WORDS),
        nonce=bytes(16),
        issued_at=now,
        expires_at=now + timedelta(minutes=1),
    )


def _failure(modality: Modality, reason: AcquisitionReason) -> FailureToAcquire:
    return FailureToAcquire(modality=modality, reason=reason, detail="the file has none")
