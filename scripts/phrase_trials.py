"""Recordings of known text, and what to ask of them: the trials behind the phrase check's figures.

Texts: AN4 (US English, read over a close microphone: digits, words, spelling) and GRID (British English, quick sentences of a
fixed grammar; those with the letter "z" are left out, which its speakers call "zed" and the dictionary does not). LibriSpeech
comes without text here and serves as speech of other words. No set has our own words in it.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sample_sounds import read_sound
from scipy.signal import butter, sosfilt
from soxr import resample

from countersign.core.samples import SAMPLE_RATE_HZ
from countersign.evaluation.people import Side, side_of
from countersign.liveness.word_list import WordList

DIGITS = ["zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
LETTERS = list("abcdefghijklmnopqrstuvwxyz")
GRID_WORDS = [
    "bin",
    "lay",
    "place",
    "set",
    "blue",
    "green",
    "red",
    "white",
    "at",
    "by",
    "in",
    "with",
    "again",
    "now",
    "please",
    "soon",
]
GRID_PEOPLE = {"lwbsza": "s4", "swiz3n": "s26", "pwij3p": "s2", "id2_vcd_swwp2s": "s2"}
CONDITIONS = ("clean", "turn", "telephone", "+12 dB", "-12 dB", "noise")
TURN_S = 4.0
"""Seconds of a login in which the head is turned and nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """A recording, or several of one person one after another.

    Attributes:
        person: as the data set spells it.
        kind: "digits", "words", "joined", "mixed", "letters", "sentences" or "reading".
        words: what was said; empty where that is not known.
        files: to be joined.
    """

    person: str
    kind: str
    words: tuple[str, ...]
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One question to one recording.

    Attributes:
        kind: "mated": what was said. "other": other words of the same vocabulary. "list", "pin": challenges as they are
            drawn. "drawn": more like "list", to be counted and never fitted on. "shuffled", "swapped": the same words in
            another order, or two neighbours exchanged. "foreign": one word replaced by one of the list. "replaced": by
            one of the same vocabulary, which may sound much the same ("eighth" for "eight").
        digits: whether it is asked as a challenge of digits.
    """

    kind: str
    digits: bool
    words: tuple[str, ...]


def utterances(samples: Path, side: Side) -> list[Utterance]:
    """All recordings of one side's people."""
    return [each for each in (*_an4(samples), *_grid(samples), *_librispeech(samples)) if side_of(each.person) is side]


def trials(utterance: Utterance, words: WordList, digits: WordList, spoken: Sequence[str]) -> Iterator[Trial]:
    """What is asked of a recording; `spoken` are the words of AN4. The same every time."""
    rng, said = _random(utterance.files), utterance.words
    for count in (4, 5, 6):
        yield Trial(kind="list", digits=False, words=_pick(rng, tuple(words), count, replace=False))
    yield from _drawn(utterance, words)
    for _ in range(3):
        yield Trial(kind="pin", digits=True, words=_pick(rng, tuple(digits), 6))
    if not said:
        for _ in range(6):
            yield Trial(kind="other", digits=False, words=_pick(rng, spoken, 5))
        return
    by_digit = utterance.kind == "digits"
    vocabulary = {
        "digits": DIGITS,
        "letters": LETTERS,
        "mixed": [*LETTERS, *spoken],
        "sentences": [*GRID_WORDS, *DIGITS[2:], *LETTERS],
    }.get(utterance.kind, list(spoken))
    asked = [("mated", said)]
    asked += [("other", _pick(rng, vocabulary, len(said))) for _ in range(6)]
    asked += [("shuffled", tuple(said[k] for k in rng.permutation(len(said)))) for _ in range(3)]
    k = int(rng.integers(len(said) - 1))
    asked.append(("swapped", (*said[:k], said[k + 1], said[k], *said[k + 2 :])))
    for k, word in enumerate(said):
        other = _pick(rng, [each for each in vocabulary if each != word], 1)
        asked.append(("replaced", (*said[:k], *other, *said[k + 1 :])))
    for kind, each in asked:
        if kind == "mated" or each != said:
            yield Trial(kind=kind, digits=by_digit, words=each)
    if by_digit:
        yield Trial(kind="mated", digits=False, words=said)
    for k in range(len(said)):
        yield Trial(kind="foreign", digits=False, words=(*said[:k], *_pick(rng, tuple(words), 1), *said[k + 1 :]))


def _drawn(utterance: Utterance, words: WordList) -> Iterator[Trial]:
    """Two more challenges of each length. Draws of their own, so that the other trials stay what they were."""
    rng = _random(f"more {utterance.person} {' '.join(file.name for file in utterance.files)}")
    for count in (4, 5, 6, 4, 5, 6):
        yield Trial(kind="drawn", digits=False, words=_pick(rng, tuple(words), count, replace=False))


def sound(utterance: Utterance, condition: str, samples: Path) -> NDArray[np.float32]:
    """`float32[n]` at 16 kHz, under one of `CONDITIONS`."""
    clean = np.concatenate([read_sound(file) for file in utterance.files])
    if not utterance.words:  # a reading is long; a challenge's answer is not
        clean = clean[: int(SAMPLE_RATE_HZ * _random(utterance.files).uniform(3.0, 7.0))]
    if condition == "telephone":
        narrow = sosfilt(butter(4, 300, "high", fs=8000, output="sos"), resample(clean, SAMPLE_RATE_HZ, 8000))
        return np.asarray(resample(_mu_law(narrow).astype(np.float32), 8000, SAMPLE_RATE_HZ), np.float32)
    if condition == "turn":
        return _with_turn(clean, _random(utterance.files))
    if condition.endswith("dB"):
        return np.clip(clean * 10 ** (float(condition.split(maxsplit=1)[0]) / 20), -1.0, 1.0).astype(np.float32)
    if condition == "noise":
        rng, noises = _random(utterance.files), _noises(samples)
        noise = np.resize(read_sound(noises[int(rng.integers(len(noises)))]), len(clean))
        frames = np.sort((clean[: len(clean) // 160 * 160].reshape(-1, 160) ** 2).mean(axis=1))
        wanted = frames[len(frames) // 2 :].mean() / 10 ** (15 / 10)
        return (clean + noise * np.sqrt(wanted / max(float((noise**2).mean()), 1e-12))).astype(np.float32)
    return clean


def _with_turn(clean: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Quiet before or after the words, with a hiss 35 to 60 dB below the loudest throughout."""
    quiet = round(TURN_S * SAMPLE_RATE_HZ)
    whole = np.pad(clean, (quiet, 0) if rng.integers(2) else (0, quiet))
    level = float(np.quantile(np.abs(clean), 0.99)) * 10 ** (-rng.uniform(35, 60) / 20)
    return (whole + rng.normal(0.0, level, len(whole))).astype(np.float32)


def no_speech(samples: Path) -> dict[str, NDArray[np.float32]]:
    """Five seconds each of what is no speech: the noises, silence, hiss, a hum and a chord."""
    count = 5 * SAMPLE_RATE_HZ
    time = np.arange(count) / SAMPLE_RATE_HZ
    chord = sum(np.sin(2 * np.pi * hz * (1 + np.floor(2 * time) / 8) * time) for hz in (220.0, 277.2, 329.6))
    sounds = {str(file.relative_to(samples)): np.resize(read_sound(file), count) for file in _noises(samples)}
    sounds["silence"] = np.zeros(count, np.float32)
    sounds["hiss"] = np.random.default_rng(0).normal(0.0, 0.05, count).astype(np.float32)
    sounds["hum"] = (0.3 * np.sin(2 * np.pi * 50 * time)).astype(np.float32)
    sounds["chord"] = (0.1 * chord).astype(np.float32)
    return sounds


def _an4(samples: Path) -> Iterator[Utterance]:
    """Utterances of 4 to 8 words, and shorter ones joined to 4 to 6."""
    folder, short = samples / "voice" / "an4", dict[str, list[tuple[tuple[str, ...], Path]]]()
    for row in csv.DictReader((folder / "index.csv").open(encoding="utf-8")):
        words, file, person = tuple(row["text"].lower().split()), folder / row["file"], row["speaker"]
        kind = _kind(words)
        if kind == "words" and len(words) < 4:
            short.setdefault(person, []).append((words, file))
        elif 4 <= len(words) <= 8:
            yield Utterance(person=person, kind=kind, words=words, files=(file,))
    for person, pieces in sorted(short.items()):
        rng, seen = _random(person), set[tuple[Path, ...]]()
        for _ in range(4):
            words, files = tuple[str, ...](), tuple[Path, ...]()
            for k in rng.permutation(len(pieces)):
                if len(words) < 4 and len(words) + len(pieces[k][0]) <= 6:
                    words, files = (*words, *pieces[k][0]), (*files, pieces[k][1])
            if len(words) >= 4 and files not in seen:
                seen.add(files)
                yield Utterance(person=person, kind="joined", words=words, files=files)


def _grid(samples: Path) -> Iterator[Utterance]:
    folder = samples / "av" / "grid"
    lines = (folder / "transcripts.tsv").read_text("utf-8").splitlines()
    text = dict(line.split("\t") for line in lines)
    for file in sorted(folder.glob("*/*.mpg")):
        words = text.get(f"{file.parent.name}/{file.name}", "").split()
        if words and "z" not in words:
            person = file.parent.name if file.parent.name != "rizkiarm" else GRID_PEOPLE.get(file.stem, file.stem)
            yield Utterance(person=person, kind="sentences", words=tuple(words), files=(file,))


def _librispeech(samples: Path) -> Iterator[Utterance]:
    folder = samples / "voice" / "librispeech-resemblyzer"
    for row in csv.DictReader((folder / "index.csv").open(encoding="utf-8")):
        yield Utterance(person=row["speaker"], kind="reading", words=(), files=(folder / row["file"],))


def _kind(words: Sequence[str]) -> str:
    letters = sum(word in LETTERS for word in words)
    if letters:
        return "letters" if letters == len(words) else "mixed"
    return "digits" if all(word in DIGITS for word in words) else "words"


def _noises(samples: Path) -> list[Path]:
    files = sorted((samples / "voice" / "noise-rir").rglob("*.opus"))
    return [file for file in files if "RIR" not in str(file)]


def _mu_law(sound: NDArray[np.floating]) -> NDArray[np.floating]:
    """There and back through 8-bit G.711."""
    clipped = np.clip(sound, -1.0, 1.0)
    code = np.round(np.sign(clipped) * np.log1p(255 * np.abs(clipped)) / np.log(256) * 127) / 127
    return np.asarray(np.sign(code) * (256 ** np.abs(code) - 1) / 255)


def _pick(rng: np.random.Generator, words: Sequence[str], count: int, *, replace: bool = True) -> tuple[str, ...]:
    return tuple(str(word) for word in rng.choice(list(words), count, replace=replace))


def _random(seed: tuple[Path, ...] | str) -> np.random.Generator:
    text = seed if isinstance(seed, str) else " ".join(f"{file.parent.name}/{file.name}" for file in seed)
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
