"""What one presentation says about one claim of identity. Numbers, no verdict; the verdict is `policy.decide`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import TypeAlias

from countersign.core.acquisition import FailureToAcquire
from countersign.core.biometrics import FaceSample, Modality, ModelRef, VoiceSample
from countersign.core.replay import Fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAssessed:
    """A check or comparison that did not run. Never 0, never "bona fide", never accepted.

    Attributes:
        reason: for the operator.
    """

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A comparison score: higher means more alike. Means nothing without its model; never compared across two.

    Attributes:
        value: finite.
        comparator: name and revision of the comparator that made it, for example "face-poses/1".
        side: side information that the calibration may use, by name: what is known of the conditions, not of the
            person ("yaw_gap_deg", "log_speech_s"). All finite.
    """

    value: float
    modality: Modality
    model: ModelRef
    comparator: str
    side: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LLR:
    """Log-likelihood ratio, natural logarithm, mated over non-mated: 0 says nothing, +7 is about 1,000 to 1 for.

    Attributes:
        value: nats, finite.
        calibration: identifies the calibration that made it (`name@hash`).
    """

    value: float
    calibration: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One modality compared."""

    score: Score
    llr: LLR


ModalityResult: TypeAlias = Comparison | FailureToAcquire | NotAssessed


@unique
class CheckName(StrEnum):
    """The checks that look at one recording beside the comparison (ISO/IEC 30107-1, presentation attack detection).

    Attributes:
        question: what it asks; yes speaks for a live person who answers this challenge.
    """

    question: str

    def __new__(cls, name: str, question: str) -> CheckName:  # noqa: D102
        member = str.__new__(cls, name)
        member._value_ = name
        member.question = question
        return member

    PHRASE = "phrase", "Were the asked words said, in the asked order?"
    TURN = "turn", "Did the head follow the asked path?"
    SOLID = "solid", "Is the head solid, rather than a flat or bent picture of one?"
    ONE_FACE = "one_face", "Is it one face from the first picture to the last?"
    LIPS = "lips", "Do the lips say what is heard?"
    ACTIVE_SPEAKER = "active_speaker", "Is the compared speech spoken while the compared face is speaking?"
    REPLAY = "replay", "Is this recording new, in picture and in sound?"
    FACE_ARTEFACTS = "face_artefacts", "Is the face free of traces of a screen or a print?"
    SCREEN = "screen", "Do the pictures come straight from a face, rather than from a screen that shows one?"
    SYNTHETIC_SPEECH = "synthetic_speech", "Is the speech free of traces of a synthesiser?"
    LOUDSPEAKER = "loudspeaker", "Does the speech come from a mouth, rather than from a loudspeaker?"
    INJECTION = "injection", "Does the file look as a camera and a microphone make it?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A check that ran.

    Attributes:
        llr: bona fide over attack.
        score: the figure that the ratio was made of, in the check's own unit, finite.
        measures: what else was found, for the operator, each name ending in its unit ("offset_ms"). All finite.
    """

    llr: LLR
    score: float
    measures: Mapping[str, float] = field(default_factory=dict)


CheckResult: TypeAlias = Assessment | FailureToAcquire | NotAssessed


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What one recording, or one presentation of several recordings, gives of each modality.

    Attributes:
        face: samples (at least one), or why there are none.
        voice: samples (at least one), or why there are none.
        timings_ms: milliseconds by stage.
    """

    face: tuple[FaceSample, ...] | FailureToAcquire | NotAssessed
    voice: tuple[VoiceSample, ...] | FailureToAcquire | NotAssessed
    timings_ms: Mapping[str, float] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that was found.

    Attributes:
        face, voice: compared, or why not.
        fused: from every modality that was compared, or why there is none.
        checks: of liveness and tampering; one that is missing did not run.
        fingerprint: what a replay memory is to remember of the recording, where one was asked.
        timings_ms: milliseconds by stage, for the operator.
    """

    face: ModalityResult
    voice: ModalityResult
    fused: LLR | NotAssessed
    checks: Mapping[CheckName, CheckResult] = field(default_factory=dict)
    fingerprint: Fingerprint | None = field(default=None, repr=False)
    timings_ms: Mapping[str, float] = field(default_factory=dict, repr=False)
