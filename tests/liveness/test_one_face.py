"""A recording is of one face: who swaps theirs for a picture of somebody else's is not let in by either."""

from __future__ import annotations

from pathlib import Path

import pytest

from countersign.core.biometrics import FaceSample
from countersign.core.evidence import Assessment, CheckName, NotAssessed
from countersign.core.samples import Capture
from countersign.liveness.one_face import check_one_face
from countersign.media.decode import decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.pipeline import Engine
from countersign.policy.profiles import STANDARD

FLOOR = STANDARD.checks[CheckName.ONE_FACE].floor


@pytest.fixture(scope="module")
def engine(runtime: Runtime) -> Engine:
    return Engine.load(runtime, pack=Pack.CORE)


@pytest.fixture(scope="module")
def films(engine: Engine, samples: Path) -> tuple[tuple[FaceSample, ...], tuple[FaceSample, ...]]:
    """The faces of a film in which one person turns the head, and of one in which another talks."""
    taken = []
    for name in ("av/head_turns/live/lestari15_real.mp4", "av/grid/s1/bgwi1a.mpg"):
        face = engine.extract(decode(Capture(data=(samples / name).read_bytes()))).face
        assert isinstance(face, tuple)
        taken.append(face)
    return taken[0], taken[1]


def ratio(engine: Engine, samples: tuple[FaceSample, ...]) -> float:
    result = check_one_face(samples, comparator=engine.face_comparator, calibrations=engine.calibrations)
    assert isinstance(result, Assessment)
    return result.llr.value


def test_a_person_who_turns_the_head_is_one_person(
    engine: Engine, films: tuple[tuple[FaceSample, ...], tuple[FaceSample, ...]]
) -> None:
    for samples in films:
        assert ratio(engine, samples) > FLOOR


@pytest.mark.parametrize("cut", [2, 4, 6])
def test_a_face_that_is_swapped_on_the_way_is_noticed(
    engine: Engine, films: tuple[tuple[FaceSample, ...], tuple[FaceSample, ...]], cut: int
) -> None:
    one, other = films
    assert ratio(engine, (*one[:cut], *other[cut:])) < FLOOR
    assert ratio(engine, (*one[:2], *other[2:cut], *one[cut:])) < FLOOR or cut == 2, "and back again"


def test_too_few_samples_are_not_judged(
    engine: Engine, films: tuple[tuple[FaceSample, ...], tuple[FaceSample, ...]]
) -> None:
    few = check_one_face(films[0][:3], comparator=engine.face_comparator, calibrations=engine.calibrations)
    assert isinstance(few, NotAssessed)
