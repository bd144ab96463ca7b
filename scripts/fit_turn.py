"""Fit the calibrations of turn and solid on develop people, or say how both do on report people.

    python scripts/fit_turn.py make develop FOLDER [PEOPLE]    what the face track sees of rendered films, slow
    python scripts/fit_turn.py make report FOLDER [PEOPLE]
    python scripts/fit_turn.py real FOLDER                     and of real clips with moving heads
    python scripts/fit_turn.py fit FOLDER                      writes src/countersign/liveness/calibrations
    python scripts/fit_turn.py report FOLDER                   prints the tables of docs/liveness.md

Files in FOLDER are made and read on one machine, and are never shipped; those that are there are not made again.
"""

from __future__ import annotations

import json
import pickle
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import numpy as np
from turn_trials import BONA_FIDE, REAL, Seen, real_clips, simulate

from countersign.core.biometrics import ModelRef
from countersign.core.evidence import Score
from countersign.evaluation.attacks.planar import BENT, FLAT
from countersign.evaluation.intervals import clopper_pearson
from countersign.evaluation.metrics import cllr
from countersign.evaluation.people import Side
from countersign.liveness import solid, turn
from countersign.liveness.challenge import Side as HeadSide
from countersign.liveness.challenge import TurnOrder, TurnPath
from countersign.liveness.head_path import HeadPath, Span
from countersign.models import catalog
from countersign.scoring.calibrate import Calibration, Calibrations
from countersign.scoring.fit import LabelledScores, fit_logistic

TARGET = Path(__file__).parent.parent / "src" / "countersign" / "liveness" / "calibrations"
MODEL: ModelRef = catalog.find("facemesh").ref
DATA = "heads and pictures rendered from photos of LFW, Faces94 and CFP, develop people"
RIDGE = 1e-3
AGAIN = "asked again"
EXTENTS_DEG = (20, 25, 30, 35)
GROUPS = {"all flat": FLAT, "all bent": BENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One film put to one check.

    Attributes:
        score: None where the person would be asked again.
    """

    person: str
    kind: str
    bona_fide: bool
    score: Score | None


def stored(file: Path) -> list[Seen]:
    """What was seen of some films."""
    found: list[Seen] = pickle.loads(file.read_bytes())  # noqa: S301 - made by this script
    return found


def read(folder: Path, prefix: str) -> list[Seen]:
    """All that was seen of the films of a side."""
    return [seen for file in sorted(folder.glob(f"{prefix}-*.pickle")) for seen in stored(file)]


def turns(films: Sequence[Seen]) -> Iterator[Judged]:
    """Every film against the path that was asked; every bona fide one against other paths as well."""
    for seen in films:
        bona_fide = seen.kind == BONA_FIDE
        if seen.failure:
            yield Judged(person=seen.person, kind=seen.kind, bona_fide=bona_fide, score=None)
            continue
        path = HeadPath.measured(seen.times_s, seen.poses_deg, seen.presences)
        yield _turn(seen, path, seen.path, None, seen.kind, bona_fide=bona_fide)
        if bona_fide:
            ends = Span(start_s=float(path.times_s[-1]) + 0.4, end_s=float(path.times_s[-1]) + 3.0)
            starts = Span(start_s=-3.0, end_s=-0.4)
            other = HeadSide.LEFT if seen.path.first is HeadSide.RIGHT else HeadSide.RIGHT
            for extent in EXTENTS_DEG:
                asked = replace(seen.path, extent_deg=extent)
                mirrored = replace(asked, first=other)
                late, early = (replace(asked, order=order) for order in (TurnOrder.AFTER_WORDS, TurnOrder.BEFORE_WORDS))
                yield _turn(seen, path, mirrored, None, "other side first", bona_fide=False)
                yield _turn(seen, path, late, ends, "before the words, asked after", bona_fide=False)
                yield _turn(seen, path, early, starts, "after the words, asked before", bona_fide=False)
                if extent < seen.path.extent_deg:
                    yield _turn(seen, path, asked, None, "bona fide, further than asked", bona_fide=True)
            yield from _cut_short(seen, path)


def _cut_short(seen: Seen, path: HeadPath) -> Iterator[Judged]:
    """A turn to one side only, a turn with no way back, and a head that does not turn."""
    sign = 1.0 if seen.path.first is HeadSide.LEFT else -1.0
    furthest, other = int(np.argmax(sign * path.yaw_deg)), int(np.argmin(sign * path.yaw_deg))
    middle = (furthest + other) // 2
    yield _turn(
        seen,
        path.within(0.0, float(path.times_s[min(middle, furthest + 8)])),
        seen.path,
        None,
        "one side",
        bona_fide=False,
    )
    early = Span(start_s=-3.0, end_s=float(path.times_s[0]) + 0.5)
    no_return = path.within(0.0, float(path.times_s[other]))
    yield _turn(seen, no_return, seen.path, early, "no way back", bona_fide=False)
    still = HeadPath.measured(seen.times_s, 0.15 * seen.poses_deg, seen.presences)
    yield _turn(seen, still, seen.path, None, "hardly turned", bona_fide=False)


def _turn(seen: Seen, path: HeadPath, asked: TurnPath, words: Span | None, kind: str, *, bona_fide: bool) -> Judged:
    found = turn.measure(path, asked, words=words)
    score = None if turn.refusal(found) else turn.score_of(found, MODEL)
    return Judged(person=seen.person, kind=kind, bona_fide=bona_fide, score=score)


def solids(films: Sequence[Seen]) -> Iterator[Judged]:
    """Every film put to the solid check."""
    for seen in films:
        yaw = seen.poses_deg[:, 0] if len(seen.times_s) else seen.times_s
        found = solid.measure(seen.times_s, yaw, seen.points, seen.presences)
        score = None if solid.refusal(found) else solid.score_of(found, seen.flow, MODEL)
        yield Judged(person=seen.person, kind=seen.kind, bona_fide=seen.kind == BONA_FIDE, score=score)


def solids_by_landmarks(films: Sequence[Seen]) -> Iterator[Judged]:
    """The same as if no corner could be followed."""
    return solids([replace(seen, flow=None) for seen in films])


def calibrated(found: Sequence[Judged], name: str) -> Calibration:
    """A calibration of the scores there are."""
    pairs = scores(found, name)
    some = pairs[0][0]
    truth = np.array([each.bona_fide for _, each in pairs])
    side = {key: np.array([score.side[key] for score, _ in pairs]) for key in some.side}
    labelled = LabelledScores(values=np.array([score.value for score, _ in pairs]), mated=truth, side=side)
    return Calibration(
        name=name,
        modality=some.modality,
        comparator=some.comparator,
        model=some.model,
        data=DATA,
        date=datetime.now(UTC).date().isoformat(),
        people=len({each.person for _, each in pairs}),
        mated=int(truth.sum()),
        nonmated=int((~truth).sum()),
        prior=0.5,
        cllr=0.0,
        form=fit_logistic(labelled, side=tuple(side), interact=False, ridge=RIDGE),
    )


def scores(found: Sequence[Judged], name: str) -> list[tuple[Score, Judged]]:
    """The scores that the calibration of that name is for."""
    return [(each.score, each) for each in found if each.score is not None and each.score.comparator == f"{name}/1"]


def fit(name: str, found: Sequence[Judged]) -> None:
    """Fit, and say what holding people out in tenths gives."""
    people = sorted({each.person for each in found})
    held_out: list[tuple[float, bool]] = []
    for part in range(10):
        away = set(people[part::10])
        other = calibrated([each for each in found if each.person not in away], name)
        mine = scores([each for each in found if each.person in away], name)
        held_out += [(other.llr(score).value, each.bona_fide) for score, each in mine]
    mated = np.array([llr for llr, truth in held_out if truth])
    nonmated = np.array([llr for llr, truth in held_out if not truth])
    made = replace(calibrated(found, name), cllr=round(cllr(mated, nonmated), 4))
    (TARGET / f"{name}.json").write_text(json.dumps(made.as_json(), indent=2, sort_keys=True) + "\n", "utf-8")
    print(
        name, made.form, "cllr", made.cllr, "bona fide from", np.sort(mated)[:6], "attacks to", np.sort(nonmated)[-6:]
    )


def report(name: str, found: Sequence[Judged]) -> None:
    """How many of each kind are accepted, rejected and asked again, with 95 % intervals (Clopper and Pearson, 1934)."""
    calibrations = Calibrations.load(files("countersign.liveness") / "calibrations")
    rows = defaultdict[str, list[float | None]](list)
    for each in found:
        rows[each.kind].append(None if each.score is None else calibrations.llr(each.score).value)
    for group, kinds in GROUPS.items():
        rows[group] = [llr for kind in kinds for llr in rows[kind]]
    print(
        f"\n| {name} | films | accepted | {AGAIN} | rejected | accepted, 95 % |\n| --- | --- | --- | --- | --- | --- |"
    )
    for kind, llrs in rows.items():
        accepted, again = sum(llr is not None and llr >= 0 for llr in llrs), sum(llr is None for llr in llrs)
        low, high = clopper_pearson(accepted, len(llrs))
        print(
            f"| {kind} | {len(llrs)} | {accepted} | {again} | {len(llrs) - accepted - again} | [{low:.1%}, {high:.1%}] |"
        )


def real(folder: Path) -> None:
    """The real turns, asked as they were done and the other way round."""
    calibrations = Calibrations.load(files("countersign.liveness") / "calibrations")
    for each in REAL:
        (seen,) = stored(folder / f"real-{each.name}.pickle")
        path = HeadPath.measured(seen.times_s, seen.poses_deg, seen.presences)
        order = TurnOrder.AFTER_WORDS if each.facing.start_s < each.span.start_s else TurnOrder.BEFORE_WORDS
        for first in HeadSide:
            asked = TurnPath(first=first, extent_deg=each.extent_deg, order=order)
            found = turn.measure(path, asked, words=each.facing)
            refused = turn.refusal(found)
            said = refused.reason if refused else f"{calibrations.llr(turn.score_of(found, MODEL)).value:+.1f} nats"
            print(
                each.name,
                each.extent_deg,
                "as done" if first is each.first else "other side",
                f"{found.score:.2f}",
                said,
            )
        depth = solid.measure(seen.times_s, seen.poses_deg[:, 0], seen.points, seen.presences)
        llr = calibrations.llr(solid.score_of(depth, seen.flow, MODEL)).value
        print(f"   solid: parallax {depth.parallax:.2f}, corners {seen.flow}, {llr:+.1f} nats")


CHECKS: Mapping[str, Callable[[Sequence[Seen]], Iterator[Judged]]] = {
    "turn": turns,
    "solid": solids,
    "solid-landmarks": solids_by_landmarks,
}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", side, folder, *most]:
            simulate(Side(side), Path(folder), int(most[0]) if most else 1000)
        case ["real", folder]:
            real_clips(Path(folder))
        case ["fit" | "report" as verb, folder]:
            films_seen = read(Path(folder), Side.DEVELOP if verb == "fit" else Side.REPORT)
            for check, judge in CHECKS.items():
                (fit if verb == "fit" else report)(check, list(judge(films_seen)))
            if verb == "report":
                real(Path(folder))
        case _:
            sys.exit(__doc__)
