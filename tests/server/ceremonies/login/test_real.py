"""One login with the real engine: a film of the very person is rejected, because other words were asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from countersign.core.samples import Capture
from countersign.media.pool import DecodePool
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.pipeline import Engine
from countersign.server.accounts.models import User
from countersign.server.ceremonies import engine_room
from countersign.server.ceremonies.engine_room import EngineRoom, Places
from countersign.server.ceremonies.models import Attempt
from countersign.server.ceremonies.references import holding
from countersign.server.ceremonies.references.opening import open_vault
from tests.server.ceremonies.people import Visitor
from tests.server.databases import Databases


@pytest.fixture(scope="module")
def room(runtime: Runtime) -> Iterator[EngineRoom]:
    """The real engine, and a decoding process."""
    engine = Engine.load(runtime, pack=Pack.CORE)
    with DecodePool(size=1) as decoder:
        yield EngineRoom(load=lambda: engine, decoder=decoder, places=Places(at_once=1, waiting=2, seconds=20))


def test_a_film_of_the_person_who_says_other_words_is_rejected(
    person: User, databases: Databases, samples: Path, room: EngineRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    if databases.name != "sqlite":
        pytest.skip("no other with another database")
    monkeypatch.setitem(engine_room._rooms, "real", room)
    monkeypatch.setattr(settings, "ENGINE_ROOM", "real")
    enrolled, shown = ((samples / "av/grid/s1" / name).read_bytes() for name in ("bbaf2n.mpg", "bbbf6n.mpg"))
    features = room.engine.extract(room.decode(Capture(data=enrolled)))
    with open_vault().together():
        holding.replace(person, room.engine.enrol([features]), [])

    visitor = Visitor()
    visitor.log_in()
    assert visitor.attempt(shown).json() == {"outcome": "rejected", "attempts_left": 4, "fallbacks": []}
    kept: Any = Attempt.objects.get().findings
    assert kept["face"]["llr"] > 0, "it is the person"
    assert kept["checks"]["phrase"]["llr"] < 0, "who does not say these words"
    assert "phrase" in kept["failed_checks"]
    assert {"decode", "judge", "face", "voice"} <= set(kept["timings_ms"])
    assert visitor.attempt(b"no film at all").json()["code"] == "media.unsupported"
