"""All checks of one recording, each of which says something or why it does not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from countersign.core.evidence import Assessment, CheckName, NotAssessed
from countersign.core.samples import Capture
from countersign.liveness.challenge import Challenge, ChallengeRules
from countersign.liveness.word_list import WordList
from countersign.media.decode import decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.pipeline import Engine
from tests.liveness.draws import SameDraws

ARTEFACTS = (CheckName.FACE_ARTEFACTS, CheckName.SYNTHETIC_SPEECH)


@pytest.fixture
def challenge() -> Challenge:
    return ChallengeRules().draw(WordList.words(), source=SameDraws(), now=datetime.now(UTC))


def test_artefacts_are_left_to_pack_plus(samples: Path, runtime: Runtime, challenge: Challenge) -> None:
    engine = Engine.load(runtime, pack=Pack.CORE)
    recording = decode(Capture(data=(samples / "av/grid/s1/bgwi1a.mpg").read_bytes()))
    checks = engine.liveness.watch(engine.observe(recording)[1], challenge)
    for name in ARTEFACTS:
        result = checks[name]
        assert isinstance(result, NotAssessed)
        assert "plus" in result.reason


def test_a_talking_face_is_looked_at_for_artefacts(samples: Path, plus_runtime: Runtime, challenge: Challenge) -> None:
    engine = Engine.load(plus_runtime, pack=Pack.PLUS)
    engine.liveness.warm_up()
    recording = decode(Capture(data=(samples / "av/grid/s1/bgwi1a.mpg").read_bytes()))
    checks = engine.liveness.watch(engine.observe(recording)[1], challenge)
    face, speech = (checks[name] for name in ARTEFACTS)
    phrase = engine.liveness.listen(recording, challenge)
    assert isinstance(face, Assessment)
    assert face.llr.value > 2
    assert isinstance(speech, Assessment)
    assert isinstance(phrase, Assessment)
    assert phrase.llr.value < 0
