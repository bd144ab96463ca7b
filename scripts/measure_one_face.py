"""How well the check `one_face` tells a swapped face: films of one person, and films that are one person's, then another's.

    python scripts/measure_one_face.py core|plus

Swaps are made of the samples of two films (or of eight LFW photos of each of two people, which differ far more among
themselves than pictures of one film): the first 2 to 6 of one, the rest of the other. Nothing is fitted, and the floor is not
chosen on these figures, so both sides of the sample people are shown.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from countersign.core.biometrics import FaceSample
from countersign.core.evidence import Assessment, CheckName
from countersign.core.samples import Capture
from countersign.liveness.one_face import check_one_face
from countersign.media.decode import decode
from countersign.media.limits import Limits
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.pipeline import Engine
from countersign.policy.profiles import STANDARD

SAMPLES = Path(os.environ.get("COUNTERSIGN_SAMPLES", Path(__file__).parent.parent / ".." / "shared" / "data"))
FILMS = (
    "av/grid/*/*.mpg",
    "av/head_turns/live/*.mp4",
    "av/head_turns/live/*.gif",
    "av/talkinghead_src/*.mp4",
    "av/asd_demo/vidtimit*.mp4",
)
PEOPLE_OF_FOLDERS = {"live", "talkinghead_src", "asd_demo"}
"""Folders whose films show another person each; in the others a folder is a person."""
PHOTOS = 8
LONG = Limits(seconds=60.0)

Taken = Mapping[str, tuple[FaceSample, ...]]


def main(pack: str) -> None:
    """See the module."""
    engine = Engine.load(Runtime(ModelStore.default()), pack=Pack(pack))
    for name, taken in (("films", _films(engine)), ("LFW photos", _photos(engine))):
        same = [_ratio(engine, samples) for samples in taken.values()]
        swapped = [
            _ratio(engine, (*one[:cut], *other[cut:]))
            for (a, one), (b, other) in itertools.permutations(taken.items(), 2)
            if a.split("/")[0] != b.split("/")[0]
            for cut in range(2, 7)
        ]
        print(
            f"{name}: one person {_passed(same)}, lowest {min(same):.1f}; swapped {_passed(swapped)}, highest {max(swapped):.1f}"
        )


def _films(engine: Engine) -> Taken:
    taken: dict[str, tuple[FaceSample, ...]] = {}
    for path in sorted(path for pattern in FILMS for path in SAMPLES.glob(pattern)):
        person = path.stem if path.parent.name in PEOPLE_OF_FOLDERS else path.parent.name
        face = engine.extract(decode(Capture(data=path.read_bytes()), limits=LONG)).face
        if isinstance(face, tuple) and len(face) == PHOTOS:
            taken[f"{person}/{path.stem}"] = face
    return taken


def _photos(engine: Engine) -> Taken:
    taken: dict[str, tuple[FaceSample, ...]] = {}
    for folder in sorted((SAMPLES / "faces" / "lfw").iterdir()):
        photos = sorted(folder.glob("*.jpg"))[:PHOTOS]
        faces = [engine.extract(decode(Capture(data=photo.read_bytes()))).face for photo in photos]
        samples = tuple(sample for face in faces if isinstance(face, tuple) for sample in face)
        if len(samples) == PHOTOS:
            taken[folder.name] = samples
    return taken


def _ratio(engine: Engine, samples: Sequence[FaceSample]) -> float:
    result = check_one_face(samples, comparator=engine.face_comparator, calibrations=engine.calibrations)
    assert isinstance(result, Assessment)  # noqa: S101 - there are eight samples
    return result.llr.value


def _passed(ratios: Sequence[float]) -> str:
    floor = STANDARD.checks[CheckName.ONE_FACE].floor
    return f"{sum(ratio >= floor for ratio in ratios)} of {len(ratios)} pass"


if __name__ == "__main__":
    main(sys.argv[1])
