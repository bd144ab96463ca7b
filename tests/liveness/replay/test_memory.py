from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from countersign.core.ports import ReplayMemory
from countersign.core.replay import Fingerprint
from countersign.liveness.replay.memory import SqliteReplayMemory
from tests.liveness.replay.contract import ReplayMemoryContract

KEY = bytes(range(32))


class TestInWorkingMemory(ReplayMemoryContract):
    @pytest.fixture
    def memory(self) -> Iterator[ReplayMemory]:
        memory = SqliteReplayMemory(KEY)
        yield memory
        memory.close()


class TestInAFile(ReplayMemoryContract):
    @pytest.fixture
    def memory(self, tmp_path: Path) -> Iterator[ReplayMemory]:
        memory = SqliteReplayMemory(KEY, tmp_path / "memory.sqlite3")
        yield memory
        memory.close()


def test_a_file_outlasts_the_process_and_does_not_hold_the_key(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite3"
    first = SqliteReplayMemory(KEY, path)
    first.remember(uuid4(), Fingerprint(tokens=frozenset({5}), data=b"data"), at=datetime.now(UTC))
    first.close()
    second = SqliteReplayMemory(KEY, path)
    assert len(second.look_up({5}, at_most=1)) == 1
    second.close()
    assert KEY not in path.read_bytes()


def test_forgetting_leaves_no_token_behind(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite3"
    memory, attempt = SqliteReplayMemory(KEY, path), uuid4()
    memory.remember(attempt, Fingerprint(tokens=frozenset(range(50)), data=b""), at=datetime.now(UTC))
    memory.forget([attempt])
    memory.close()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM token").fetchone() == (0,)
    connection.close()
