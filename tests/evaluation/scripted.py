"""A scripted engine: files are text that says whose face and voice they show, so that every outcome can be arranged."""

from __future__ import annotations

import csv
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.arrays import Float64Array
from countersign.core.biometrics import (
    Embedding,
    Enrolment,
    FaceReference,
    FaceSample,
    Modality,
    ModelRef,
    VoiceReference,
    VoiceSample,
)
from countersign.core.errors import ErrorCode, MediaError
from countersign.core.evidence import (
    LLR,
    Assessment,
    CheckName,
    Comparison,
    Evidence,
    Features,
    ModalityResult,
    NotAssessed,
    Score,
)
from countersign.core.ports import ReplayMemory
from countersign.core.quality import FaceQuality, HeadPose, SpeechQuality
from countersign.core.replay import Fingerprint
from countersign.core.samples import AudioClip, Capture, ContainerFacts, Frame, Recording, VideoClip
from countersign.evaluation.system import System
from countersign.liveness.challenge import Challenge
from countersign.scoring.fuse import SUM

POSE = HeadPose(yaw=3.0, pitch=-1.0, roll=0.5)
FACE_QUALITY = FaceQuality(inter_eye_px=60.0, sharpness=90.0, brightness=0.5, contrast=0.2, detector_score=0.99)
SPEECH_QUALITY = SpeechQuality(speech_s=4.0, snr_db=None, level_dbfs=-20.0, clipped=0.0, bandwidth_hz=7_000.0)
TRIALS_HEADER = ("subject", "attempt", "role", "kind", "path", "text", "species")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedEngine:
    """Reads "face=NAME" and "voice=NAME" from a file's text; "face=!no_face" fails; embeddings follow the names.

    Attributes:
        weights: stands for the models' hash.
        log: counts extractions, a line each, across processes.
    """

    weights: str
    log: Path

    @property
    def models(self) -> Mapping[Modality, ModelRef]:
        return {modality: ModelRef(name=f"scripted-{modality}", sha256=self.weights * 32) for modality in Modality}

    def extract(self, recording: Recording) -> Features:
        with self.log.open("a", encoding="utf-8") as file:
            file.write("extracted\n")
        script = dict(part.split("=") for part in recording.facts.container.split())
        face: tuple[FaceSample, ...] | FailureToAcquire | NotAssessed = NotAssessed(reason="no picture")
        voice: tuple[VoiceSample, ...] | FailureToAcquire | NotAssessed = NotAssessed(reason="no sound")
        if recording.video is not None:
            vector = self._vector(Modality.FACE, script["face"])
            face = vector if isinstance(vector, FailureToAcquire) else (face_sample(vector),)
        if recording.audio is not None:
            vector = self._vector(Modality.VOICE, script["voice"])
            voice = vector if isinstance(vector, FailureToAcquire) else (voice_sample(vector),)
        return Features(face=face, voice=voice, timings_ms={"face": 1.5})

    def gather(self, features: Sequence[Features]) -> Features:
        def joined(parts: list[object]) -> object:
            samples = tuple(sample for part in parts if isinstance(part, tuple) for sample in part)
            failed = [part for part in parts if isinstance(part, FailureToAcquire)]
            return samples or (failed[0] if failed else parts[0])

        face, voice = joined([part.face for part in features]), joined([part.voice for part in features])
        return Features(face=face, voice=voice)  # type: ignore[arg-type]

    def enrol(self, features: Sequence[Features]) -> Enrolment:
        both = self.gather(features)
        return Enrolment(
            face=FaceReference(samples=both.face) if isinstance(both.face, tuple) else None,
            voice=VoiceReference(samples=both.voice) if isinstance(both.voice, tuple) else None,
        )

    def compare(self, features: Features, enrolment: Enrolment) -> Evidence:
        face = self._compared(Modality.FACE, features.face, enrolment.face)
        voice = self._compared(Modality.VOICE, features.voice, enrolment.voice)
        return Evidence(face=face, voice=voice, fused=SUM.fuse(face, voice))

    def judge(
        self,
        recording: Recording,
        enrolment: Enrolment,
        *,
        challenge: Challenge,
        memory: ReplayMemory | None = None,
    ) -> Evidence:
        """Every check passes, but for the one that "fails=CHECK" names, and replay where the recording was seen."""
        evidence = self.compare(self.extract(recording), enrolment)
        script = dict(part.split("=") for part in recording.facts.container.split())
        passed = Assessment(llr=LLR(value=5.0, calibration="scripted"), score=1.0)
        failed = Assessment(llr=LLR(value=-5.0, calibration="scripted"), score=0.0)
        checks = dict.fromkeys(CheckName, passed)
        if "fails" in script:
            checks |= {name: failed for name in CheckName if name == script["fails"]}
        if memory is not None and memory.look_up(self.fingerprint(recording, memory).tokens, at_most=1):
            checks[CheckName.REPLAY] = failed
        if tuple(script.get("said", "").split("+")) != challenge.words:
            checks[CheckName.PHRASE] = failed
        return replace(evidence, checks=checks)

    def fingerprint(self, recording: Recording, memory: ReplayMemory) -> Fingerprint:
        token = zlib.crc32(recording.facts.container.encode()) >> 1
        return Fingerprint(tokens=frozenset({token}), data=b"")

    def _vector(self, modality: Modality, name: str) -> Embedding | FailureToAcquire:
        if name.startswith("!"):
            (reason,) = (reason for reason in AcquisitionReason if reason == name[1:])
            return FailureToAcquire(modality=modality, reason=reason, detail="scripted")
        who, _, take = name.partition("/")
        vector = _noise(f"{modality}{who}") + 0.5 * _noise(f"{modality}{who}/{take}")
        vector = vector / np.linalg.norm(vector)
        return Embedding(vector=vector.astype(np.float32), modality=modality, model=self.models[modality])

    def _compared(self, modality: Modality, samples: object, reference: object) -> ModalityResult:
        if not isinstance(samples, tuple):
            assert isinstance(samples, FailureToAcquire | NotAssessed)
            return samples
        if not isinstance(reference, FaceReference | VoiceReference):
            return NotAssessed(reason=f"no {modality} is enrolled")
        vectors = np.stack([sample.embedding.vector for sample in reference.samples])
        value = float(np.mean(vectors @ samples[0].embedding.vector))
        score = Score(
            value=value, modality=modality, model=self.models[modality], comparator="scripted/1", side={"takes": 1.0}
        )
        return Comparison(score=score, llr=LLR(value=20.0 * (value - 0.5), calibration=f"{modality}@scripted"))


def face_sample(embedding: Embedding) -> FaceSample:
    """With a pose and a quality of no interest."""
    return FaceSample(embedding=embedding, pose=POSE, quality=FACE_QUALITY)


def voice_sample(embedding: Embedding) -> VoiceSample:
    """With a quality of no interest."""
    return VoiceSample(embedding=embedding, quality=SPEECH_QUALITY)


def _noise(seed: str) -> Float64Array:
    generator = np.random.default_rng(list(hashlib.sha256(seed.encode()).digest()))
    noise: Float64Array = generator.normal(size=16)
    unit: Float64Array = noise / np.linalg.norm(noise)
    return unit


def scripted_decode(capture: Capture) -> Recording:
    """A recording of every stream that the text names."""
    text = capture.data.decode()
    if text.startswith("broken"):
        raise MediaError(ErrorCode.MEDIA_TRUNCATED, "scripted")
    frame = Frame(time_s=0.0, image=np.zeros((2, 2, 3), np.uint8))
    video = VideoClip(kind="still", frames=(frame,), timestamps_s=np.zeros(1), duration_s=0.0)
    return Recording(
        capture_sha256=capture.sha256,
        video=video if "face=" in text else None,
        audio=AudioClip(samples=np.zeros(16, np.float32)) if "voice=" in text else None,
        facts=ContainerFacts(container=text),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedSource:
    """Opens the scripted engine in any process."""

    log: Path
    weights: str = "ab"
    revision: str = "1"

    def open(self) -> System:
        engine = ScriptedEngine(weights=self.weights, log=self.log)
        return System(engine=engine, decode=scripted_decode, decode_login=scripted_decode, revision=self.revision)

    @property
    def extractions(self) -> int:
        """How many files were extracted so far."""
        return len(self.log.read_text("utf-8").splitlines()) if self.log.exists() else 0


class Trialsmith:
    """Writes scripted files and the CSV that names them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[tuple[str, ...]] = []

    def row(self, subject: str, attempt: str, role: str, kind: str, *, script: str, species: str = "") -> None:
        """One file with `script` as its text, and its row."""
        path = self.folder / f"{len(self.rows)}.txt"
        path.write_text(script, "utf-8")
        self.rows.append((subject, attempt, role, kind, path.name, "", species))

    def people(self, names: Sequence[str], *, kind: str = "av", enrol: int = 2, probes: int = 3) -> None:
        """Enrolment and probe rows of each."""
        for name in names:
            for take in range(enrol + probes):
                role = "enrol" if take < enrol else "probe"
                self.row(name, str(take), role, kind, script=f"face={name}/{take} voice={name}/{take}")

    def write(self) -> Path:
        """The CSV."""
        path = self.folder / "trials.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([TRIALS_HEADER, *self.rows])
        return path
