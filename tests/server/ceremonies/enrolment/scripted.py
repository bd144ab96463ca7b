"""An engine that sees and hears what is written in the upload: ``{"who": "ann", "yaw": 12, "words": "all"}``.

What `tests.server.ceremonies.scripted` understands at a login, this one does too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from zlib import crc32

import numpy as np

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import FaceReference, FaceSample, Modality, VoiceSample
from countersign.core.evidence import LLR
from countersign.core.quality import HeadPose
from countersign.core.samples import Recording
from countersign.server.ceremonies.engine_room import EngineRoom, Places
from countersign.server.ceremonies.enrolment.examiner import HeardPrompt
from countersign.server.ceremonies.guidance.looking import Look
from countersign.voice.prosody import Cadence, Pitch, Prosody, Tone
from tests.server.ceremonies.scripted import ScriptedDecoder, ScriptedEngine
from tests.vault.enrolments import face_sample, unit_vectors, voice_sample

PITCH_HZ = 123.4
_REASONS = {reason.value: reason for reason in AcquisitionReason}
ROOM = "tests.server.ceremonies.enrolment.scripted.room"


def picture(who: str = "ann", *, yaw: float | list[float] = 0.0, **more: object) -> bytes:
    """A picture of somebody."""
    return json.dumps({"who": who, "yaw": yaw, **more}).encode()


def speech(text: str, who: str = "ann", **more: object) -> bytes:
    """A recording of somebody who says that."""
    return json.dumps({"who": who, "said": text, **more}).encode()


class ExaminingEngine(ScriptedEngine):
    """The scripted engine of a login, which also looks at enrolments."""

    def faces(self, recording: Recording) -> tuple[FaceSample, ...] | FailureToAcquire:
        script = _script(recording)
        if "fails" in script:
            return _failure(Modality.FACE, script["fails"])
        yaws = script["yaw"] if isinstance(script["yaw"], list) else [script["yaw"]]
        return tuple(_face(script["who"], yaw) for yaw in yaws)

    def prompt(self, recording: Recording, words: Sequence[str], language: str) -> HeardPrompt | FailureToAcquire:
        script = _script(recording)
        if "fails" in script:
            return _failure(Modality.VOICE, script["fails"])
        read = script["said"].split() == list(words)
        times = np.arange(100) / 100.0
        pitch = Pitch(times_s=times, track_hz=np.full(100, PITCH_HZ), median_hz=PITCH_HZ, low_hz=100.0, high_hz=150.0)
        return HeardPrompt(
            sample=voice_sample(unit_vectors(1, 256, seed=crc32(script["who"].encode()))[0]),
            prosody=Prosody(
                pitch=pitch,
                tone=Tone(tilt_db_per_octave=-6.0, centroid_hz=900.0),
                cadence=Cadence(syllables=12, syllables_per_s=4.0, pauses=2, mean_pause_s=0.3),
            ),
            phrase=LLR(value=5.0 if read else -20.0, calibration="scripted"),
        )

    def same_face(self, sample: FaceSample, others: Sequence[FaceSample]) -> float:
        return _alike(sample, others)

    def same_voice(self, sample: VoiceSample, others: Sequence[VoiceSample]) -> float:
        return _alike(sample, others)

    def duplicate(self, reference: FaceReference, other: FaceReference) -> float | None:
        return _alike(reference.samples[0], other.samples)

    def look(self, recording: Recording) -> Look:
        found = self.faces(recording)
        if isinstance(found, FailureToAcquire):
            return Look(box=None, pose=None, advice=(found.reason,))
        return Look(box=(0.25, 0.25, 0.75, 0.75), pose=HeadPose(yaw=found[0].pose.yaw, pitch=0, roll=0), advice=())


def _script(recording: Recording) -> dict[str, Any]:
    # A JPEG's first bytes stand before what is for guidance.
    found: dict[str, Any] = json.loads(recording.facts.container.partition("{")[2].join(["{", ""]))
    return found


def _face(who: str, yaw: float) -> FaceSample:
    return face_sample(unit_vectors(1, 128, seed=crc32(who.encode()))[0], yaw=yaw)


def _alike(sample: FaceSample | VoiceSample, others: Sequence[FaceSample] | Sequence[VoiceSample]) -> float:
    return min(20.0 * float(sample.embedding.vector @ other.embedding.vector) - 10.0 for other in others)


def _failure(modality: Modality, reason: str) -> FailureToAcquire:
    return FailureToAcquire(modality=modality, reason=_REASONS[reason], detail="scripted")


ENGINE = ExaminingEngine()


def room() -> EngineRoom:
    """For `settings.ENGINE_ROOM`."""
    return EngineRoom(load=lambda: ENGINE, decoder=ScriptedDecoder(), places=Places(at_once=2, waiting=6, seconds=20))
