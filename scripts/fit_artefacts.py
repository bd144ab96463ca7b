"""Fit the calibration of the face artefact check on develop people, or say how it does on report people.

    python scripts/fit_artefacts.py look develop SEEN.pkl     what the networks say, a few minutes
    python scripts/fit_artefacts.py fit SEEN.pkl              writes src/countersign/liveness/calibrations
    python scripts/fit_artefacts.py look report OTHER.pkl
    python scripts/fit_artefacts.py report OTHER.pkl          prints the tables of docs/liveness.md

Bona fide: NUAA's live frames, LFW and faces94 photos, films of talking and turning heads (GRID, head_turns, talkinghead_src).
Attacks: NUAA's printed photos, replayed films of head_turns. NUAA has two people on either side: its intervals treat
frames as independent, which they are not. Files are made and read on one machine, and are never shipped.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from phrase_trials import GRID_PEOPLE

from countersign.core.arrays import Float64Array, UInt8Array
from countersign.core.biometrics import Modality
from countersign.core.errors import MediaError
from countersign.core.samples import Capture
from countersign.evaluation.intervals import clopper_pearson
from countersign.evaluation.metrics import cllr
from countersign.evaluation.people import Side, side_of
from countersign.face.detect import DetectedFace
from countersign.face.path import FacePath
from countersign.face.track import FaceTrack
from countersign.liveness.artefacts.check import COMPARATOR, FaceArtefacts, chosen_sightings, fused_score
from countersign.liveness.artefacts.cues import banding_db, moire_db, straight_sides
from countersign.media.decode import decode
from countersign.media.limits import Limits
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.scoring.calibrate import Calibration, Calibrations
from countersign.scoring.curves import Logistic
from countersign.scoring.fit import LabelledScores, fit_logistic

ROOT = Path(__file__).parent.parent
SAMPLES = Path(os.environ.get("COUNTERSIGN_SAMPLES", ROOT / ".." / "shared" / "data"))
TARGET = ROOT / "src" / "countersign" / "liveness" / "calibrations" / "face-artefacts.json"
RIDGE = 1e-3
PHOTOS_EACH = 2
FILMS_EACH = 3
LIVE = ("head_turns/live", "talkinghead_src", "asd_demo", "grid")
REPLAYED = ("head_turns/replay",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One photo, or one film.

    Attributes:
        label: "live", "print" or "replay".
        odds: `float64[frames, 3]`.
        cues: moire, banding, straight edges.
    """

    data: str
    person: str
    label: str
    name: str
    odds: Float64Array
    cues: tuple[float, float, float]


def person_of(file: Path) -> str:
    """Who is seen, as the data set spells it."""
    if file.parent.parent.name == "grid":
        return GRID_PEOPLE.get(file.stem, file.stem) if file.parent.name == "rizkiarm" else file.parent.name
    return file.stem if file.stem.startswith("liveportrait") else file.stem.partition("_")[0]


def photos(side: Side) -> Iterator[tuple[str, str, str, Path]]:
    """Data set, person, label and file of every photo to look at."""
    for folder, label in (("ClientRaw", "live"), ("ImposterRaw", "print")):
        for person in sorted((SAMPLES / "faces" / "nuaa" / "db" / folder).iterdir()):
            if side_of(person.name) is side:
                yield from (("nuaa", person.name, label, file) for file in sorted(person.iterdir()))
    for data in ("lfw", "faces94"):
        people = defaultdict[str, list[Path]](list)
        for file in sorted((SAMPLES / "faces" / data).rglob("*.jp*g")):
            people[file.parent.name].append(file)
        for person_name, files in people.items():
            if side_of(person_name) is side:
                yield from ((data, person_name, "live", file) for file in files[:PHOTOS_EACH])


def films(side: Side) -> Iterator[tuple[str, str, str, Path]]:
    """Data set, person, label and file of every film to look at."""
    count = defaultdict[str, int](int)
    for label, folders in (("live", LIVE), ("replay", REPLAYED)):
        for folder in folders:
            for file in sorted((SAMPLES / "av" / folder).rglob("*.*")):
                person = person_of(file)
                wanted = file.suffix in {".mp4", ".avi", ".mpg"} and side_of(person) is side
                if wanted and count[folder + person] < FILMS_EACH:
                    count[folder + person] += 1
                    yield folder.partition("/")[0], person, label, file


def look(side: Side, target: Path) -> None:
    """What the networks say of every photo and film of one side's people."""
    runtime = Runtime(ModelStore.default())
    path, check = FacePath.load(runtime, pack=Pack.PLUS), artefacts(runtime)
    seen, lost = list[Seen](), list[str]()
    for data, person, label, file in photos(side):
        image = decode(Capture(data=file.read_bytes())).video.frames[0].image  # type: ignore[union-attr]
        faces = path.detector.detect(image, smallest=40, largest=min(image.shape[:2]))
        if not faces:
            lost.append(file.name)
            continue
        face = max(faces, key=lambda each: each.score * each.width)
        seen.append(_seen(check, (data, person, label, file), [(image, face)]))
    for data, person, label, file in films(side):
        try:
            video = decode(Capture(data=file.read_bytes()), limits=Limits(seconds=60.0, wall_s=60.0)).video
        except MediaError:
            video = None
        track = path.track(video) if video is not None else None
        if not isinstance(track, FaceTrack):
            lost.append(file.name)
            continue
        faces_of = [(each.frame.image, each.face) for each in chosen_sightings(track)]
        seen.append(_seen(check, (data, person, label, file), faces_of))
    print(len(seen), "looked at; no face or several in:", *lost)
    target.write_bytes(pickle.dumps(seen))


def _seen(
    check: FaceArtefacts, what: tuple[str, str, str, Path], faces: Sequence[tuple[UInt8Array, DetectedFace]]
) -> Seen:
    data, person, label, file = what
    cues = (
        float(np.median([moire_db(image, face) for image, face in faces])),
        banding_db([image for image, _ in faces]),
        float(straight_sides(*faces[0])),
    )
    return Seen(data=data, person=person, label=label, name=file.name, odds=check.log_odds(faces), cues=cues)


def artefacts(runtime: Runtime) -> FaceArtefacts:
    """The check, its models installed."""
    check = FaceArtefacts.load(runtime, Calibrations(members=()))
    if not isinstance(check, FaceArtefacts):
        sys.exit(check.reason)
    return check


def fit(seen: Sequence[Seen]) -> None:
    """Fit the calibration, people held out in turn for its Cllr."""
    ref = artefacts(Runtime(ModelStore.default())).ref
    scores = np.array([fused_score(each.odds, ref).value for each in seen])
    live, people = np.array([each.label == "live" for each in seen]), np.array([each.person for each in seen])

    def fitted(wanted: NDArray[np.bool_]) -> Logistic:
        return fit_logistic(LabelledScores(values=scores[wanted], mated=live[wanted]), ridge=RIDGE)

    held_out = np.empty(len(seen))
    for person in set(people):
        held_out[people == person] = fitted(people != person)(scores[people == person], {})
    calibration = Calibration(
        name="face-artefacts",
        modality=Modality.FACE,
        comparator=COMPARATOR,
        model=ref,
        data="NUAA, LFW, faces94, GRID and sample films, develop people",
        date=datetime.now(UTC).date().isoformat(),
        people=len(set(people)),
        mated=int(live.sum()),
        nonmated=int((~live).sum()),
        prior=0.5,
        cllr=round(cllr(held_out[live], held_out[~live]), 4),
        form=fitted(np.ones(len(seen), np.bool_)),
    )
    TARGET.write_text(json.dumps(calibration.as_json(), indent=2, sort_keys=True) + "\n", "utf-8")
    print(TARGET.read_text("utf-8"))


def report(seen: Sequence[Seen]) -> None:
    """By data set: ratios, cues, and how much is refused at 0 and at the threshold that refuses 5 % of live NUAA frames."""
    calibrations = Calibrations.load(TARGET.parent)
    ref = artefacts(Runtime(ModelStore.default())).ref
    llrs = np.array([calibrations.llr(fused_score(each.odds, ref)).value for each in seen])
    rows = defaultdict[tuple[str, str, str], list[int]](list)
    for k, each in enumerate(seen):
        rows[each.data, each.label, each.person if each.data == "nuaa" or each.label == "replay" else ""].append(k)
    live = np.sort([llr for llr, each in zip(llrs, seen, strict=True) if (each.data, each.label) == ("nuaa", "live")])
    threshold = live[len(live) * 5 // 100]
    print(f"threshold at which 5 % of NUAA's live frames are refused: {threshold:.2f} nats")
    print(
        "| data | label | person | n | refused at 0 | 95 % | refused at the threshold | lowest | median | highest | cues |"
    )
    for row, places in sorted(rows.items()):
        here, cues = llrs[places], np.median([seen[k].cues for k in places], axis=0)
        refused = [int((here < floor).sum()) for floor in (0.0, threshold)]
        low, high = (100 * end for end in clopper_pearson(refused[0], len(here)))
        print(
            f"| {' | '.join(row)} | {len(here)} | {refused[0]} | {low:.1f} to {high:.1f} % | {refused[1]} "
            f"| {here.min():.1f} | {np.median(here):.1f} | {here.max():.1f} | {' / '.join(f'{cue:.1f}' for cue in cues)} |"
        )


def main(arguments: Sequence[str]) -> None:
    """See the module."""
    match arguments:
        case ["look", side, target]:
            look(Side(side), Path(target))
        case ["fit", source]:
            fit(pickle.loads(Path(source).read_bytes()))  # noqa: S301 - our own file
        case ["report", source]:
            report(pickle.loads(Path(source).read_bytes()))  # noqa: S301
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
