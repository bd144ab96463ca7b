"""Whatever is done to a log without its key is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.server.audit.chain import ChainKeys, Entry, Head
from countersign.server.audit.verification import MOST_FAULTS, FaultKind, verify
from tests.server.audit.chains import KEYS, chain

CHANGES: dict[str, Callable[[Entry], Entry]] = {
    "at": lambda entry: replace(entry, at=entry.at + timedelta(microseconds=1)),
    "kind": lambda entry: replace(entry, kind="password.correct"),
    "account": lambda entry: replace(entry, account="somebody-else"),
    "actor": lambda entry: replace(entry, actor="somebody-else"),
    "details": lambda entry: replace(entry, details='{"device":"known"}'),
    "key_id": lambda entry: replace(entry, key_id="another"),
    "previous_mac": lambda entry: replace(entry, previous_mac="f" * 64),
    "mac": lambda entry: replace(entry, mac="f" * 64),
}


@pytest.mark.parametrize("length", [0, 1, 2, 50])
def test_an_untouched_log_is_intact(length: int) -> None:
    entries, head = chain(length)
    verdict = verify(entries, head, KEYS)
    assert verdict.intact
    assert verdict.entries == length


@pytest.mark.parametrize("field", CHANGES)
@given(place=st.integers(0, 9))
def test_a_change_to_any_field_of_any_entry_is_found_there(field: str, place: int) -> None:
    entries, head = chain(10)
    entries[place] = CHANGES[field](entries[place])
    verdict = verify(entries, head, KEYS)
    assert place + 1 in {fault.sequence for fault in verdict.faults}


@given(first=st.integers(0, 8), count=st.integers(1, 8))
def test_missing_entries_are_found_and_counted(first: int, count: int) -> None:
    entries, head = chain(10)
    last = min(first + count, 9)
    (fault,) = verify(entries[:first] + entries[last:], head, KEYS).faults
    assert fault.kind is FaultKind.MISSING
    assert fault.sequence == first + 1
    assert f"{last - first} entries" in fault.message


@given(order=st.permutations(range(8)))
def test_another_order_is_found(order: list[int]) -> None:
    entries, head = chain(8)
    verdict = verify([entries[place] for place in order], head, KEYS)
    assert verdict.intact == (order == sorted(order))


@given(kept=st.integers(0, 9))
def test_a_cut_end_is_found_by_the_head(kept: int) -> None:
    entries, head = chain(10)
    kinds = {fault.kind for fault in verify(entries[:kept], head, KEYS).faults}
    assert kinds == {FaultKind.TRUNCATED}


@given(kept=st.integers(0, 9))
def test_a_cut_end_with_an_older_head_put_back_is_found_by_the_anchor(kept: int) -> None:
    entries, head = chain(10)
    older_entries, older_head = chain(kept)
    assert verify(older_entries, older_head, KEYS).intact, "nothing inside the database gives it away"
    verdict = verify(older_entries, older_head, KEYS, anchors=[head])
    assert FaultKind.TRUNCATED in {fault.kind for fault in verdict.faults}
    assert len(entries) == 10


def test_an_anchor_that_the_log_grew_past_is_content() -> None:
    entries, head = chain(10)
    _, earlier = chain(6)
    assert verify(entries, head, KEYS, anchors=[earlier, head]).intact


def test_a_log_begun_anew_after_the_anchor_is_found() -> None:
    entries, head = chain(10)
    anchor = KEYS.sign(4, "e" * 64)
    verdict = verify(entries, head, KEYS, anchors=[anchor])
    assert [fault.sequence for fault in verdict.faults] == [4]


def test_a_head_that_nobody_with_the_key_signed_is_found() -> None:
    entries, _ = chain(5)
    forged = Head(sequence=5, mac=entries[-1].mac, key_id=KEYS.current_id, signature="0" * 64)
    unsigned = Head(sequence=4, mac=entries[3].mac)
    for head in (forged, unsigned):
        kinds = {fault.kind for fault in verify(entries[: head.sequence], head, KEYS).faults}
        assert kinds == {FaultKind.HEAD_FORGED}


def test_a_forged_anchor_is_told_from_a_cut_log() -> None:
    entries, head = chain(5)
    verdict = verify(entries, head, KEYS, anchors=[replace(head, signature="0" * 64)])
    assert {fault.kind for fault in verdict.faults} == {FaultKind.ANCHOR_FORGED}


def test_an_emptied_log_with_an_emptied_head_is_found_by_the_anchor() -> None:
    _, head = chain(3)
    empty, empty_head = chain(0)
    assert not verify(empty, empty_head, KEYS, anchors=[head]).intact
    assert not verify(empty, Head(sequence=0, mac=""), KEYS).intact, "a deleted head row"


def test_entries_behind_the_head_are_found() -> None:
    entries, _ = chain(6)
    _, head = chain(5)
    assert [fault.kind for fault in verify(entries, head, KEYS).faults] == [FaultKind.SURPLUS]


def test_a_log_outlives_a_change_of_keys_if_the_earlier_one_is_kept() -> None:
    entries, head = chain(5)
    assert verify(entries, head, ChainKeys("a new key", previous=["a key for tests"])).intact
    faults = verify(entries, head, ChainKeys("a new key")).faults
    assert {fault.kind for fault in faults} == {FaultKind.UNKNOWN_KEY, FaultKind.HEAD_FORGED}


def test_an_entry_made_with_another_key_under_the_same_name_is_found() -> None:
    entries, head = chain(3)
    forger = ChainKeys("another key")
    entries[1] = replace(entries[1], kind="password.correct")
    entries[1] = replace(entries[1], mac=forger.mac_of(replace(entries[1], key_id=forger.current_id)) or "")
    assert not verify(entries, head, KEYS).intact


def test_a_ruined_log_does_not_flood_its_reader() -> None:
    entries, head = chain(3 * MOST_FAULTS)
    ruined = [replace(entry, mac="0" * 64) for entry in entries]
    assert len(verify(ruined, head, KEYS).faults) == MOST_FAULTS
