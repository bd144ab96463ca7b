"""What every replay memory promises; each implementation runs this suite on its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from countersign.core.ports import ReplayMemory
from countersign.core.replay import Fingerprint

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class ReplayMemoryContract:
    """A subclass gives a fixture `memory` that is empty."""

    def test_an_empty_memory_finds_nothing(self, memory: ReplayMemory) -> None:
        assert memory.look_up({1, 2, 3}, at_most=5) == ()

    def test_has_a_key_of_32_bytes(self, memory: ReplayMemory) -> None:
        assert len(memory.key) == 32

    def test_gives_back_what_was_remembered_with_its_id_and_time(self, memory: ReplayMemory) -> None:
        attempt = _remember(memory, {1, 2, 3}, data=b"\x00sound")
        (found,) = memory.look_up({3, 4}, at_most=5)
        assert (found.attempt_id, found.at, found.data) == (attempt, NOW, b"\x00sound")

    def test_those_that_share_most_come_first_and_no_more_than_asked_for(self, memory: ReplayMemory) -> None:
        little, much, none = (_remember(memory, tokens) for tokens in ({1}, {1, 2, 3}, {7, 8}))
        some = _remember(memory, {2, 3})
        assert [found.attempt_id for found in memory.look_up({1, 2, 3}, at_most=5)] == [much, some, little]
        assert [found.attempt_id for found in memory.look_up({1, 2, 3}, at_most=2)] == [much, some]
        assert none not in {found.attempt_id for found in memory.look_up({1, 2, 3}, at_most=5)}

    def test_asking_for_nothing_finds_nothing(self, memory: ReplayMemory) -> None:
        _remember(memory, {1})
        assert memory.look_up(frozenset(), at_most=5) == ()

    def test_a_thousand_and_more_tokens_may_be_asked_for(self, memory: ReplayMemory) -> None:
        attempt = _remember(memory, set(range(0, 4000, 4)))
        assert [found.attempt_id for found in memory.look_up(set(range(4000)), at_most=5)] == [attempt]

    def test_the_largest_token_is_kept_as_it_is(self, memory: ReplayMemory) -> None:
        _remember(memory, {2**31 - 1, 0})
        assert len(memory.look_up({2**31 - 1}, at_most=5)) == 1

    def test_a_second_fingerprint_under_an_id_replaces_the_first(self, memory: ReplayMemory) -> None:
        attempt = _remember(memory, {1}, data=b"first")
        memory.remember(attempt, Fingerprint(tokens=frozenset({2}), data=b"second"), at=NOW)
        assert memory.look_up({1}, at_most=5) == ()
        assert [found.data for found in memory.look_up({2}, at_most=5)] == [b"second"]

    def test_what_is_forgotten_by_its_id_is_gone_and_counted(self, memory: ReplayMemory) -> None:
        first, second = _remember(memory, {1, 2}), _remember(memory, {1, 2})
        assert memory.forget([first, uuid4()]) == 1
        assert [found.attempt_id for found in memory.look_up({1, 2}, at_most=5)] == [second]

    def test_what_is_older_than_the_end_of_retention_is_gone_and_the_rest_stays(self, memory: ReplayMemory) -> None:
        old = _remember(memory, {1}, at=NOW - timedelta(days=31))
        young = _remember(memory, {1}, at=NOW - timedelta(days=29))
        assert memory.forget_before(NOW - timedelta(days=30)) == 1
        assert [found.attempt_id for found in memory.look_up({1}, at_most=5)] == [young] != [old]


def _remember(memory: ReplayMemory, tokens: set[int], *, data: bytes = b"", at: datetime = NOW) -> UUID:
    attempt = uuid4()
    memory.remember(attempt, Fingerprint(tokens=frozenset(tokens), data=data), at=at)
    return attempt
