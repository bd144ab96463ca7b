"""The searches find what trying every path finds."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from countersign.core.arrays import Float32Array
from countersign.liveness.acoustics.chains import Chains
from countersign.liveness.acoustics.viterbi import Order, alternatives, freely, sweep, trace

# Two words between three pauses; every chain has two states, every state a column of its own.
CHAINS = 5
PAUSE = -0.7


def chains(seed: int, count: int = CHAINS) -> Chains:
    rng = np.random.default_rng(seed)
    size = 2 * count
    step = -rng.uniform(0.1, 1.0, size).astype(np.float32)
    step[::2] = 0.0
    return Chains(
        column=np.arange(size),
        stay=-rng.uniform(0.1, 1.0, size).astype(np.float32),
        step=step,
        leave=-rng.uniform(0.1, 1.0, count).astype(np.float32),
        first=np.arange(0, size, 2),
        last=np.arange(1, size, 2),
    )


def order(seed: int) -> Order:
    return Order(chains=chains(seed), place=np.arange(CHAINS), words=2, pause_cost=PAUSE)


def scores(seed: int, frames: int = 9) -> Float32Array:
    return np.random.default_rng(1000 + seed).normal(0.0, 3.0, (frames, 2 * CHAINS)).astype(np.float32)


def by_hand(which: Chains, sequence: tuple[int, ...], heard: Float32Array) -> float:
    """The best score of these chains one after another, by trying every way to share out the frames."""
    states = [state for chain in sequence for state in (2 * chain, 2 * chain + 1)]
    frames, best = len(heard), -np.inf
    for cut in product(range(1, frames), repeat=len(states) - 1):
        edges = [0, *np.cumsum(cut), frames]
        if edges[-2] >= frames:
            continue
        total = 0.0
        for state, begin, end in zip(states, edges[:-1], edges[1:], strict=True):
            total += float(heard[begin:end, state].sum()) + float(which.step[state])
            total += (end - begin - 1) * float(which.stay[state])
            total += float(which.leave[state // 2]) if state % 2 else 0.0
        best = max(best, total)
    return best


def all_orders(heard: Float32Array, seed: int) -> float:
    paths = [tuple(path) for path in ((1, 3), (0, 1, 3), (1, 2, 3), (1, 3, 4))]
    return max(by_hand(chains(seed), path, heard) + PAUSE * (len(path) - 2) for path in paths)


@pytest.mark.parametrize("seed", range(4))
def test_a_sweep_finds_the_best_total(seed: int) -> None:
    heard = scores(seed, frames=7)
    assert sweep(order(seed), heard).total == pytest.approx(all_orders(heard, seed), abs=1e-3)


@pytest.mark.parametrize("seed", range(20))
def test_backward_through_mirrored_chains_gives_the_same_total(seed: int) -> None:
    heard = scores(seed)
    there, back = sweep(order(seed), heard), sweep(order(seed).mirrored(), heard[::-1])
    assert there.total == pytest.approx(back.total, abs=1e-3)


@pytest.mark.parametrize("seed", range(20))
def test_a_traced_path_goes_forward_through_every_word(seed: int) -> None:
    heard = scores(seed)
    found = trace(order(seed), heard, sweep(order(seed), heard))
    assert float(found.score.sum()) == pytest.approx(sweep(order(seed), heard).total, abs=1e-3)
    assert (np.diff(found.chain) >= 0).all()
    assert {1, 3} <= set(found.chain)
    assert (np.diff(found.state)[np.diff(found.chain) == 0] <= 1).all()


@pytest.mark.parametrize("seed", range(20))
def test_a_word_tried_in_its_own_place_gives_the_whole_total(seed: int) -> None:
    asked, heard = order(seed), scores(seed)
    there, back = sweep(asked, heard), sweep(asked.mirrored(), heard[::-1])
    after = back.entry[::-1, ::-1]
    for word, chain in enumerate((1, 3)):
        totals = alternatives(asked.chains, heard, there.entry[:-1, word], after[1:, word])
        assert totals[chain] == pytest.approx(there.total, abs=1e-3)


@pytest.mark.parametrize("seed", range(20))
def test_no_order_is_better_than_any_order(seed: int) -> None:
    heard = scores(seed)
    found = freely(chains(seed), heard, change_cost=PAUSE)
    asked = sweep(order(seed), heard).total
    # Words cost nothing in an order, and a change always does here.
    assert float(found.score.sum()) >= asked + 2 * PAUSE - 1e-3


@pytest.mark.parametrize("seed", range(3))
def test_a_free_path_is_the_best_of_all(seed: int) -> None:
    few, heard = chains(seed, count=2), scores(seed, frames=6)
    found = freely(few, heard[:, :4], change_cost=PAUSE)
    paths = [path for length in (1, 2, 3) for path in product(range(2), repeat=length)]
    best = max(by_hand(few, path, heard) + PAUSE * len(path) for path in paths)
    assert float(found.score.sum()) == pytest.approx(best, abs=1e-3)
