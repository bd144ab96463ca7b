"""What a recording says about words that were asked for: where they are, and how much better they fit than others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float32Array
from countersign.liveness.acoustics.cepstra import FRAME_S, features
from countersign.liveness.acoustics.chains import (
    STATES_PER_PHONE,
    ChainBuilder,
    Chains,
    Columns,
    Pronunciation,
)
from countersign.liveness.acoustics.model import FILLERS, AcousticModel
from countersign.liveness.acoustics.viterbi import Order, Path, alternatives, freely, sweep, trace

_PAUSE_COST = -2.0
_PHONE_COST = -5.0
_REACH = 30
"""Frames around a word in which another word is looked for in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWord:
    """One asked word, where it fits best.

    Attributes:
        word: as asked.
        start_s, end_s: seconds from the first sample.
        margin: nats by which it fits better than the best other word of the vocabulary in its place; negative when that
            one fits better.
        rival: that other word.
        fit: nats a frame by which it fits better than any string of phones; mostly in [-3, 3].
        weakest_phone: the same for its worst phone.
        pace: frames a phone.
    """

    word: str
    start_s: float
    end_s: float
    margin: float
    rival: str
    fit: float
    weakest_phone: float
    pace: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardPhrase:
    """All asked words, and what else was said.

    Attributes:
        words: in the order asked.
        fit: nats a frame of speech by which the whole recording fits the words better than any string of phones.
        freedom: nats by which it fits the words in their order better than any words of the vocabulary in any order.
        speech_s: seconds that sound like phones rather than silence or noise.
        stray_s: seconds of these outside the words.
    """

    words: tuple[HeardWord, ...]
    fit: float
    freedom: float
    speech_s: float
    stray_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Network:
    """Chains that every search uses, and what they stand for."""

    columns: Columns
    anything: Chains
    fillers: NDArray[np.bool_]
    vocabulary: Chains
    owner: tuple[str, ...]
    pauses: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Search:
    """What the passes over one recording found.

    Attributes:
        scores: `float32[frames, columns]`.
        path: through the asked words.
        place: `int64[frames]`, odd within words.
        gain: `float32[frames]`, by which the path is better than any string of phones.
        before: `float32[frames + 1, words]`, score of all before frame `t` when a word begins there.
        after: `float32[frames + 1, words]`, score of all from frame `t` on when a word has just ended.
    """

    scores: Float32Array
    path: Path
    place: NDArray[np.int64]
    gain: Float32Array
    before: Float32Array
    after: Float32Array


class Recogniser:
    """Looks for words of a vocabulary. Immutable: one serves all threads.

    Args:
        model: how phones sound.
        vocabulary: how words are said.
            Those that were not asked for serve as decoys.
    """

    def __init__(self, model: AcousticModel, vocabulary: Mapping[str, Sequence[Pronunciation]]) -> None:
        self._model = model
        self._vocabulary = {word: tuple(said) for word, said in vocabulary.items()}
        self._network = self._build(self._vocabulary)

    @property
    def model(self) -> AcousticModel:
        """How phones sound."""
        return self._model

    def knows(self, word: str) -> bool:
        """Whether a word is in the vocabulary."""
        return word in self._vocabulary

    def knowing(self, more: Mapping[str, Sequence[Pronunciation]]) -> Recogniser:
        """One with more words in its vocabulary."""
        return Recogniser(self._model, {**self._vocabulary, **more})

    def least_samples(self, words: Sequence[str]) -> int:
        """How many samples at 16 kHz it takes at least to say `words`: every state of every phone has one frame."""
        phones = sum(min(map(len, self._vocabulary[word])) for word in words)
        return round((STATES_PER_PHONE * phones + 4) * FRAME_S * 16_000)

    def examine(self, samples: Float32Array, words: Sequence[str]) -> HeardPhrase:
        """Look for `words`, in this order, in `float32[n]` samples at 16 kHz, of which there are `least_samples` or more.

        Raises:
            KeyError: a word is not in the vocabulary.
        """
        network = self._network
        columns = network.columns.copy()
        order = self._order(words, columns)
        scores = columns.scores(self._model, features(samples, spoken_mean=True))
        # What is common to all candidates would only cost precision.
        scores -= scores[:, network.anything.column].max(axis=1, keepdims=True)
        anything = freely(network.anything, scores, change_cost=_PHONE_COST)
        forward = sweep(order, scores)
        path = trace(order, scores, forward)
        backward = sweep(order.mirrored(), scores[::-1])
        gain = path.score - anything.score
        search = _Search(
            scores=scores,
            path=path,
            place=order.place[path.chain],
            gain=gain,
            before=forward.entry,
            after=backward.entry[::-1, ::-1],
        )
        any_words = freely(network.vocabulary, scores, change_cost=_PAUSE_COST)
        speech = ~network.fillers[anything.chain]
        stray = speech & (search.place % 2 == 0)
        return HeardPhrase(
            words=tuple(self._word(search, k, word) for k, word in enumerate(words)),
            fit=float(gain.sum() / max(1, speech.sum())),
            freedom=float((path.score - any_words.score).sum()),
            speech_s=float(speech.sum()) * FRAME_S,
            stray_s=float(stray.sum()) * FRAME_S,
        )

    def _word(self, search: _Search, k: int, word: str) -> HeardWord:
        frames = np.flatnonzero(search.place == 2 * k + 1)
        first, last = int(frames[0]), int(frames[-1])
        low, high = max(0, first - _REACH), min(len(search.scores), last + 1 + _REACH)
        totals = alternatives(
            self._network.vocabulary,
            search.scores[low:high],
            search.before[low:high, k],
            search.after[low + 1 : high + 1, k],
        )
        same = np.array([owner == word for owner in self._network.owner])
        rival = int(np.where(same | self._network.pauses, -np.inf, totals).argmax())
        phone = (search.path.state[frames] - search.path.state[first]) // STATES_PER_PHONE
        sizes = np.bincount(phone)
        return HeardWord(
            word=word,
            start_s=first * FRAME_S,
            end_s=(last + 1) * FRAME_S,
            margin=float(totals[same].max() - totals[rival]),
            rival=self._network.owner[rival],
            fit=float(search.gain[frames].mean()),
            weakest_phone=float((np.bincount(phone, search.gain[frames]) / sizes).min()),
            pace=len(frames) / len(sizes),
        )

    def _order(self, words: Sequence[str], columns: Columns) -> Order:
        """The asked words in the context of their neighbours."""
        builder, place = ChainBuilder(self._model, columns), []
        said = [self._vocabulary[word] for word in words]
        for k in range(len(words) + 1):
            for filler in FILLERS:
                builder.phone(filler)
                place.append(2 * k)
            if k == len(words):
                break
            before = sorted({each[-1] for each in said[k - 1]}) if k else []
            after = sorted({each[0] for each in said[k + 1]}) if k + 1 < len(words) else []
            for phones in said[k]:
                builder.word(phones, before=before, after=after)
                place.append(2 * k + 1)
        return Order(chains=builder.build(), place=np.array(place), words=len(words), pause_cost=_PAUSE_COST)

    def _build(self, vocabulary: Mapping[str, Sequence[Pronunciation]]) -> _Network:
        columns = Columns()
        anything, words = ChainBuilder(self._model, columns), ChainBuilder(self._model, columns)
        for name in self._model.names:
            anything.phone(name)
        owner = list(FILLERS)
        for name in FILLERS:
            words.phone(name)
        for word, said in vocabulary.items():
            for phones in said:
                words.word(phones)
                owner.append(word)
        return _Network(
            columns=columns,
            anything=anything.build(),
            fillers=np.array([name in FILLERS for name in self._model.names]),
            vocabulary=words.build(),
            owner=tuple(owner),
            pauses=np.arange(len(owner)) < len(FILLERS),
        )
