"""Build the list that challenges draw words from: `src/countersign/liveness/words/en.txt`.

The candidates (`word_candidates_en.txt`) are everyday words that a child knows, chosen by hand: no corpus of word
frequencies is needed or shipped. Left out by hand: what could offend or frighten, what people say in more than one way
(`desert`, `vase`), what is spelled differently on two sides of an ocean (`color`), and what is hard to spell out.

Of these, this script keeps words of 4 to 9 phones and at most 3 syllables, looks up how they are said, and drops, as long as
there are more than wanted, one of the two words that are closest to each other: the one whose next neighbour is closer.

The distance of two words is that of their phones, aligned at the least cost. What it costs to take one phone for another is
measured on the recogniser's own models: the symmetric Kullback-Leibler divergence between the two phones, nats a frame,
averaged over their three states, a tenth of it and 1 at most. A phone too many or too few costs 0.6.

    python scripts/build_word_list.py [--count 256] [--check]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from countersign.liveness.acoustics import dictionary
from countersign.liveness.acoustics.chains import Pronunciation
from countersign.liveness.acoustics.model import WEIGHT_STEP, AcousticModel, wheel_folder
from countersign.liveness.acoustics.sphinx_files import read_gaussians, read_mixture_weights

HERE = Path(__file__).parent
CANDIDATES = HERE / "word_candidates_en.txt"
TARGET = HERE.parent / "src" / "countersign" / "liveness" / "words" / "en.txt"

VOWELS = frozenset(["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"])
PHONES = (4, 9)
SYLLABLES = 3
FULL_COST_NATS = 10.0
GAP = 0.6
SAMPLES = 400


def candidates() -> dict[str, tuple[Pronunciation, ...]]:
    """Words that are in the dictionary and of the wanted length, however they are said."""
    lines = (line for line in CANDIDATES.read_text("utf-8").splitlines() if not line.startswith("#"))
    words = dictionary.english({word for line in lines for word in line.split()})

    def fits(said: Pronunciation) -> bool:
        return PHONES[0] <= len(said) <= PHONES[1] and sum(phone in VOWELS for phone in said) <= SYLLABLES

    return {word: words[word] for word in sorted(words) if all(map(fits, words[word]))}


def substitution_costs(model: AcousticModel) -> NDArray[np.float64]:
    """`float64[phones, phones]` in [0, 1], by drawing from each phone's models; the seed is fixed."""
    rng, count = np.random.default_rng(256), len(model.names)
    folder = wheel_folder() / "en-us" / "en-us"
    means = read_gaussians((folder / "means").read_bytes())
    deviations = np.sqrt(read_gaussians((folder / "variances").read_bytes()))
    weights = read_mixture_weights((folder / "sendump").read_bytes(), streams=means.shape[1])

    def draw(book: int, state: int) -> NDArray[np.float32]:
        """`float32[SAMPLES, streams, values]` features drawn from one state of one phone."""
        streams = []
        for stream, each in enumerate(weights[:, :, state]):
            share = np.exp(-WEIGHT_STEP * each.astype(np.float64))
            picked = rng.choice(len(share), SAMPLES, p=share / share.sum())
            noise = rng.standard_normal((SAMPLES, means.shape[3]))
            streams.append(means[book, stream, picked] + deviations[book, stream, picked] * noise)
        return np.stack(streams, axis=1).astype(np.float32)

    divergence = np.zeros((count, count))
    for part in range(3):
        states = model.states[:count, part]
        drawn = np.concatenate([draw(k, int(state)) for k, state in enumerate(states)])
        scores = model.log_likelihoods(drawn, states).reshape(count, SAMPLES, count)
        own = scores[np.arange(count), :, np.arange(count)]
        divergence += (own[:, :, np.newaxis] - scores).mean(axis=1) / 3
    costs: NDArray[np.float64] = np.minimum((divergence + divergence.T) / 2 / FULL_COST_NATS, 1.0)
    np.fill_diagonal(costs, 0.0)
    return costs


def distances(words: dict[str, tuple[Pronunciation, ...]], model: AcousticModel) -> NDArray[np.float64]:
    """`float64[n, n]`, the least over the words' pronunciations; infinite on the diagonal."""
    costs = substitution_costs(model)
    said = [[model.phone(phone) for phone in each] for word in words for each in words[word]]
    owner = np.array([k for k, word in enumerate(words) for _ in words[word]])
    length = np.array([len(each) for each in said])
    padded = np.zeros((len(said), length.max()), np.int64)
    for row, each in zip(padded, said, strict=True):
        row[: len(each)] = each
    result = np.full((len(words), len(words)), np.inf)
    for k, each in enumerate(said):
        np.minimum.at(result[owner[k]], owner, _to_all(each, padded, length, costs))
    np.fill_diagonal(result, np.inf)
    return result


def _to_all(
    said: list[int], others: NDArray[np.int64], length: NDArray[np.int64], costs: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The cost of the best alignment of one pronunciation to each of many, by dynamic programming over all at once."""
    row = np.tile(np.arange(others.shape[1] + 1) * GAP, (len(others), 1))
    for phone in said:
        after = np.empty_like(row)
        after[:, 0] = row[:, 0] + GAP
        for k in range(others.shape[1]):
            swap = row[:, k] + costs[phone, others[:, k]]
            after[:, k + 1] = np.minimum(swap, np.minimum(row[:, k + 1], after[:, k]) + GAP)
        row = after
    aligned: NDArray[np.float64] = row[np.arange(len(others)), length]
    return aligned


def thin(between: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Indices of `count` words that are far from each other."""
    between, alive = between.copy(), np.ones(len(between), np.bool_)
    while alive.sum() > count:
        one, other = np.unravel_index(between.argmin(), between.shape)
        second = [np.partition(between[each], 1)[1] for each in (one, other)]
        gone = one if second[0] < second[1] else other
        alive[gone] = False
        between[gone, :] = between[:, gone] = np.inf
    return np.flatnonzero(alive)


def render(words: dict[str, tuple[Pronunciation, ...]], between: NDArray[np.float64]) -> str:
    """The file, its distances stated in its first lines."""
    nearest = between.min(axis=1)
    pairs = between[np.triu_indices(len(between), 1)]
    low, median = nearest.min(), np.median(nearest)
    head = [
        f"# {len(words)} English words that sound unlike each other. Written by scripts/build_word_list.py; do not edit.",
        f"# Distance to the nearest other word: least {low:.2f}, median {median:.2f}. Median of all pairs: {np.median(pairs):.2f}.",
        '# A distance of 1 is one phone taken for a wholly different one ("m" for "s"); "p" for "b" is 0.3.',
        "# Pronunciations: the CMU Pronouncing Dictionary, Copyright (C) 1993-2015 Carnegie Mellon University (BSD licence).",
    ]
    body = [f"{word}\t{' | '.join(' '.join(each) for each in said)}" for word, said in words.items()]
    return "\n".join([*head, *body, ""])


def main() -> int:
    """Write the list, or check that it is what this script would write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=256)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the list is another")
    options = parser.parse_args()
    words = candidates()
    between = distances(words, AcousticModel.english())
    kept = thin(between, options.count)
    names = list(words)
    text = render({names[k]: words[names[k]] for k in kept}, between[np.ix_(kept, kept)])
    print("\n".join(text.splitlines()[:2]))
    print(f"{len(words)} candidates of the right length")
    if options.check:
        return int(TARGET.read_text("utf-8") != text)
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
