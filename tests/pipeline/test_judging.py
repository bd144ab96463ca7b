"""A whole login: what runs side by side says what it says one after the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from countersign.cli.demo.synthetic import SYNTHETIC_PEOPLE, synthetic_film
from countersign.core.biometrics import Enrolment
from countersign.core.evidence import CheckName, Evidence
from countersign.core.samples import Recording
from countersign.liveness.challenge import Challenge, ChallengeRules
from countersign.liveness.replay.keyed import TokenKey
from countersign.liveness.replay.memory import SqliteReplayMemory
from countersign.liveness.replay.prints import fingerprint
from countersign.liveness.turn import Reach
from countersign.liveness.word_list import WordList
from countersign.media.decode import LOGIN_FPS, decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.pipeline import Engine
from tests.liveness.draws import SameDraws

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def engine(runtime: Runtime) -> Engine:
    return Engine.load(runtime, pack=Pack.CORE)


@pytest.fixture(scope="module")
def login() -> Recording:
    return decode(synthetic_film(SYNTHETIC_PEOPLE[0], 1), keep_fps=LOGIN_FPS)


@pytest.fixture(scope="module")
def enrolment(engine: Engine) -> Enrolment:
    return engine.enrol([engine.extract(decode(synthetic_film(SYNTHETIC_PEOPLE[0], 0)))])


@pytest.fixture(scope="module")
def challenge() -> Challenge:
    return ChallengeRules().draw(WordList.words(), source=SameDraws(), now=datetime.now(UTC))


def judged(engine: Engine, login: Recording, enrolment: Enrolment, challenge: Challenge) -> Evidence:
    """The evidence without its timings."""
    found = engine.judge(login, enrolment, challenge=challenge, memory=SqliteReplayMemory(KEY))
    assert {"voice", "face", "phrase", "checks", "fingerprint", "replay", "compare"} == set(found.timings_ms)
    return replace(found, timings_ms={})


def test_a_judgement_is_what_its_parts_say_one_after_the_other(
    engine: Engine, login: Recording, enrolment: Enrolment, challenge: Challenge
) -> None:
    evidence = judged(engine, login, enrolment, challenge)
    features, observation = engine.observe(login)
    apart = engine.compare(features, enrolment)
    assert (evidence.face, evidence.voice, evidence.fused) == (apart.face, apart.voice, apart.fused)
    assert enrolment.face is not None
    watched = engine.liveness.watch(observation, challenge, reach=Reach.of(enrolment.face))
    heard = {CheckName.PHRASE: engine.liveness.listen(login, challenge)}
    assert {name: evidence.checks[name] for name in (*watched, *heard)} == {**watched, **heard}
    assert evidence.fingerprint == fingerprint(observation, TokenKey(KEY)).kept


def test_several_people_at_once_get_what_each_gets_alone(
    engine: Engine, login: Recording, enrolment: Enrolment, challenge: Challenge
) -> None:
    alone = judged(engine, login, enrolment, challenge)
    with ThreadPoolExecutor(3) as people:
        together = list(people.map(lambda _: judged(engine, login, enrolment, challenge), range(3)))
    assert together == [alone] * 3


def test_a_login_without_a_memory_leaves_no_fingerprint(
    engine: Engine, login: Recording, enrolment: Enrolment, challenge: Challenge
) -> None:
    silent = replace(login, audio=None)
    evidence = engine.judge(silent, enrolment, challenge=challenge)
    assert evidence.fingerprint is None
    assert "fingerprint" not in evidence.timings_ms
