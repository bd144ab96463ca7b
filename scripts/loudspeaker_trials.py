"""Real speech for the loudspeaker check, recorded before cameras and played by loudspeakers (`loudspeaker_channels`)."""

from __future__ import annotations

import os
import pickle
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from fit_synthetic_speech import sounds
from loudspeaker_channels import ACROSS, SPEAKERS, World, person, replay
from numpy.typing import NDArray
from sample_sounds import read_sound

from countersign.core.samples import AudioClip
from countersign.evaluation.attacks.channels import from_loudspeaker
from countersign.evaluation.people import Side, side_of
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.voice.path import VoicePath

SAMPLES = Path(os.environ.get("COUNTERSIGN_SAMPLES", Path(__file__).parent.parent / ".." / "shared" / "data"))
PERSON, AS_IT_IS, SUITE = "person", "as recorded", "attack suite"
RECORDED = 3
"""Times that each speech is recorded before a camera."""
Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One sound.

    Attributes:
        data: "AN4", "LibriSpeech", "GRID" or "VCTK".
        kind: `PERSON`, `AS_IT_IS`, `SUITE` or a key of `SPEAKERS`.
        pcm: `int16[n]`.
        speech: `bool[n]`, by the speech detector.
    """

    data: str
    person: str
    kind: str
    pcm: NDArray[np.int16] = field(repr=False)
    speech: NDArray[np.bool_] = field(repr=False)


def speeches(side: Side) -> Iterator[tuple[str, str, Sound]]:
    """Data set, person and samples of real speech, most of it followed by silence, as in a login."""
    held = defaultdict[tuple[str, str], list[Sound]](list)
    for data, who, system, samples in sounds(side):
        if system or data == "VCTK, two":
            continue
        if data in ("AN4", "LibriSpeech"):
            yield data, who, samples
            continue
        held[data, who].append(samples)
        if len(held[data, who]) == 2:
            yield data, who, np.concatenate(held.pop((data, who)))
    for (data, who), rest in held.items():
        yield data, who, rest[0]


def world(side: Side) -> World:
    """Noises and rooms of one side."""
    folder = SAMPLES / "voice" / "noise-rir"
    kinds = ("speechbrain-noise", "picovoice", "esc10/002_-_Rain", "esc10/007_-_Helicopter", "esc10/003_-_Sea_waves")
    files = [file for kind in kinds for file in sorted((folder / kind).glob("*.opus"))]
    rooms = sorted((folder / "speechbrain-RIRs").glob("*.opus"))
    return World(
        noises=[read_sound(file) for file in files if side_of(file.stem) is side],
        responses=[read_sound(file) for file in rooms[side is Side.REPORT :: 2]],
    )


def hear(side: Side, target: Path, *, every: int = 1) -> None:
    """Make all sounds of a side, or of one in `every` speeches, and find the speech in them."""
    path, around, heard = VoicePath.load(Runtime(ModelStore.default())), world(side), list[Heard]()
    for index, (data, who, speech) in enumerate(speeches(side)):
        if index % every:
            continue
        random = np.random.default_rng((30107, index))
        sound = np.pad(speech, (int(random.uniform(0.1, 0.6) * 16_000), int(random.uniform(0.1, 2.5) * 16_000)))
        made = [(AS_IT_IS, sound), *((PERSON, person(sound, random, around)) for _ in range(RECORDED))]
        made += [(kind, replay(sound, kind, random, around)) for kind in SPEAKERS]
        made.append((SUITE, from_loudspeaker(made[1][1], random)))
        made.append((ACROSS, replay(sound, ACROSS, np.random.default_rng((30107, index, 1)), around)))
        for kind, samples in made:
            activity = path.find_speech(AudioClip(samples=np.ascontiguousarray(samples, np.float32)))
            pcm = np.round(32767 * np.clip(samples, -1, 1)).astype(np.int16)
            heard.append(Heard(data=data, person=who, kind=kind, pcm=pcm, speech=activity.mask()))
    target.write_bytes(pickle.dumps(heard))
    print(len(heard), "heard")
