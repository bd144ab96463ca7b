from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from countersign.core.evidence import Assessment, CheckName, NotAssessed
from countersign.core.samples import Capture
from countersign.liveness.challenge import ChallengeRules
from countersign.liveness.replay.memory import SqliteReplayMemory
from countersign.liveness.word_list import WordList
from countersign.media.decode import decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.pipeline import Engine


class Fixed:
    """Always the same draw."""

    def randbelow(self, exclusive_upper_bound: int, /) -> int:
        return exclusive_upper_bound // 2

    def token_bytes(self, nbytes: int, /) -> bytes:
        return bytes(nbytes)


@pytest.mark.slow
def test_a_login_is_known_again_once_it_was_remembered_and_so_is_an_enrolment(samples: Path, runtime: Runtime) -> None:
    engine = Engine.load(runtime, pack=Pack.CORE)
    challenge = ChallengeRules().draw(WordList.words(), source=Fixed(), now=datetime.now(UTC))
    data = [(samples / "av/grid/s1" / f"{name}.mpg").read_bytes() for name in ("bbaf2n", "bbbf6n")]
    login, other = (decode(Capture(data=each), keep_fps=25.0) for each in data)
    enrolment = engine.enrol([engine.extract(other)])
    memory = SqliteReplayMemory(bytes(range(32)))

    first = engine.judge(login, enrolment, challenge=challenge, memory=memory)
    assert first.fingerprint is not None
    assert _replay_llr(first.checks[CheckName.REPLAY]) > 0
    memory.remember(uuid4(), first.fingerprint, at=datetime.now(UTC))
    again = engine.judge(login, enrolment, challenge=challenge, memory=memory)
    assert _replay_llr(again.checks[CheckName.REPLAY]) < 0

    assert _replay_llr(engine.judge(other, enrolment, challenge=challenge, memory=memory).checks[CheckName.REPLAY]) > 0
    memory.remember(uuid4(), engine.fingerprint(other, memory), at=datetime.now(UTC))
    assert _replay_llr(engine.judge(other, enrolment, challenge=challenge, memory=memory).checks[CheckName.REPLAY]) < 0

    without = engine.judge(login, enrolment, challenge=challenge)
    assert isinstance(without.checks[CheckName.REPLAY], NotAssessed)
    assert without.fingerprint is None


def _replay_llr(result: object) -> float:
    assert isinstance(result, Assessment)
    return result.llr.value
