from __future__ import annotations

import numpy as np

from countersign.liveness.replay.align import align

RNG = np.random.default_rng(3)


def test_a_part_of_a_recording_is_aligned_where_it_was_taken_from() -> None:
    tokens, ticks = RNG.permutation(10_000)[:300], np.sort(RNG.integers(0, 400, 300))
    part = ticks >= 150
    order = np.argsort(tokens)
    found = align(tokens[part], ticks[part] - 150, tokens[order], ticks[order])
    assert found.count == np.count_nonzero(part)
    assert abs(found.shift - 150) <= 1


def test_the_same_tokens_at_other_times_agree_in_few_only() -> None:
    tokens, ticks = RNG.permutation(10_000)[:300], np.sort(RNG.integers(0, 400, 300))
    order = np.argsort(tokens)
    assert align(tokens, RNG.permutation(ticks), tokens[order], ticks[order]).count < 15


def test_nothing_in_common_is_nothing_aligned() -> None:
    empty = np.zeros(0, np.int64)
    assert align(np.array([1, 2]), np.array([0, 1]), np.array([3]), np.array([0])).count == 0
    assert align(empty, empty, empty, empty).count == 0
