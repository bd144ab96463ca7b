"""Who takes part in the demonstration: people of the sample data where there is some, synthetic people elsewhere."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from countersign.cli.demo.synthetic import SYNTHETIC_PEOPLE, synthetic_film
from countersign.core.samples import Capture

SAMPLES_VARIABLE = "COUNTERSIGN_SAMPLES"
SAMPLES_DEFAULT = Path("../shared/data")
_FACES, _VOICES, _TALKERS = Path("faces/lfw"), Path("voice/librispeech-resemblyzer"), Path("av/grid")


KINDS = {
    "real": "real talking faces; face and voice from the same clips.",
    "chimeric": "real faces paired with other people's real voices: photos for the face, read sentences for the voice.",
    "synthetic": "portraits put in motion, with synthesised voices. Nobody real is shown.",
}
"""What the kinds of people are, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """One person of the demonstration.

    Attributes:
        name: a label such as "talker 1"; the sample data's own names are not shown.
        kind: where face and voice come from, a key of `KINDS`.
        enrol: captures to enrol from.
        probe: captures of one later presentation.
    """

    name: str
    kind: str
    enrol: tuple[Capture, ...]
    probe: tuple[Capture, ...]


def samples_folder() -> Path | None:
    """The folder of sample data, or None without one."""
    folder = Path(os.environ.get(SAMPLES_VARIABLE, SAMPLES_DEFAULT))
    complete = all((folder / part).is_dir() for part in (_FACES, _VOICES, _TALKERS))
    return folder if complete else None


def demo_people(samples: Path | None) -> Iterator[DemoPerson]:
    """The people, first to last, always the same ones: taken by name, not by how well they do.

    Args:
        samples: folder of sample data, or None for synthetic people.
    """
    if samples is None:
        yield from _synthetic()
    else:
        yield from _talkers(samples / _TALKERS)
        yield from _chimeric(samples / _FACES, samples / _VOICES, count=6)


def _synthetic() -> Iterator[DemoPerson]:
    for person in SYNTHETIC_PEOPLE:
        films = [synthetic_film(person, take) for take in range(6)]
        yield DemoPerson(name=person.name, kind="synthetic", enrol=tuple(films[:5]), probe=(films[5],))


def _talkers(folder: Path) -> Iterator[DemoPerson]:
    """Real talking faces: the talkers with the six clips that five for enrolment and one for logging in take."""
    number = 0
    for talker in sorted(path for path in folder.iterdir() if path.is_dir() and path.name.startswith("s")):
        clips = [_capture(path) for path in sorted(talker.glob("*.mpg"))[:6]]
        if len(clips) == 6:
            number += 1
            yield DemoPerson(name=f"talker {number}", kind="real", enrol=tuple(clips[:5]), probe=(clips[5],))


def _chimeric(faces: Path, voices: Path, *, count: int) -> Iterator[DemoPerson]:
    """A face set paired with a voice set, pair by pair: nobody in the sample data has eight pictures and six sentences."""
    pictures = [sorted(path.glob("*.jpg")) for path in sorted(faces.iterdir()) if path.is_dir()]
    by_speaker: dict[str, list[Path]] = defaultdict(list)
    with (voices / "index.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if 4.0 <= float(row["seconds"]) <= 15.0:
                by_speaker[row["speaker"]].append(voices / row["file"])
    enough = ([set_ for set_ in pictures if len(set_) >= 9], [by_speaker[key] for key in sorted(by_speaker)])
    pairs = zip(enough[0], (set_ for set_ in enough[1] if len(set_) >= 6), strict=False)
    for number, (face, voice) in enumerate(list(pairs)[:count], start=1):
        yield DemoPerson(
            name=f"pair {number}",
            kind="chimeric",
            enrol=tuple(_capture(path) for path in (*face[:8], *voice[:5])),
            probe=(_capture(face[8]), _capture(voice[5])),
        )


def _capture(path: Path) -> Capture:
    return Capture(data=path.read_bytes(), name=path.name)
