"""Fit the lips check and the active speaker check on develop people, or say how they do on report people.

    python scripts/fit_lips.py watch develop SEEN.pkl       looks at the clips, slow
    python scripts/fit_lips.py fit SEEN.pkl                 writes projections and calibrations
    python scripts/fit_lips.py watch report OTHER.pkl       likewise; or ... OTHER.pkl noise, ... OTHER.pkl recoded
    python scripts/fit_lips.py report OTHER.pkl             prints tables for docs/liveness.md; ... brief, fewer

Calibrations are fitted on what directions fitted on half the sentences give on the other half; the directions that ship are
fitted on all. Files are made and read on one machine, and are never shipped.
"""

from __future__ import annotations

import json
import pickle
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from lips_trials import SILENT, Clip, Trial, rows, silent, thinner, trials, watch

from countersign.core.arrays import Float64Array
from countersign.core.biometrics import ModelRef
from countersign.core.evidence import Score
from countersign.evaluation.intervals import clopper_pearson
from countersign.evaluation.people import Side
from countersign.liveness.head_path import Span
from countersign.liveness.lips import active_speaker, check
from countersign.liveness.lips.agreement import FORMAT, Pictures, Projection, on_grid
from countersign.liveness.lips.crops import FPS, MOST
from countersign.liveness.lips.sound import Sound
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.scoring.calibrate import Calibration, Calibrations
from countersign.scoring.fit import LabelledScores, fit_logistic

SOURCE = Path(__file__).parent.parent / "src" / "countersign" / "liveness"
PATTERNS = (
    "grid/*/*.mpg",
    "grid/emodub_gt/*.mp4",
    *(f"{folder}/{name}.mp4" for folder in ("*", "*/*") for name in SILENT),
)
DATA = "GRID (CC BY 4.0), develop people"
SIDES = {"mouth": ("far", "far_mean", "far_deviation"), "mouth-and-looks": ("standout", "mouth_standout", "mouth_near")}
PARTS, RIDGE = 3, 0.3
CALIBRATION_RIDGE = 1e-3
COUNTS = (1, 2, 3)


def fit(clips: Sequence[Clip]) -> None:
    """Fit everything and write it."""
    _calibrate_speakers(clips)
    clips = [clip for clip in clips if clip.sound is not None]
    final = {name: projection(name, clips) for name in SIDES}
    for name, made in final.items():
        (SOURCE / "lips" / f"{name}.json").write_text(made, "utf-8")
    for name in SIDES:
        pairs = list(_crosswise(clips, name))
        _calibrate(pairs, name, Projection.from_json(final[name]).ref)


def projection(name: str, clips: Sequence[Clip]) -> str:
    """The directions in which these clips' lips and sound go together, as the content of a file."""
    floor = np.median([_pictures(name, clip).measures.std(axis=0) for clip in clips], axis=0) / 4
    seen, heard = [], []
    for clip in clips:
        grid = on_grid(_pictures(name, clip), _sound(clip), from_s=clip.start_s, to_s=clip.end_s, floor=floor)
        if grid is not None:
            used = grid.words & grid.known
            seen.append(grid.seen[used])
            heard.append(grid.heard[used])
    x, y = np.concatenate(seen), np.concatenate(heard)
    basis = _basis(x.shape[1] // 2, x)
    a, b, strength = _canonical(x @ basis, y)
    content = {
        "format": FORMAT,
        "name": f"lips-{name}",
        "data": DATA,
        "date": datetime.now(UTC).date().isoformat(),
        "clips": len(clips),
        "people": len({clip.person for clip in clips}),
        "correlations": _short(strength),
        "weights": _short(strength / strength.sum()),
        "floor": _short(floor),
        "seen": [_short(row) for row in basis @ a],
        "heard": [_short(row) for row in b],
    }
    return json.dumps(content, separators=(",", ":")).replace('],"', '],\n"') + "\n"


def _basis(half: int, x: Float64Array) -> Float64Array:
    """`float64[2 half, r]`: shape as it is, looks by their sixteen principal components, rates of change likewise."""
    kept = np.eye(min(half, 4))
    if half > 4:
        looks = x[:, 4:half]
        _, _, axes = np.linalg.svd(looks - looks.mean(axis=0), full_matrices=False)
        kept = np.block([[kept, np.zeros((4, 16))], [np.zeros((half - 4, 4)), axes[:16].T]])
    return np.block([[kept, np.zeros_like(kept)], [np.zeros_like(kept), kept]])


def _canonical(x: Float64Array, y: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Canonical correlation with a ridge: directions of x and of y with unit variance, and how strongly they correlate."""

    def whitener(z: Float64Array) -> Float64Array:
        covariance = np.cov(z.T)
        covariance += RIDGE * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
        return np.linalg.inv(np.linalg.cholesky(covariance)).T

    wx, wy = whitener(x), whitener(y)
    left, strength, right = np.linalg.svd(wx.T @ np.cov(x.T, y.T)[: x.shape[1], x.shape[1] :] @ wy)
    a, b = wx @ left[:, :PARTS], wy @ right.T[:, :PARTS]
    return a / (x @ a).std(axis=0), b / (y @ b).std(axis=0), strength[:PARTS]


def _short(values: Float64Array) -> list[float]:
    return [float(f"{value:.5g}") for value in values]


def _crosswise(clips: Sequence[Clip], name: str) -> Iterator[tuple[Trial, Score]]:
    """Trials of each half of the sentences, with directions fitted on the other half."""
    for half in (0, 1):
        mine = [clip for k, clip in enumerate(clips) if k % 2 == half]
        others = [clip for k, clip in enumerate(clips) if k % 2 != half]
        directions = {key: Projection.from_json(projection(key, others)) for key in {"mouth", name}}
        for count in COUNTS:
            for trial in trials(rows(mine, count)):
                score = scored(trial, name, directions)
                if score is not None:
                    yield trial, score


def scored(trial: Trial, name: str, directions: dict[str, Projection]) -> Score | None:
    """The score of a trial."""
    sound, words = _delayed(trial)
    found = check.compare(
        directions["mouth"], check.shapes(trial.film.mouth), sound, check.middle_of(words, check.LONGEST_S)
    )
    if found is None:
        return None
    if name == "mouth":
        return check.score_of(directions["mouth"], found)
    middle, looks = check.middle_of(words, check.LOOKS_S), trial.film.looks
    shown = np.abs(looks.times_s - (middle.start_s + middle.end_s) / 2) <= MOST / FPS / 2
    looks = Pictures(times_s=looks.times_s[shown], measures=looks.measures[shown])
    both = check.compare(directions[name], check.beside(trial.film.mouth, looks), sound, middle)
    return None if both is None else check.fused_score(directions[name], found, both)


def _delayed(trial: Trial) -> tuple[Sound, Span]:
    """The sound on the film's clock, and when its words are said."""
    sound = _sound(trial.heard)
    moved = Sound(times_s=sound.times_s + trial.delay_s, measures=sound.measures)
    start, end = trial.heard.start_s + trial.delay_s, trial.heard.end_s + trial.delay_s
    # What would come before the film, or after it, is not in the recording.
    last = min(float(moved.times_s[-1]), float(trial.film.mouth.times_s[-1]) + 0.1)
    kept = (moved.times_s >= 0.0) & (moved.times_s <= last)
    moved = Sound(times_s=moved.times_s[kept], measures=moved.measures[kept])
    return moved, Span(start_s=max(start, 0.0), end_s=min(end, last))


def _calibrate(pairs: Sequence[tuple[Trial, Score]], name: str, model: ModelRef) -> None:
    mated = np.array([trial.kind == "own" for trial, _ in pairs])
    labelled = LabelledScores(
        values=np.array([score.value for _, score in pairs]),
        mated=mated,
        side={key: np.array([score.side[key] for _, score in pairs]) for key in SIDES[name]},
    )
    _write(f"lips-{name}", labelled, pairs[0][1], model=model, people=_people(pairs), side=SIDES[name])
    made = Calibrations.load(SOURCE / "calibrations").find(replace(pairs[0][1], model=model))
    print(name, "crosswise, develop people")
    table([(trial.kind, score) for trial, score in pairs], lambda score: made.llr(replace(score, model=model)).value)


def _write(
    name: str, labelled: LabelledScores, example: Score, *, model: ModelRef, people: set[str], side: Sequence[str] = ()
) -> None:
    form = fit_logistic(labelled, side=side, interact=False, ridge=CALIBRATION_RIDGE)
    made = Calibration(
        name=name,
        modality=example.modality,
        comparator=example.comparator,
        model=model,
        data=DATA,
        date=datetime.now(UTC).date().isoformat(),
        people=len(people),
        mated=int(labelled.mated.sum()),
        nonmated=int((~labelled.mated).sum()),
        prior=0.5,
        cllr=0.0,
        form=form,
    )
    llrs = made.llrs(labelled.values, labelled.side)
    cost = np.logaddexp(0, -llrs[labelled.mated]).mean() + np.logaddexp(0, llrs[~labelled.mated]).mean()
    content = json.dumps(replace(made, cllr=round(float(cost) / 2 / np.log(2), 4)).as_json(), indent=2, sort_keys=True)
    (SOURCE / "calibrations" / f"{name}.json").write_text(content + "\n", "utf-8")
    print(content)


def speaking(clips: Sequence[Clip]) -> Iterator[tuple[str, Clip, Score]]:
    """Films with their own sound; and a voice beside films of people who say nothing."""
    model = _facemesh()
    talking = [clip for clip in clips if clip.sound is not None]
    spans = [("own", clip, clip.start_s, clip.end_s) for count in COUNTS for clip in rows(talking, count)]
    spans += [("silent", *each) for each in silent(clips)]
    for kind, clip, start, end in spans:
        found = active_speaker.measure(clip.mouth, np.array([[start, end]]))
        yield kind, clip, active_speaker.score_of(found, model)


def _calibrate_speakers(clips: Sequence[Clip]) -> None:
    found = list(speaking(clips))
    mated = np.array([kind == "own" for kind, _, _ in found])
    labelled = LabelledScores(values=np.array([score.value for _, _, score in found]), mated=mated)
    people = {clip.person for _, clip, _ in found}
    _write("active-speaker", labelled, found[0][2], model=_facemesh(), people=people)
    shipped = Calibrations.load(SOURCE / "calibrations")
    table([(kind, score) for kind, _, score in found], lambda score: shipped.llr(score).value)


def report(clips: Sequence[Clip], *, brief: bool = False) -> None:
    """Tables of report people; brief: of two sentences in a row alone, as filmed."""
    shipped = Calibrations.load(SOURCE / "calibrations")
    directions = {name: Projection.shipped(name) for name in SIDES}
    rates: dict[str, Callable[[Clip], Clip]] = {
        "25 a second": lambda clip: clip,
        "15 a second": lambda clip: thinner(clip, np.arange(0.0, clip.mouth.times_s[-1], 1 / 15).tolist()),
        "10 a second": lambda clip: thinner(clip, np.arange(0.0, clip.mouth.times_s[-1], 1 / 10).tolist()),
        "uneven, 8 to 25": lambda clip: thinner(
            clip, np.cumsum(np.random.default_rng(0).uniform(0.04, 0.12, 200)).tolist()
        ),
    }
    for title, change in list(rates.items())[: 1 if brief else None]:
        changed = [change(clip) for clip in clips if clip.sound is not None]
        for name in SIDES:
            for count in COUNTS if title == "25 a second" and not brief else (2,):
                print(f"{name}, {title}, {count} in a row")
                found = [(trial, scored(trial, name, directions)) for trial in trials(rows(changed, count))]
                table([(t.kind, s) for t, s in found if s is not None], lambda score: shipped.llr(score).value)
    print("active speaker")
    table([(kind, score) for kind, _, score in speaking(clips)], lambda score: shipped.llr(score).value)


def table(pairs: Sequence[tuple[str, Score]], llr: Callable[[Score], float]) -> None:
    """Bona fide refused at 0, and attacks refused at 0 and where 5 % of the bona fide are refused."""
    values = defaultdict[str, list[float]](list)
    for kind, score in pairs:
        values[kind].append(llr(score))
    threshold = float(np.quantile(values["own"], 0.05))
    print(f"5 % of {len(values['own'])} bona fide are refused below {threshold:.2f}")
    for kind, llrs in values.items():
        counts = [int((np.array(llrs) < level).sum()) for level in (0.0, threshold)]
        low, high = (100 * end for end in clopper_pearson(counts[1], len(llrs)))
        share = f"{100 * counts[1] / len(llrs):.1f} % ({low:.1f} to {high:.1f})"
        print(f"| {kind} | {len(llrs)} | {counts[0]} | {counts[1]} | {share} | median {np.median(llrs):.1f} |")


def _people(pairs: Sequence[tuple[Trial, Score]]) -> set[str]:
    return {trial.film.person for trial, _ in pairs}


def _pictures(name: str, clip: Clip) -> Pictures:
    return check.shapes(clip.mouth) if name == "mouth" else check.beside(clip.mouth, clip.looks)


def _sound(clip: Clip) -> Sound:
    if clip.sound is None:
        raise ValueError(f"{clip.name} has no sound")
    return clip.sound


def _facemesh() -> ModelRef:
    return Runtime(ModelStore.default()).model("facemesh").ref


def main(arguments: Sequence[str]) -> None:
    """See the module."""
    match arguments:
        case ["watch", side, target, *condition]:
            watch(Side(side), PATTERNS, Path(target), *condition)
        case ["fit", source]:
            fit(pickle.loads(Path(source).read_bytes()))  # noqa: S301 - our own file
        case ["report", source, *brief]:
            report(pickle.loads(Path(source).read_bytes()), brief=bool(brief))  # noqa: S301
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
