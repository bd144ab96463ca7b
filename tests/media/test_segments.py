"""A shared block is used again when nobody looks at it, and not a moment earlier."""

from __future__ import annotations

import os

import numpy as np
import pytest

from countersign.media import segments
from countersign.media.messages import mapped
from countersign.media.segments import Segments

SIZE = 1 << 20


def written(pool: Segments, value: int) -> int:
    descriptor = pool.take()
    memory = mapped(descriptor, SIZE, writable=True)
    memory[:100] = bytes([value]) * 100
    memory.close()
    return descriptor


def test_a_block_in_use_is_never_taken_again() -> None:
    pool = Segments(SIZE)
    first = written(pool, 1)
    array = np.frombuffer(pool.view(first), np.uint8)[10:20]
    second = written(pool, 2)
    assert second != first
    assert array.tolist() == [1] * 10
    pool.drop(second)


def test_a_block_that_nothing_refers_to_is_taken_again() -> None:
    pool = Segments(SIZE)
    first = written(pool, 1)
    array = np.frombuffer(pool.view(first), np.uint8)[10:20]
    part = array[3:]
    del array
    other = pool.take()
    assert other != first
    del part
    assert pool.take() == first
    pool.drop(first)
    pool.drop(other)


def test_few_blocks_are_kept_and_no_large_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Segments(SIZE)
    views = [pool.view(pool.take()) for _ in range(5)]
    views.clear()
    assert len(pool._spare) == 2
    pool.clear()
    assert len(pool._spare) == 0
    monkeypatch.setattr(segments, "_LARGEST_SPARE", 1)
    pool.view(written(pool, 1))
    assert len(pool._spare) == 0


def test_a_forked_process_leaves_the_blocks_of_its_parent_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Segments(SIZE)
    view = pool.view(pool.take())
    spare = pool.take()
    pool._spare.append(spare)
    parent = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: parent + 1)
    del view
    assert list(pool._spare) == [spare]
    fresh = pool.take()
    assert fresh != spare
    monkeypatch.undo()
    pool.drop(spare)
    pool.drop(fresh)


def test_a_shared_block_cannot_be_shrunk_under_its_reader() -> None:
    pool = Segments(SIZE)
    descriptor = pool.take()
    if not hasattr(os, "memfd_create"):
        pytest.skip("only Linux can seal a shared block")
    with pytest.raises(PermissionError):
        os.ftruncate(descriptor, 0)
    pool.drop(descriptor)
