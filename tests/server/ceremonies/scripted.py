"""An engine that does what the recording says: the edge at which the tests put something scripted.

Media are text: ``accept``, ``reject``, ``retry``, ``unreadable``, ``explode``, each with anything behind it, and ``slow``
before it for half a second more.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import Enrolment, FaceReference, Modality, ModelRef, VoiceReference
from countersign.core.errors import ErrorCode, MediaError
from countersign.core.evidence import LLR, Assessment, CheckName, Comparison, Evidence, Features, NotAssessed, Score
from countersign.core.ports import ReplayMemory
from countersign.core.replay import Fingerprint
from countersign.core.samples import AudioClip, Capture, ContainerFacts, Frame, Recording, VideoClip
from countersign.liveness.challenge import Challenge
from countersign.media.decode import KEEP_FPS
from countersign.server.ceremonies.engine_room import EngineRoom, Places
from tests.vault.enrolments import FACE_MODEL, VOICE_MODEL, enrolment

ENROLMENT = enrolment()
SCORE = 0.98765
"""A figure that must not be in any answer."""


class ScriptedDecoder:
    """Text in, a recording that carries it out."""

    def __init__(self) -> None:
        self.asked_fps: list[float] = []

    def decode(self, capture: Capture, *, keep_fps: float = KEEP_FPS) -> Recording:
        self.asked_fps.append(keep_fps)
        script = capture.data.decode("utf-8", errors="replace")
        if script.startswith("unreadable"):
            raise MediaError(ErrorCode.MEDIA_TRUNCATED, "the file ends early")
        frame = Frame(time_s=0.0, image=np.zeros((2, 2, 3), np.uint8))
        return Recording(
            capture_sha256=capture.sha256,
            video=VideoClip(kind="moving", frames=(frame,), timestamps_s=np.zeros(1), duration_s=6.0),
            audio=AudioClip(samples=np.zeros(160, np.float32)),
            facts=ContainerFacts(container=script),
        )


class ScriptedEngine:
    """Judges by the recording's text, and remembers how many it judged and how many at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 0
        self.most_at_once = 0
        self.judged: list[tuple[str, Challenge]] = []

    @property
    def models(self) -> Mapping[Modality, ModelRef]:
        return {Modality.FACE: FACE_MODEL, Modality.VOICE: VOICE_MODEL}

    def extract(self, recording: Recording) -> Features:
        assert ENROLMENT.face is not None
        assert ENROLMENT.voice is not None
        return Features(face=ENROLMENT.face.samples[:1], voice=ENROLMENT.voice.samples[:1])

    def gather(self, features: Sequence[Features]) -> Features:
        return features[0]

    def enrol(self, features: Sequence[Features]) -> Enrolment:
        face = tuple(sample for each in features if isinstance(each.face, tuple) for sample in each.face)
        voice = tuple(sample for each in features if isinstance(each.voice, tuple) for sample in each.voice)
        return Enrolment(face=FaceReference(samples=face), voice=VoiceReference(samples=voice))

    def judge(
        self,
        recording: Recording,
        enrolment: Enrolment,
        *,
        challenge: Challenge,
        memory: ReplayMemory | None = None,
    ) -> Evidence:
        script = recording.facts.container
        with self._lock:
            self.judged.append((script, challenge))
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            if script.startswith("slow"):
                time.sleep(0.5)
            found = evidence(script.removeprefix("slow").strip())
            return found if memory is None else replace(found, fingerprint=self.fingerprint(recording, memory))
        finally:
            with self._lock:
                self._now -= 1

    def fingerprint(self, recording: Recording, memory: ReplayMemory) -> Fingerprint:
        return Fingerprint(tokens=frozenset({zlib.crc32(recording.facts.container.encode()) >> 1}), data=memory.key)


def evidence(script: str) -> Evidence:
    """What is found of it."""
    if script.startswith("explode"):
        raise RuntimeError("the power went out")
    if script.startswith("retry"):
        dark = FailureToAcquire(modality=Modality.FACE, reason=AcquisitionReason.TOO_DARK, detail="brightness 0.01")
        return Evidence(
            face=dark, voice=_compared(Modality.VOICE, 9.0), fused=NotAssessed(reason="no face"), checks=_checks()
        )
    nats = 12.0 if script.startswith("accept") else -9.0
    face, voice = _compared(Modality.FACE, nats), _compared(Modality.VOICE, nats)
    return Evidence(
        face=face,
        voice=voice,
        fused=LLR(value=2 * nats, calibration="scripted"),
        checks=_checks(),
        timings_ms={"face": 1.0, "voice": float("nan")},
    )


def _compared(modality: Modality, nats: float) -> Comparison:
    model = FACE_MODEL if modality is Modality.FACE else VOICE_MODEL
    score = Score(value=SCORE, modality=modality, model=model, comparator="scripted/1")
    return Comparison(score=score, llr=LLR(value=nats, calibration="scripted"))


def _checks() -> dict[CheckName, Assessment]:
    ok = Assessment(llr=LLR(value=5.0, calibration="scripted"), score=SCORE, measures={"offset_ms": 1.5})
    return dict.fromkeys(CheckName, ok)


ENGINE = ScriptedEngine()
DECODER = ScriptedDecoder()


def room() -> EngineRoom:
    """For `settings.ENGINE_ROOM`."""
    return EngineRoom(load=lambda: ENGINE, decoder=DECODER, places=Places(at_once=2, waiting=6, seconds=20))
