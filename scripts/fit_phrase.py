"""Fit the phrase check's calibrations on develop people, or say how it does on report people.

    python scripts/fit_phrase.py listen develop clean HEARD.pkl     what the recogniser hears, slow
    python scripts/fit_phrase.py fit HEARD.pkl                      writes src/countersign/liveness/calibrations
    python scripts/fit_phrase.py listen report clean OTHER.pkl
    python scripts/fit_phrase.py listen report telephone,noise THIRD.pkl mated other
    python scripts/fit_phrase.py report OTHER.pkl THIRD.pkl                   prints tables for docs/phrase.md

Files are made and read on one machine, and are never shipped.
"""

from __future__ import annotations

import csv
import json
import os
import pickle
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from phrase_trials import LETTERS, Trial, Utterance, no_speech, sound, trials, utterances

from countersign.core.evidence import NotAssessed, Score
from countersign.evaluation.intervals import clopper_pearson
from countersign.evaluation.metrics import cllr
from countersign.evaluation.people import Side
from countersign.liveness.acoustics.model import AcousticModel
from countersign.liveness.acoustics.recogniser import HeardPhrase, Recogniser
from countersign.liveness.challenge import Mode
from countersign.liveness.phrase import with_words
from countersign.liveness.phrase_score import all_comparator, each_comparator, phrase_score, word_score
from countersign.liveness.word_list import WordList
from countersign.scoring.calibrate import Calibration, Calibrations
from countersign.scoring.fit import LabelledScores, fit_logistic

ROOT = Path(__file__).parent.parent
SAMPLES = Path(os.environ.get("COUNTERSIGN_SAMPLES", ROOT / ".." / "shared" / "data"))
TARGET = ROOT / "src" / "countersign" / "liveness" / "calibrations"
DATA = "AN4 (digits, words) and GRID, develop people"
FITTED = ("mated", "other", "list", "pin", "shuffled", "swapped")
RIDGE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A trial and what was heard; None where the recording is too short for the words."""

    condition: str
    utterance: Utterance
    trial: Trial
    heard: HeardPhrase | None


def listen(side: Side, conditions: Sequence[str], target: Path, kinds: Sequence[str] = ()) -> None:
    """Put every trial to every recording, or trials of some kinds to recordings of known text."""
    found, sounds = list[Judged](), list[tuple[str, Utterance, NDArray[np.float32]]]()
    for condition in conditions:
        for each in utterances(SAMPLES, side):
            if not kinds or each.kind not in {"reading", "letters"}:
                sounds.append((condition, each, sound(each, condition, SAMPLES)))
    if side is Side.REPORT and not kinds:
        for name, samples in no_speech(SAMPLES).items():
            nobody = Utterance(person=name, kind="no speech", words=(), files=(Path(name),))
            sounds.append(("clean", nobody, samples))
    words, digits, model = WordList.words(), WordList.digits(), AcousticModel.english()
    by_digit = {True: Recogniser(model, digits.known), False: Recogniser(model, {**words.known, **digits.known})}
    rows = csv.DictReader((SAMPLES / "voice" / "an4" / "index.csv").open(encoding="utf-8"))
    spoken = sorted({word for row in rows for word in row["text"].lower().split()} - set(LETTERS))
    for condition, utterance, samples in sounds:
        for trial in trials(utterance, words, digits, spoken):
            recogniser = with_words(by_digit[trial.digits], trial.words)
            if isinstance(recogniser, NotAssessed) or (kinds and trial.kind not in kinds):
                continue
            enough = len(samples) >= recogniser.least_samples(trial.words)
            heard = recogniser.examine(samples, trial.words) if enough else None
            found.append(Judged(condition=condition, utterance=utterance, trial=trial, heard=heard))
    target.write_bytes(pickle.dumps(found))


def fit(found: Sequence[Judged]) -> None:
    """Fit the calibrations, and say what holding people out in turn gives."""
    TARGET.mkdir(exist_ok=True)
    people = sorted({each.utterance.person for each in found})
    for mode in Mode:
        final, held_out = _fit(found, mode), defaultdict[str, list[tuple[float, bool]]](list)
        for person in people:
            others = _fit([each for each in found if each.utterance.person != person], mode)
            mine = [each for each in found if each.utterance.person == person]
            for comparator, calibration in others.items():
                scores = _scores(mine, mode, comparator, Calibrations(members=tuple(others.values())))
                held_out[comparator].extend((calibration.llr(score).value, mated) for score, mated in scores)
        for comparator, calibration in final.items():
            mated = np.array([llr for llr, truth in held_out[comparator] if truth])
            nonmated = np.array([llr for llr, truth in held_out[comparator] if not truth])
            text = json.dumps(
                replace(calibration, cllr=round(cllr(mated, nonmated), 4)).as_json(), indent=2, sort_keys=True
            )
            (TARGET / f"{calibration.name}.json").write_text(text + "\n", "utf-8")
            print(text, "\nheld out: mated from", np.sort(mated)[:6], "non-mated up to", np.sort(nonmated)[-6:])


def _fit(found: Sequence[Judged], mode: Mode) -> dict[str, Calibration]:
    """First words, then phrases on the calibrated words."""
    made: dict[str, Calibration] = {}
    for comparator, name in ((each_comparator(mode), f"{mode}-each"), (all_comparator(mode), f"{mode}-all")):
        pairs = _scores(found, mode, comparator, Calibrations(members=tuple(made.values())))
        scores = [score for score, _ in pairs]
        side = {key: np.array([score.side[key] for score in scores]) for key in scores[0].side}
        values, mated = np.array([score.value for score in scores]), np.array([truth for _, truth in pairs])
        labelled = LabelledScores(values=values, mated=mated, side=side)
        made[comparator] = Calibration(
            name=f"phrase-{name}",
            modality=scores[0].modality,
            comparator=comparator,
            model=scores[0].model,
            data=DATA,
            date=datetime.now(UTC).date().isoformat(),
            people=len({each.utterance.person for each in found if _counts(each, mode)}),
            mated=int(mated.sum()),
            nonmated=int((~mated).sum()),
            prior=0.5,
            cllr=0.0,
            form=fit_logistic(labelled, side=tuple(side), interact=False, ridge=RIDGE),
        )
    return made


def _counts(each: Judged, mode: Mode) -> bool:
    """Whether a trial is fitted on. Words that sound almost the same never stand for one another on our own list."""
    kinds = (*FITTED, "replaced") if mode is Mode.DIGITS else (*FITTED, "foreign")
    here = each.trial.digits == (mode is Mode.DIGITS) and each.utterance.kind != "letters"
    return here and each.heard is not None and each.trial.kind in kinds


def _scores(found: Sequence[Judged], mode: Mode, comparator: str, words: Calibrations) -> list[tuple[Score, bool]]:
    """Scores and the truth, of single words or of phrases."""
    model, pairs = AcousticModel.english().ref, list[tuple[Score, bool]]()
    for each in found:
        if each.heard is None or not _counts(each, mode):
            continue
        said, mated = each.utterance.words, each.trial.kind == "mated"
        scores = [word_score(word, mode=mode, model=model) for word in each.heard.words]
        if comparator == all_comparator(mode):
            llrs = [words.llr(score).value for score in scores]
            pairs.append((phrase_score(each.heard, llrs, mode=mode, model=model), mated))
            continue
        for word, score in zip(each.heard.words, scores, strict=True):
            # A spelled letter is no word; and a right word among wrong ones may well have been found.
            if word.word not in LETTERS and (mated or word.word not in said):
                pairs.append((score, mated))
    return pairs


def report(found: Sequence[Judged]) -> None:
    """Rates of acceptance at several thresholds, by kind of recording and of trial."""
    shipped, model = Calibrations.load(TARGET), AcousticModel.english().ref
    table = defaultdict[tuple[str, str, str, str], list[float]](list)
    for each in found:
        llr = -np.inf  # too short a recording is not accepted
        mode = Mode.DIGITS if each.trial.digits else Mode.WORDS
        if each.heard is not None:
            llrs = [shipped.llr(word_score(word, mode=mode, model=model)).value for word in each.heard.words]
            llr = shipped.llr(phrase_score(each.heard, llrs, mode=mode, model=model)).value
        table[each.condition, each.utterance.kind, mode, each.trial.kind].append(llr)
    print(
        "| condition | recording | mode | asked | n | LLR >= 0 | LLR >= 1 | LLR >= 2 | 95 % at 0 | lowest | highest |"
    )
    for row, values in sorted(table.items()):
        llrs = np.array(values)
        counts = [int((llrs >= threshold).sum()) for threshold in (0, 1, 2)]
        low, high = (100 * end for end in clopper_pearson(counts[0], len(llrs)))
        rates = " | ".join(f"{count} ({100 * count / len(llrs):.1f} %)" for count in counts)
        ends = f"{llrs.min():.1f} | {llrs.max():.1f}"
        print(f"| {' | '.join(row)} | {len(llrs)} | {rates} | {low:.2f} to {high:.2f} % | {ends} |")


def main(arguments: Sequence[str]) -> None:
    """See the module."""
    match arguments:
        case ["listen", side, conditions, target, *kinds]:
            listen(Side(side), conditions.split(","), Path(target), kinds)
        case ["fit", source]:
            fit(pickle.loads(Path(source).read_bytes()))  # noqa: S301 - our own file
        case ["report", *sources]:
            report([each for source in sources for each in pickle.loads(Path(source).read_bytes())])  # noqa: S301
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
