"""Fit the lips check and the active speaker check on develop people, or say how they do on report people.

    python scripts/fit_lips.py watch develop SEEN.pkl       looks at the clips, slow
    python scripts/fit_lips.py fit SEEN.pkl                 writes projections and calibrations
    python scripts/fit_lips.py watch report OTHER.pkl       likewise; or ... OTHER.pkl noise, ... OTHER.pkl recoded
    python scripts/fit_lips.py report OTHER.pkl             prints tables for docs/liveness.md; ... brief, fewer

Calibrations are fitted on what directions fitted on three quarters of the sentences give on the last quarter; the directions
that ship are fitted on all. Files are made and read on one machine, and are never shipped.
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
from lips_directions import DATA, projection, sound_in
from lips_trials import NOISES, SILENT, Clip, Trial, rows, silent, thinner, trials, watch

from countersign.core.biometrics import ModelRef
from countersign.core.evidence import Score
from countersign.evaluation.intervals import clopper_pearson
from countersign.evaluation.metrics import cllr
from countersign.evaluation.people import Side
from countersign.liveness.head_path import Span
from countersign.liveness.lips import active_speaker, check
from countersign.liveness.lips.agreement import Pictures, Projection
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
_FAR = ("far", "far_mean", "far_deviation")
SIDES = {"mouth": _FAR, "mouth-and-looks": (*_FAR, "mouth_near", *(f"mouth_{key}" for key in _FAR))}
SUFFIXES = ("", check.IN_NOISE)
FOLDS = 4
CALIBRATION_RIDGE = 1e-3
COUNTS = (1, 2, 3)
EVERY = 99
"""More foreign sounds than there are, where all are tried."""
FAINT = "hiss 25"
"""What a quiet room may have."""


def fit(clips: Sequence[Clip]) -> None:
    """Fit everything and write it."""
    _calibrate_speakers(clips)
    clips = [clip for clip in clips if clip.sound is not None]
    for suffix in SUFFIXES:
        final = {name: projection(name + suffix, fitted_on(clips, suffix)) for name in SIDES}
        for name, made in final.items():
            (SOURCE / "lips" / f"{name}{suffix}.json").write_text(made, "utf-8")
        for name in SIDES:
            pairs = list(_crosswise(clips, name, suffix))
            _calibrate(pairs, name, suffix, Projection.from_json(final[name]).ref)


def fitted_on(clips: Sequence[Clip], suffix: str) -> list[Clip]:
    """The clips as recorded; and in noise, as far as it counts as such, or not."""
    noisy = [clip.under(noise) for clip in clips for noise in (NOISES if suffix else [FAINT])]
    return [*clips, *(clip for clip in noisy if sound_in(clip).noisy is bool(suffix))]


def _crosswise(clips: Sequence[Clip], name: str, suffix: str) -> Iterator[tuple[Trial, Score]]:
    """Trials of each quarter of the sentences, with directions fitted on the others."""
    for fold in range(FOLDS):
        others = [clip for k, clip in enumerate(clips) if k % FOLDS != fold]
        directions = {key: Projection.from_json(projection(key, fitted_on(others, suffix))) for key in {"mouth", name}}
        for heard in _as_heard(clips, suffix):
            mine = [clip for k, clip in enumerate(heard) if k % FOLDS == fold]
            for count in COUNTS:
                for trial in trials(rows(mine, count), rows(heard, count)):
                    score = scored(trial, name, directions) if sound_in(trial.heard).noisy is bool(suffix) else None
                    if score is not None:
                        yield trial, score


def _as_heard(clips: Sequence[Clip], suffix: str) -> Iterator[Sequence[Clip]]:
    if not suffix:
        yield clips
    for noise in NOISES if suffix else [FAINT]:
        yield [clip.under(noise) for clip in clips]


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
    sound = sound_in(trial.heard)
    moved = replace(sound, times_s=sound.times_s + trial.delay_s)
    start, end = trial.heard.start_s + trial.delay_s, trial.heard.end_s + trial.delay_s
    # What would come before the film, or after it, is not in the recording.
    last = min(float(moved.times_s[-1]), float(trial.film.mouth.times_s[-1]) + 0.1)
    kept = (moved.times_s >= 0.0) & (moved.times_s <= last)
    moved = replace(moved, times_s=moved.times_s[kept], measures=moved.measures[kept])
    return moved, Span(start_s=max(start, 0.0), end_s=min(end, last))


def _calibrate(pairs: Sequence[tuple[Trial, Score]], name: str, suffix: str, model: ModelRef) -> None:
    mated = np.array([trial.kind == "own" for trial, _ in pairs])
    labelled = LabelledScores(
        values=np.array([score.value for _, score in pairs]),
        mated=mated,
        side={key: np.array([score.side[key] for _, score in pairs]) for key in SIDES[name]},
    )
    _write(f"lips-{name}{suffix}", labelled, pairs[0][1], model=model, people=_people(pairs), side=SIDES[name])
    made = Calibrations.load(SOURCE / "calibrations").find(replace(pairs[0][1], model=model))
    print(name + suffix, "crosswise, develop people")
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
    cost = cllr(llrs[labelled.mated], llrs[~labelled.mated])
    content = json.dumps(replace(made, cllr=round(cost, 4)).as_json(), indent=2, sort_keys=True)
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
    directions = {suffix: {name: Projection.shipped(name + suffix) for name in SIDES} for suffix in SUFFIXES}
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
                found = [
                    (trial, scored(trial, name, directions[check.IN_NOISE if sound_in(trial.heard).noisy else ""]))
                    for trial in trials(rows(changed, count), foreign=EVERY)
                ]
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
