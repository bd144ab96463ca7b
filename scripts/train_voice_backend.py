"""Make the cohort that the voice comparator comes with, from the LibriSpeech and AN4 sample speakers.

    python scripts/train_voice_backend.py              writes src/countersign/scoring/cohorts/voice-ge2e.npz

LibriSpeech is CC BY 4.0 (Panayotov et al., 2015), AN4 may be used for any purpose (Carnegie Mellon University, 1991). The
file holds embeddings, one an utterance, and a number for each speaker, no names and no sound. It is deterministic but for
the last bits, which depend on the processor.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from countersign.core.acquisition import FailureToAcquire
from countersign.core.arrays import Float32Array
from countersign.core.biometrics import VoiceSample
from countersign.core.samples import SAMPLE_RATE_HZ, AudioClip, Capture
from countersign.media.decode import decode
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.scoring.voice_cohort import VoiceCohort
from countersign.voice.path import VoicePath

ROOT = Path(__file__).parent.parent
SAMPLES = Path(os.environ.get("COUNTERSIGN_SAMPLES", ROOT / ".." / "shared" / "data"))
TARGET = ROOT / "src" / "countersign" / "scoring" / "cohorts" / "voice-ge2e.npz"
SETS = ("librispeech-resemblyzer", "an4")
DATA = "LibriSpeech test-other (CC BY 4.0) and AN4 (CMU, free for any use): sample speakers"
SHORTEST_S = 1.4
PIECE_S = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One utterance of a data set.

    Attributes:
        name: of the file in its set.
        speaker: as the set spells it.
    """

    name: str
    speaker: str
    audio: AudioClip


def utterances(name: str, folder: str = "") -> Iterator[Spoken]:
    """Everything in the index of a set, or what lies in one folder of it."""
    home = SAMPLES / "voice" / name
    with (home / "index.csv").open(encoding="utf-8") as index:
        for row in csv.DictReader(index):
            if row["file"].startswith(folder):
                audio = decode(Capture(data=(home / row["file"]).read_bytes())).audio
                if audio is None:
                    raise ValueError(f"{row['file']} has no sound")
                yield Spoken(name=row["file"], speaker=row["speaker"], audio=audio)


def pieces(samples: Float32Array, piece_s: float = PIECE_S) -> Iterator[AudioClip]:
    """Cut a long sound into pieces of about the same length, or give a short one whole."""
    count = max(1, round(len(samples) / (piece_s * SAMPLE_RATE_HZ)))
    for part in np.array_split(samples, count):
        yield AudioClip(samples=part)


def collect(path: VoicePath) -> tuple[list[VoiceSample], list[int]]:
    """Samples of every utterance that is long enough, whole and in pieces, and the numbers of their speakers."""
    found: list[VoiceSample] = []
    numbers: list[int] = []
    speakers: dict[tuple[str, str], int] = {}
    for name in SETS:
        for spoken in utterances(name):
            if spoken.audio.duration_s < SHORTEST_S:
                continue
            number = speakers.setdefault((name, spoken.speaker), len(speakers))
            for clip in pieces(spoken.audio.samples):
                sample = path.extract(clip)
                if not isinstance(sample, FailureToAcquire):
                    found.append(sample)
                    numbers.append(number)
    return found, numbers


def main() -> None:
    """Write the file."""
    path = VoicePath.load(Runtime(ModelStore.default()))
    found, numbers = collect(path)
    cohort = VoiceCohort(
        vectors=np.stack([sample.embedding.vector for sample in found]),
        speakers=np.array(numbers),
        model=path.model,
        data=DATA,
    )
    TARGET.parent.mkdir(exist_ok=True)
    with TARGET.open("wb") as file:
        cohort.save(file)
    print(f"{len(found)} utterances of {max(numbers) + 1} speakers, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
