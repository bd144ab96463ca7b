"""Fit the calibration of the screen check on develop people, or say how it does.

    python scripts/fit_screen.py make develop TRIALS.pkl     live clips and simulated recaptures, several minutes
    python scripts/fit_screen.py look develop REAL.pkl       what the cues say of real films and prints
    python scripts/fit_screen.py fit TRIALS.pkl              writes src/countersign/liveness/calibrations
    python scripts/fit_screen.py report TRIALS.pkl REAL.pkl  prints the tables of docs/liveness.md

Sources: films (GRID, lipreading.org, head_turns, talkinghead_src) and photos (LFW, faces94, CFP, NUAA's live frames), which are
moved a little. Each source is in two live clips and four recaptures, through the same cameras and codecs
(`screen_trials.py`). Files are made and read on one machine, and are never shipped.
"""

from __future__ import annotations

import json
import pickle
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from screen_sources import recordings, sources
from screen_trials import Trial, trial

from countersign.core.arrays import Float64Array
from countersign.core.evidence import CheckName
from countersign.evaluation.intervals import clopper_pearson
from countersign.evaluation.metrics import cllr
from countersign.evaluation.people import Side
from countersign.face.path import FacePath
from countersign.face.track import FaceTrack
from countersign.liveness.screen.check import measure, screen_score
from countersign.liveness.screen.patterns import Patterns, patterns
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.policy.profiles import STANDARD
from countersign.scoring.calibrate import Calibration, Calibrations
from countersign.scoring.curves import Logistic
from countersign.scoring.fit import LabelledScores, fit_logistic

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "src" / "countersign" / "liveness" / "calibrations" / "screen.json"
LIVE, ATTACKS = 2, ("screen", "screen", "held", "held")
RIDGE = 1e-3
FLOOR = STANDARD.checks[CheckName.SCREEN].floor


def make(side: Side, target: Path) -> None:
    """All clips, a list for each source."""
    target.unlink(missing_ok=True)
    for source in sources(side):
        made = list[Trial]()
        for index, label in enumerate(("live",) * LIVE + ATTACKS):
            seed = zlib.crc32(f"{source.data}/{source.person}/{source.name}/{index}".encode())
            cv2.setRNGSeed(seed % (1 << 31))
            made.append(trial(source, label, np.random.default_rng(seed)))
        print(source.data, source.person, source.name, flush=True)
        with target.open("ab") as file:
            pickle.dump(made, file)


def made_trials(source: Path) -> Iterator[Trial]:
    """What `make` wrote."""
    with source.open("rb") as file:
        while file.peek(1):
            yield from pickle.load(file)  # noqa: S301 - our own file


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the cues say of one recording.

    Attributes:
        label: "live", "screen", "held", "replay" or "print".
        settings: of a simulated camera and screen; empty for a real recording.
    """

    data: str
    person: str
    label: str
    name: str
    settings: Mapping[str, float]
    found: Patterns


def of_trials(source: Path) -> list[Seen]:
    """What the cues say of `make`'s clips."""
    seen = list[Seen]()
    for each in made_trials(source):
        found = patterns(each.pictures(), each.centres, each.side)
        if found is not None:
            seen.append(
                Seen(
                    data=each.data,
                    person=each.person,
                    label=each.label,
                    name=each.name,
                    settings=each.settings,
                    found=found,
                )
            )
    return seen


def look(side: Side, target: Path) -> None:
    """What the cues say of real films, replays and prints, whole and as they are."""
    path = FacePath.load(Runtime(ModelStore.default()), pack=Pack.PLUS)
    seen = list[Seen]()
    for data, person, label, name, video in recordings(side):
        track = path.track(video)
        found = measure(track) if isinstance(track, FaceTrack) else None
        print(data, person, label, name, found, flush=True)
        if isinstance(found, Patterns):
            seen.append(Seen(data=data, person=person, label=label, name=name, settings={}, found=found))
    target.write_bytes(pickle.dumps(seen))


def fit(seen: Sequence[Seen]) -> None:
    """Fit the calibration, data sets held out in turn for its Cllr."""
    held_out = np.empty(len(seen))
    data = np.array([each.data for each in seen])
    for name in set(data):
        form = fitted([each for each in seen if each.data != name])
        held_out[data == name] = form(scores_of([each for each in seen if each.data == name]), {})
    live = np.array([each.label == "live" for each in seen])
    score = screen_score(seen[0].found)
    calibration = Calibration(
        name="screen",
        modality=score.modality,
        comparator=score.comparator,
        model=score.model,
        data="films of GRID, lipreading.org, head_turns and talkinghead_src, photos of LFW, faces94, CFP and NUAA, "
        "live and on simulated screens, develop people",
        date=datetime.now(UTC).date().isoformat(),
        people=len({each.person for each in seen}),
        mated=int(live.sum()),
        nonmated=int((~live).sum()),
        prior=0.5,
        cllr=round(cllr(held_out[live], held_out[~live]), 4),
        form=fitted(seen),
    )
    TARGET.write_text(json.dumps(calibration.as_json(), indent=2, sort_keys=True) + "\n", "utf-8")
    print(TARGET.read_text("utf-8"))
    for name in sorted(set(data)):
        here = [held_out[(data == name) & chosen] for chosen in (live, ~live)]
        print(name, "held out: live below the floor", _share(here[0] < FLOOR), "recaptures", _share(here[1] < FLOOR))


def fitted(seen: Sequence[Seen]) -> Logistic:
    """The curve of these."""
    live = np.array([each.label == "live" for each in seen])
    return fit_logistic(LabelledScores(values=scores_of(seen), mated=live), ridge=RIDGE)


def scores_of(seen: Sequence[Seen]) -> Float64Array:
    """`float64[n]`."""
    return np.array([screen_score(each.found).value for each in seen])


def report(trials: Sequence[Seen], real: Sequence[Seen]) -> None:
    """Who is refused, and what of simulated screens by how strong their grid is and how finely the clip is coded."""
    calibrations = Calibrations.load(TARGET.parent)

    def llrs(seen: Sequence[Seen]) -> Float64Array:
        return np.array([calibrations.llr(screen_score(each.found)).value for each in seen])

    groups = defaultdict[tuple[str, str], list[Seen]](list)
    for each in (*trials, *real):
        groups["simulated" if each.settings else each.data, each.label].append(each)
    print(
        f"| data | label | people | n | below the floor, {FLOOR} | below 0 | pattern: median | highest | lowest ratio |"
    )
    for row, members in sorted(groups.items()):
        values, people = llrs(members), len({each.person for each in members})
        single = np.array([each.found.single for each in members])
        print(
            f"| {' | '.join(row)} | {people} | {len(members)} | {_share(values < FLOOR)} | {_share(values < 0)} "
            f"| {np.median(single):.1f} | {single.max():.1f} | {values.min():.1f} |"
        )
    for label in ("screen", "held"):
        for low, high in ((0.002, 0.006), (0.006, 0.02), (0.02, 0.06)):
            for least, most in ((0.05, 0.15), (0.15, 0.6)):
                members = [
                    each
                    for each in trials
                    if each.label == label
                    and low <= each.settings["strength"] < high
                    and least <= each.settings["bits_a_pixel"] < most
                ]
                print(label, f"grid {low} to {high}, {least} to {most} bits a pixel:", _share(llrs(members) < FLOOR))


def _share(wrong: NDArray[np.bool_]) -> str:
    low, high = clopper_pearson(int(wrong.sum()), len(wrong))
    return f"{wrong.sum()} of {len(wrong)} [{100 * low:.0f}, {100 * high:.0f} %]"


def main(arguments: Sequence[str]) -> None:
    """See the module."""
    cv2.setNumThreads(1)
    match arguments:
        case ["make", side, target]:
            make(Side(side), Path(target))
        case ["look", side, target]:
            look(Side(side), Path(target))
        case ["fit", trials]:
            fit(of_trials(Path(trials)))
        case ["report", trials, real]:
            report(of_trials(Path(trials)), pickle.loads(Path(real).read_bytes()))  # noqa: S301 - our own file
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
