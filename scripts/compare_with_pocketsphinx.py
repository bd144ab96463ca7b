"""What pocketsphinx's own decoder makes of the phrase check's trials, beside our own search over the same acoustic model.

    python scripts/compare_with_pocketsphinx.py [PEOPLE]      develop people, so many of them; prints a table

Three ways to ask it:

- slots: a grammar with one place for each asked word, each of which takes any word of the list or the asked one. The score
  is the share of places in which the asked word comes out.
- aligned: the asked words are aligned by force; the score is that of the word that fits worst, nats a frame against the best
  state of all in every frame.
- both: the two added, each divided by its spread.
"""

from __future__ import annotations

import csv
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import numpy as np
from fit_phrase import SAMPLES
from numpy.typing import NDArray
from phrase_trials import LETTERS, Trial, Utterance, sound, trials, utterances
from pocketsphinx import Config, Decoder

from countersign.core.evidence import NotAssessed
from countersign.core.samples import AudioClip
from countersign.evaluation.people import Side
from countersign.liveness.challenge import ChallengeRules
from countersign.liveness.phrase import PhraseCheck
from countersign.liveness.word_list import WordList

NOWHERE = -20.0
"""The score of words that cannot be placed at all."""

KINDS = ("mated", "foreign", "swapped", "shuffled", "other", "list")


def asked_of(utterance: Utterance, words: WordList, digits: WordList, spoken: Sequence[str]) -> list[Trial]:
    """The first trial of every kind, asked as words."""
    first: dict[str, Trial] = {}
    for trial in trials(utterance, words, digits, spoken):
        if trial.kind in KINDS and (not trial.digits or utterance.kind == "digits"):
            first.setdefault(trial.kind, trial)
    return list(first.values())


class Sphinx:
    """pocketsphinx's decoder with its own English model and dictionary.

    Args:
        decoys: words that may come out in the place of an asked one.
    """

    def __init__(self, decoys: Sequence[str]) -> None:
        self.decoys = decoys
        self.searcher = Decoder(Config(lm=None, loglevel="FATAL", fillprob=1e-4))
        # All states are scored, so that scores are relative to the best of all; beams so wide that wrong words align as well.
        wide = {"beam": 1e-120, "pbeam": 1e-120, "wbeam": 1e-120}
        self.aligner = Decoder(Config(lm=None, loglevel="FATAL", fillprob=1e-4, compallsen=True, **wide))

    def slots(self, samples: NDArray[np.float32], asked: Sequence[str]) -> float:
        """Share of the asked words that come out in their places."""
        either = [" | ".join(sorted({word, *self.decoys})) for word in asked]
        grammar = (
            "#JSGF V1.0; grammar challenge; public <phrase> = " + " ".join(f"( {each} )" for each in either) + " ;"
        )
        self.searcher.add_jsgf_string("challenge", grammar)
        self.searcher.activate_search("challenge")
        run(self.searcher, samples)
        found = self.searcher.hyp()
        heard = found.hypstr.split() if found is not None else []
        return sum(one == other for one, other in zip(asked, heard, strict=False)) / len(asked)

    def aligned(self, samples: NDArray[np.float32], asked: Sequence[str]) -> float:
        """Nats a frame by which the worst of the asked words, aligned by force, fits; `NOWHERE` where they do not."""
        try:
            self.aligner.set_align_text(" ".join(asked))
            run(self.aligner, samples)
        except RuntimeError:
            return NOWHERE
        fits = [
            np.log(max(segment.ascore, 1e-300)) / (segment.end_frame - segment.start_frame + 1)
            for segment in self.aligner.seg() or ()
            if segment.word.partition("(")[0] in asked
        ]
        return min(fits, default=NOWHERE)


def run(decoder: Decoder, samples: NDArray[np.float32]) -> None:
    """One utterance through the search that is set."""
    decoder.start_utt()
    decoder.process_raw((np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes(), full_utt=True)
    decoder.end_utt()


def ours(check: PhraseCheck, samples: NDArray[np.float32], asked: Sequence[str]) -> float:
    """The log-likelihood ratio of our own check; `NOWHERE` where the recording is too short for the words."""
    drawn = ChallengeRules().draw(WordList.words(), source=secrets, now=datetime.now(UTC))
    found = check.check(AudioClip(samples=samples), replace(drawn, words=tuple(asked)))
    return NOWHERE if isinstance(found, NotAssessed) else found.llr.value


def main(most: int) -> None:
    """See the module."""
    words, digits, check = WordList.words(), WordList.digits(), PhraseCheck.load()
    rows = csv.DictReader((SAMPLES / "voice" / "an4" / "index.csv").open(encoding="utf-8"))
    spoken = sorted({word for row in rows for word in row["text"].lower().split()} - set(LETTERS))
    sphinx = Sphinx([*words, *digits])
    ways = {"ours": partial(ours, check), "slots": sphinx.slots, "aligned": sphinx.aligned}
    said = [each for each in utterances(SAMPLES, Side.DEVELOP) if each.kind in {"words", "joined", "digits"}]
    people = sorted({each.person for each in said})[:most]
    scores, kinds, took = {way: list[float]() for way in ways}, list[str](), dict.fromkeys(ways, 0.0)
    for each in (each for each in said if each.person in people):
        samples = sound(each, "clean", SAMPLES)
        for trial in asked_of(each, words, digits, spoken):
            kinds.append(trial.kind)
            for way, ask in ways.items():
                started = time.perf_counter()
                scores[way].append(ask(samples, trial.words))
                took[way] += time.perf_counter() - started
    table(kinds, {way: np.array(values) for way, values in scores.items()}, took)


def table(kinds: Sequence[str], scores: dict[str, NDArray[np.float64]], took: dict[str, float]) -> None:
    """Wrong phrases accepted where at most one mated reading in fifty is refused, and the time of a trial."""
    kind = np.array(kinds)
    counts = {each: int((kind == each).sum()) for each in KINDS}
    slots, aligned = scores["slots"], scores["aligned"]
    scores["both"] = slots / slots.std() + aligned / aligned.std()
    print(
        "| way | mated at or above | "
        + " | ".join(f"{each} of {counts[each]}" for each in KINDS[1:])
        + " | s a trial |"
    )
    for way, values in scores.items():
        mated = np.sort(values[kind == "mated"])
        threshold = mated[len(mated) // 50]
        passed = [int((values[kind == each] >= threshold).sum()) for each in KINDS[1:]]
        seconds = f"{took[way] / len(kinds):.2f}" if way in took else ""
        kept = f"{int((mated >= threshold).sum())} of {len(mated)}"
        print(f"| {way} | {kept} ({threshold:.2f}) | " + " | ".join(map(str, passed)) + f" | {seconds} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
