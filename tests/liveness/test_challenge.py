"""Challenges are unpredictable, within their rules, and good for a limited time."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import log2

import pytest

from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.liveness.challenge import Challenge, ChallengeRules, Mode, Side, TurnOrder, TurnPath
from countersign.liveness.word_list import WordList
from tests.liveness.draws import SameDraws

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
WORDS, DIGITS = WordList.words(), WordList.digits()


class Counting:
    """Not random at all: 0, 1, 2, ... below each bound."""

    def __init__(self) -> None:
        self.calls = 0

    def randbelow(self, bound: int, /) -> int:
        self.calls += 1
        return self.calls % bound

    def token_bytes(self, count: int, /) -> bytes:
        return bytes(count)


def draw(rules: ChallengeRules = ChallengeRules()) -> Challenge:  # noqa: B008 - frozen
    return rules.draw(WORDS if rules.mode is Mode.WORDS else DIGITS, source=secrets, now=NOW)


@pytest.mark.parametrize("count", [4, 5, 6])
def test_a_challenge_has_as_many_words_as_asked_for_all_different_and_from_the_list(count: int) -> None:
    words = draw(ChallengeRules(count=count)).words
    assert len(set(words)) == len(words) == count
    assert set(words) <= set(WORDS)


def test_a_challenge_of_digits_never_asks_for_zero_which_has_two_names() -> None:
    drawn = Counter(word for _ in range(200) for word in draw(ChallengeRules(mode=Mode.DIGITS, count=6)).words)
    assert set(drawn) == set(DIGITS) == set("one two three four five six seven eight nine".split())  # noqa: SIM905


def test_no_two_challenges_have_the_same_nonce_and_a_nonce_has_256_bits() -> None:
    nonces = {draw().nonce for _ in range(100)}
    assert len(nonces) == 100
    assert {len(nonce) for nonce in nonces} == {32}


def test_every_word_turns_up_about_equally_often() -> None:
    rules, source = ChallengeRules(), SameDraws()
    counts = Counter(word for _ in range(2560) for word in rules.draw(WORDS, source=source, now=NOW).words)
    # 50 of each are expected; 5 standard deviations either way.
    assert len(counts) == len(WORDS)
    assert all(15 <= count <= 85 for count in counts.values())


def test_side_order_and_extent_of_the_turn_all_vary() -> None:
    turns = {draw().turn for _ in range(400)}
    assert {turn.first for turn in turns} == set(Side)
    assert {turn.order for turn in turns} == set(TurnOrder)
    assert {turn.extent_deg for turn in turns} == {20, 25, 30, 35}


def test_the_same_source_gives_the_same_challenge() -> None:
    rules = ChallengeRules()
    assert rules.draw(WORDS, source=Counting(), now=NOW) == rules.draw(WORDS, source=Counting(), now=NOW)


def test_the_turn_starts_to_the_side_it_says_and_ends_facing_the_camera() -> None:
    left = TurnPath(first=Side.LEFT, extent_deg=30, order=TurnOrder.BEFORE_WORDS)
    assert left.yaws_deg == (30, -30, 0)
    assert replace(left, first=Side.RIGHT).yaws_deg == (-30, 30, 0)


def test_a_challenge_is_good_from_its_issue_until_just_before_its_expiry() -> None:
    challenge = draw()
    assert not challenge.expired(NOW)
    assert not challenge.expired(NOW + timedelta(seconds=89.9))
    assert challenge.expired(NOW + timedelta(seconds=90))
    assert challenge.expired(NOW - timedelta(seconds=1))


def test_the_entropy_is_that_of_drawing_without_replacement_and_of_digits_with_it() -> None:
    assert ChallengeRules(count=4).phrase_entropy_bits(WORDS) == pytest.approx(log2(256 * 255 * 254 * 253))
    assert ChallengeRules(mode=Mode.DIGITS, count=6).phrase_entropy_bits(DIGITS) == pytest.approx(6 * log2(9))
    assert ChallengeRules().turn_entropy_bits() == pytest.approx(2.0)


@pytest.mark.parametrize(
    "settings",
    [
        {"count": 3},
        {"count": 7},
        {"mode": Mode.DIGITS, "count": 5},
        {"extents_deg": ()},
        {"extents_deg": (60,)},
        {"lifetime": timedelta(hours=1)},
    ],
)
def test_rules_that_would_be_too_easy_or_too_hard_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ChallengeRules(**settings)  # type: ignore[arg-type]
    assert caught.value.code is ErrorCode.CONFIGURATION_INVALID


def test_a_list_that_is_too_short_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        ChallengeRules().draw(DIGITS, source=secrets, now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"words": ()},
        {"nonce": b"short"},
        {"issued_at": NOW.replace(tzinfo=None)},
        {"expires_at": NOW},
    ],
)
def test_a_challenge_that_makes_no_sense_cannot_be_made(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        replace(draw(), **change)  # type: ignore[arg-type]
