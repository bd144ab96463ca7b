"""Logins put together of real words and a rendered turn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from countersign.core.samples import SAMPLE_RATE_HZ
from countersign.evaluation.attacks.clip import FPS, Clip
from countersign.evaluation.attacks.composed import PAUSE_S, Turned, composed, joined
from countersign.face.path import FacePath
from countersign.liveness.challenge import ChallengeRules, Side, TurnOrder
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime


def spoken(*, silent_s: float, loud_s: float, after_s: float, level: int) -> Clip:
    """Grey pictures, and noise for speech."""
    random = np.random.default_rng(level)
    parts = [np.zeros(round(silent_s * SAMPLE_RATE_HZ)), random.normal(0, 0.1, round(loud_s * SAMPLE_RATE_HZ))]
    sound = np.concatenate([*parts, np.zeros(round(after_s * SAMPLE_RATE_HZ))]).astype(np.float32)
    count = round((silent_s + loud_s + after_s) * FPS)
    return Clip(pictures=tuple(np.full((8, 8, 3), level, np.uint8) for _ in range(count)), sound=sound)


def test_between_two_sentences_little_silence_is_left_and_each_keeps_its_pictures() -> None:
    first = spoken(silent_s=0.6, loud_s=1.0, after_s=1.0, level=50)
    second = spoken(silent_s=0.8, loud_s=1.0, after_s=0.6, level=200)
    both = joined([first, second])
    assert both.seconds == pytest.approx(0.6 + 1.0 + 2 * PAUSE_S + 1.0 + 0.6, abs=3 / FPS)
    assert len(both.sound) == round(both.seconds * SAMPLE_RATE_HZ)
    changes = np.flatnonzero(np.diff([int(picture[0, 0, 0]) for picture in both.pictures]))
    assert len(changes) == 1
    assert (changes[0] + 1) / FPS == pytest.approx(0.6 + 1.0 + PAUSE_S, abs=2 / FPS)
    loud = np.flatnonzero(np.abs(both.sound) > 0.02) / SAMPLE_RATE_HZ
    assert np.diff(loud).max() == pytest.approx(2 * PAUSE_S, abs=2 / FPS)


def test_one_sentence_stays_as_it_is() -> None:
    only = spoken(silent_s=0.6, loud_s=1.0, after_s=1.0, level=50)
    assert joined([only]).seconds == only.seconds
    assert np.array_equal(joined([only]).sound, only.sound)


def test_draws_are_what_a_challenge_may_ask_for_and_follow_the_seed() -> None:
    drawn = [Turned.drawn(np.random.default_rng(seed)) for seed in range(40)]
    assert {each.turn.extent_deg for each in drawn} == set(ChallengeRules().extents_deg)
    assert {(each.turn.first, each.turn.order) for each in drawn} == {
        (side, order) for side in Side for order in TurnOrder
    }
    assert drawn[3] == Turned.drawn(np.random.default_rng(3))


@pytest.mark.parametrize("order", TurnOrder)
def test_the_turn_stands_where_it_was_asked(order: TurnOrder, samples: Path, runtime: Runtime) -> None:
    words = Clip.read(samples / "av/grid/s1/bgbh6p.mpg")
    turned = Turned.drawn(np.random.default_rng(0))
    turned = replace(turned, turn=replace(turned.turn, order=order))
    film = composed([words], turned, FacePath.load(runtime, pack=Pack.CORE))
    assert isinstance(film, Clip)
    added = len(film.pictures) - len(words.pictures)
    assert added / FPS == pytest.approx(turned.manner.turn_s + 0.6, abs=1 / FPS)
    assert len(film.sound) == round(film.seconds * SAMPLE_RATE_HZ)
    first = order is TurnOrder.BEFORE_WORDS
    own = film.pictures[added:] if first else film.pictures[: len(words.pictures)]
    apart = [np.abs(a.astype(float) - b).mean() for a, b in zip(own, words.pictures, strict=True)]
    assert max(apart) < 3, "the words are the clip's own pictures, but for the noise"
    start = added / FPS if first else 0.0
    heard = film.sound[round(start * SAMPLE_RATE_HZ) :][: len(words.sound)]
    assert np.corrcoef(heard, words.sound[: len(heard)])[0, 1] > 0.99
