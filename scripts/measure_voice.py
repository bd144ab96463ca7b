"""Measure voice comparison on the sample people, none of whom the back-end of a comparison has seen.

    python scripts/measure_voice.py develop            or: report, all
    python scripts/measure_voice.py all --clones       cloned voices as well

Every trial is scored with the two speakers left out of the cohort (the comparator does that for recordings it knows), so
the figures are cross-fitted over pairs of people. References and probes are drawn many times over; the intervals are over
people, which is what there is little of.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from train_voice_backend import pieces, utterances

from countersign.core.acquisition import FailureToAcquire
from countersign.core.arrays import Float64Array
from countersign.core.biometrics import VoiceSample
from countersign.core.samples import SAMPLE_RATE_HZ, AudioClip
from countersign.evaluation.bootstrap import SubjectScores, error_intervals
from countersign.evaluation.metrics import ErrorCurve, min_cllr
from countersign.evaluation.people import Side, side_of
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.scoring.compare_voice import PreparedVoice, VoiceComparator
from countersign.voice.path import VoicePath

REFERENCES = 5
DRAWS = 10
READ_S = 6.0
PHRASE_S = (2.0, 4.4)
FMRS = (1e-2, 1e-3)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Item:
    """One recording.

    Attributes:
        source: the file it was cut from; reference and probe never share one.
        may_probe: whether its length is within what is asked of probes.
    """

    speaker: str
    source: str
    may_probe: bool
    sample: VoiceSample


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """Comparison scores and whose they are: `float64[n]` and numbers of speakers, `int64[n]` each."""

    scores: Float64Array
    reference: NDArray[np.int64]
    probe: NDArray[np.int64]

    @property
    def mated(self) -> Float64Array:
        """Scores of one person with themselves."""
        return np.asarray(self.scores[self.reference == self.probe])

    @property
    def nonmated(self) -> Float64Array:
        """Scores of two people."""
        return np.asarray(self.scores[self.reference != self.probe])


def read_pieces(spoken: AudioClip) -> Iterator[AudioClip]:
    """Six seconds at a time; what is left over is not used."""
    length = int(READ_S * SAMPLE_RATE_HZ)
    whole = len(spoken.samples) // length * length
    if whole:
        yield from pieces(spoken.samples[:whole], READ_S)


def collect(path: VoicePath, name: str, sides: Sequence[Side], *, read: bool, folder: str = "") -> list[Item]:
    """Items of a set's speakers on the given sides; failures to acquire are printed."""
    found: list[Item] = []
    for spoken in utterances(name, folder):
        if side_of(spoken.speaker) not in sides or spoken.audio.duration_s < 1.4:
            continue
        for clip in read_pieces(spoken.audio) if read else [spoken.audio]:
            sample = path.extract(clip)
            if isinstance(sample, FailureToAcquire):
                print(f"  {spoken.name}: {sample.reason}, {sample.detail}")
            else:
                fits = read or PHRASE_S[0] <= clip.duration_s <= PHRASE_S[1]
                found.append(Item(speaker=spoken.speaker, source=spoken.name, may_probe=fits, sample=sample))
    return found


def draw(items: Sequence[Item], rng: np.random.Generator) -> tuple[Item, ...]:
    """One person's references: from different files as far as there are enough, never all files."""
    order = [items[i] for i in rng.permutation(len(items))]
    sources = list(dict.fromkeys(item.source for item in order))
    allowed = set(sources[: max(1, len(sources) - 1)])
    first = {item.source: item for item in reversed(order) if item.source in allowed}
    chosen = list(first.values())
    chosen += [item for item in order if item.source in allowed and item not in chosen]
    return tuple(chosen[:REFERENCES])


def compare_all(comparator: VoiceComparator, items: Sequence[Item], *, seed: int = 1) -> Trials:
    """Every probe against drawn references of every speaker."""
    rng = np.random.default_rng(seed)
    speakers = sorted({item.speaker for item in items})
    by_speaker = {speaker: [item for item in items if item.speaker == speaker] for speaker in speakers}
    probes: dict[str, list[tuple[str, PreparedVoice]]] = {
        speaker: [(item.source, comparator.prepare((item.sample,))) for item in own if item.may_probe]
        for speaker, own in by_speaker.items()
    }
    rows: list[tuple[float, int, int]] = []
    for r, owner in enumerate(speakers):
        for _ in range(DRAWS):
            chosen = draw(by_speaker[owner], rng)
            if len(chosen) < REFERENCES:
                continue
            used = {item.source for item in chosen}
            reference = comparator.prepare(tuple(item.sample for item in chosen))
            for p, speaker in enumerate(speakers):
                for source, probe in probes[speaker]:
                    if source not in used:
                        rows.append((comparator.compare_prepared(probe, reference).value, r, p))
    table = np.array(rows)
    return Trials(scores=table[:, 0], reference=table[:, 1].astype(np.int64), probe=table[:, 2].astype(np.int64))


def describe(name: str, trials: Trials) -> None:
    """Print one row of the table."""
    curve = ErrorCurve.of(trials.mated, trials.nonmated)
    mated = trials.reference == trials.probe
    scores = SubjectScores(
        mated=trials.mated,
        mated_subject=trials.probe[mated],
        nonmated=trials.nonmated,
        probe_subject=trials.probe[~mated],
        reference_subject=trials.reference[~mated],
        subjects=int(max(trials.reference.max(), trials.probe.max())) + 1,
    )
    intervals = error_intervals(scores, FMRS)
    fnmrs = [f"{100 * curve.fnmr[curve.at_fmr(fmr)]:.1f}" for fmr in FMRS]
    spans = [f"{100 * low:.1f}-{100 * high:.1f}" for low, high in (intervals.eer, *intervals.fnmr)]
    distance = (trials.mated.mean() - trials.nonmated.mean()) / np.sqrt(
        (trials.mated.var() + trials.nonmated.var()) / 2.0
    )
    print(
        f"| {name} | {scores.subjects} | {len(trials.mated):,} | {len(trials.nonmated):,} | {100 * curve.eer():.2f} "
        f"({spans[0]}) | {fnmrs[0]} ({spans[1]}) | {fnmrs[1]} ({spans[2]}) "
        f"| {min_cllr(trials.mated, trials.nonmated):.3f} | {distance:.2f} |"
    )


def clones(path: VoicePath, comparator: VoiceComparator, threshold: float) -> None:
    """Cloned voices of four people against the bona fide recordings of these people."""
    enrolled: dict[str, list[VoiceSample]] = {}
    for spoken in utterances("spoof-yourtts", "bonafide/"):
        sample = path.extract(spoken.audio)
        if not isinstance(sample, FailureToAcquire):
            enrolled.setdefault(spoken.speaker, []).append(sample)
    accepted: dict[str, list[bool]] = {}
    for kind in ("spoof-tts/", "spoof-vc/"):
        for spoken in utterances("spoof-yourtts", kind):
            sample = path.extract(spoken.audio)
            if not isinstance(sample, FailureToAcquire):
                reference = comparator.prepare(tuple(enrolled[spoken.name.split("/")[2]][:REFERENCES]))
                score = comparator.compare_prepared(comparator.prepare((sample,)), reference)
                accepted.setdefault(kind, []).append(score.value >= threshold)
    for kind, verdicts in accepted.items():
        print(f"  clones {kind} {sum(verdicts)} of {len(verdicts)} accepted at {threshold:.3f}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Voice comparison on the sample people, cross-fitted.")
    parser.add_argument("side", choices=["develop", "report", "all"])
    parser.add_argument("--clones", action="store_true")
    arguments = parser.parse_args()
    sides = list(Side) if arguments.side == "all" else [Side(arguments.side)]
    path = VoicePath.load(Runtime(ModelStore.default()))
    for name, read in (("librispeech-resemblyzer", True), ("an4", False)):
        items = collect(path, name, sides, read=read)
        for comparator in (VoiceComparator.simple(), VoiceComparator.default()):
            trials = compare_all(comparator, items)
            describe(f"{name}, {comparator.name}", trials)
            if arguments.clones:
                curve = ErrorCurve.of(trials.mated, trials.nonmated)
                clones(path, comparator, curve.finite_threshold(curve.at_fmr(1e-3)))


if __name__ == "__main__":
    main()
