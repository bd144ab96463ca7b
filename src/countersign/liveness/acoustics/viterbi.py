"""Best paths (Viterbi, 1967) through words in a given order, through any one word, and through any phones at all.

All scores are natural logarithms of likelihoods. Frames are counted from 0; a path through frames `a` to `b` has them both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float32Array
from countersign.liveness.acoustics.chains import Chains

NEVER = np.float32(-1e9)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Order:
    """Words one after another, a pause possible before, between and after them.

    Attributes:
        chains: for every pause and word in turn (pause 0, word 0, pause 1, ... pause n) the chains that may fill it.
        place: `int64[k]`, of each chain: 2 i for pause i, 2 i + 1 for word i; ascending.
        words: their number.
        pause_cost: of every pause made, at most 0.
    """

    chains: Chains
    place: NDArray[np.int64]
    words: int
    pause_cost: float

    def mirrored(self) -> Order:
        """The same words from the last to the first, each back to front."""
        return Order(
            chains=self.chains.mirrored(),
            place=2 * self.words - self.place[::-1],
            words=self.words,
            pause_cost=self.pause_cost,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sweep:
    """What a pass over all frames leaves behind.

    Attributes:
        entry: `float32[frames + 1, words]`, best score of all frames before `t` when word i begins at frame `t`.
        total: best score of all frames with all words said.
        ends: `float32[frames, k]`, best score of having left each chain after each frame.
        moved: `bool[frames, s]`, whether the best path into each state came from the state before (or from outside).
    """

    entry: Float32Array
    total: float
    ends: Float32Array
    moved: NDArray[np.bool_]


def sweep(order: Order, scores: Float32Array) -> Sweep:
    """Go through `float32[frames, columns]` scores once, forward in time."""
    chains, words, frames = order.chains, order.words, len(scores)
    starts = np.flatnonzero(np.diff(order.place, prepend=-1))
    value = np.full(len(chains.column), NEVER, np.float32)
    entry = np.full((frames + 1, words), NEVER, np.float32)
    ends = np.empty((frames, len(chains.first)), np.float32)
    moved = np.empty((frames, len(value)), np.bool_)
    after_pause = np.full(words + 1, NEVER, np.float32)
    after_word = np.full(words + 1, NEVER, np.float32)
    after_word[0] = 0.0  # nothing was said before the recording began
    begin = np.empty(2 * words + 1, np.float32)
    for t in range(frames):
        begin[0::2] = after_word + np.float32(order.pause_cost)
        begin[1::2] = entry[t] = np.maximum(after_pause, after_word)[:words]
        come = np.empty_like(value)
        come[1:] = value[:-1]
        come[chains.first] = begin[order.place]
        come += chains.step
        stay = value + chains.stay
        np.greater(come, stay, out=moved[t])
        value = np.maximum(come, stay) + scores[t, chains.column]
        ends[t] = value[chains.last] + chains.leave
        best = np.maximum.reduceat(ends[t], starts)
        after_pause, after_word = best[0::2], np.append(NEVER, best[1::2])
    entry[frames] = np.maximum(after_pause, after_word)[:words]
    return Sweep(entry=entry, total=float(max(after_pause[words], after_word[words])), ends=ends, moved=moved)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """One best path.

    Attributes:
        score: `float32[frames]`, what each frame adds to the total.
        chain: `int64[frames]`, the chain each frame is in.
        state: `int64[frames]`, the state each frame is in.
    """

    score: Float32Array
    chain: NDArray[np.int64]
    state: NDArray[np.int64]


def trace(order: Order, scores: Float32Array, swept: Sweep) -> Path:
    """The best path of a sweep."""
    chains, place = order.chains, order.place
    chain = np.empty(len(scores), np.int64)
    state = np.empty(len(scores), np.int64)

    def best(t: int, *places: int) -> int:
        """Of the chains in these places the one that had best been left after frame `t`."""
        allowed = np.flatnonzero(np.isin(place, places))
        return int(allowed[np.argmax(swept.ends[t, allowed])])

    t, now = len(scores) - 1, best(len(scores) - 1, 2 * order.words, 2 * order.words - 1)
    while (t := _walk_back(chains, now, t, moved=swept.moved, chain_of=chain, state_of=state)) >= 0:
        here = int(place[now])
        # Before a word stands a pause or another word; before a pause a word, never another pause.
        now = best(t, here - 1, here - 2) if here % 2 else best(t, here - 1)
    score, entered = _frame_scores(chains, scores, state, swept.moved)
    score[entered & (place[chain] % 2 == 0)] += np.float32(order.pause_cost)
    return Path(score=score, chain=chain, state=state)


def alternatives(chains: Chains, scores: Float32Array, entry: Float32Array, rest: Float32Array) -> Float32Array:
    """The best total with each chain said once, anywhere: `float32[k]`.

    Args:
        chains: the words to try.
        scores: `float32[frames, columns]`.
        entry: `float32[frames]`, score of all before, when the word begins at frame `t`.
        rest: `float32[frames]`, score of all after, when the word ends with frame `t`.
    """
    value = np.full(len(chains.column), NEVER, np.float32)
    total = np.full(len(chains.first), NEVER, np.float32)
    for t in range(len(scores)):
        come = np.empty_like(value)
        come[1:] = value[:-1]
        come[chains.first] = entry[t]
        come += chains.step
        value = np.maximum(come, value + chains.stay) + scores[t, chains.column]
        np.maximum(total, value[chains.last] + chains.leave + rest[t], out=total)
    return total


def freely(chains: Chains, scores: Float32Array, *, change_cost: float) -> Path:
    """The best path through any chains in any order, each change costing `change_cost` (at most 0). At least one frame."""
    frames = len(scores)
    value = np.full(len(chains.column), NEVER, np.float32)
    moved = np.empty((frames, len(value)), np.bool_)
    left = np.empty(frames, np.int64)
    begin = np.float32(0.0)
    for t in range(frames):
        come = np.empty_like(value)
        come[1:] = value[:-1]
        come[chains.first] = begin + np.float32(change_cost)
        come += chains.step
        stay = value + chains.stay
        np.greater(come, stay, out=moved[t])
        value = np.maximum(come, stay) + scores[t, chains.column]
        ends = value[chains.last] + chains.leave
        left[t] = np.argmax(ends)
        begin = ends[left[t]]
    chain, state = np.empty(frames, np.int64), np.empty(frames, np.int64)
    t = frames - 1
    while t >= 0:
        t = _walk_back(chains, int(left[t]), t, moved=moved, chain_of=chain, state_of=state)
    score, entered = _frame_scores(chains, scores, state, moved)
    score[entered] += np.float32(change_cost)
    return Path(score=score, chain=chain, state=state)


def _walk_back(
    chains: Chains,
    chain: int,
    t: int,
    *,
    moved: NDArray[np.bool_],
    chain_of: NDArray[np.int64],
    state_of: NDArray[np.int64],
) -> int:
    """Follow the best path from the end of `chain` at frame `t` to its beginning; the frame before that."""
    state = int(chains.last[chain])
    while t >= 0:
        chain_of[t], state_of[t] = chain, state
        came = moved[t, state]
        t -= 1
        if came and state == chains.first[chain]:
            break
        state -= int(came)
    return t


def _frame_scores(
    chains: Chains, scores: Float32Array, state: NDArray[np.int64], moved: NDArray[np.bool_]
) -> tuple[Float32Array, NDArray[np.bool_]]:
    """What each frame of a path adds, and which frames enter a chain."""
    frame = np.arange(len(scores))
    came = moved[frame, state]
    entered = came & np.isin(state, chains.first)
    added: Float32Array = scores[frame, chains.column[state]] + np.where(came, chains.step[state], chains.stay[state])
    left = np.append(entered[1:], True)
    added[left] += chains.leave[np.searchsorted(chains.last, state[left])]
    return added, entered
