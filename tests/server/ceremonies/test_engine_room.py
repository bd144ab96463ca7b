"""So many at once, so many waiting, and a refusal for the rest; and nothing is loaded before it is needed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from countersign.server.ceremonies.engine_room import EngineRoom, Places, engine_room, open_room
from countersign.server.ceremonies.problems import Problem, ProblemCode
from tests.server.ceremonies.scripted import ScriptedDecoder, ScriptedEngine


def test_no_more_than_so_many_are_at_work_and_no_more_than_so_many_wait() -> None:
    places, inside, most = Places(at_once=2, waiting=3, seconds=20), threading.Semaphore(0), []
    go_on = threading.Event()

    def work(_number: int) -> str:
        try:
            with places.take():
                inside.release()
                most.append(places.inside)
                go_on.wait(20)
        except Problem as problem:
            return problem.code
        return "done"

    with ThreadPoolExecutor(9) as pool:
        asked = [pool.submit(work, number) for number in range(9)]
        inside.acquire(timeout=20)
        inside.acquire(timeout=20)
        while sum(each.done() for each in asked) < 4:
            pass
        assert not inside.acquire(blocking=False), "a third is not at work"
        go_on.set()
        outcomes = [each.result() for each in asked]
    assert sorted(outcomes) == ["done"] * 5 + [ProblemCode.BUSY] * 4
    assert places.inside == 0


def test_nobody_waits_for_ever() -> None:
    places = Places(at_once=1, waiting=1, seconds=0.05)
    with places.take():
        with pytest.raises(Problem) as refused, places.take():
            pass
        assert refused.value.retry_after == 5
    with places.take():
        assert places.inside == 1, "a place that was given up is free"


def test_the_engine_is_loaded_once_and_only_when_it_is_needed() -> None:
    loaded = []

    def load() -> ScriptedEngine:
        loaded.append(1)
        return ScriptedEngine()

    room = EngineRoom(load=load, decoder=ScriptedDecoder(), places=Places(at_once=1, waiting=0, seconds=1))
    assert loaded == []
    with ThreadPoolExecutor(4) as pool:
        engines = list(pool.map(lambda _: room.engine, range(4)))
    assert loaded == [1]
    assert len(set(map(id, engines))) == 1


def test_the_real_room_opens_without_loading_anything() -> None:
    assert isinstance(open_room(), EngineRoom)
    assert engine_room() is engine_room()
