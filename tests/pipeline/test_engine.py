"""The engine, whole, on real models: films of synthetic people in, evidence out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from countersign.cli.demo.synthetic import SYNTHETIC_PEOPLE, synthetic_film
from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import Enrolment, Modality
from countersign.core.decisions import Accepted, Rejected, Retry
from countersign.core.errors import ErrorCode, MediaError
from countersign.core.evidence import LLR, Comparison, Features, NotAssessed
from countersign.core.samples import AudioClip, Recording, require
from countersign.media.decode import decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.pipeline import Engine
from countersign.policy.decide import decide
from countersign.policy.profiles import STANDARD


@pytest.fixture(scope="module")
def engine(runtime: Runtime) -> Engine:
    return Engine.load(runtime, pack=Pack.CORE)


@pytest.fixture(scope="module")
def films() -> list[list[Recording]]:
    """Three takes of each of two people."""
    return [[decode(synthetic_film(person, take)) for take in range(3)] for person in SYNTHETIC_PEOPLE]


@pytest.fixture(scope="module")
def features(engine: Engine, films: list[list[Recording]]) -> list[list[Features]]:
    return [[engine.extract(film) for film in takes] for takes in films]


def test_each_person_is_accepted_as_themselves_and_refused_as_the_other(
    engine: Engine, features: list[list[Features]]
) -> None:
    enrolments = [engine.enrol(takes[:2]) for takes in features]
    for presenter, takes in enumerate(features):
        for claimed, enrolment in enumerate(enrolments):
            decision = decide(engine.compare(takes[2], enrolment), STANDARD.comparison_only())
            assert isinstance(decision, Accepted if presenter == claimed else Rejected), (presenter, claimed)


def test_evidence_names_its_models_its_calibration_and_its_timings(
    engine: Engine, features: list[list[Features]]
) -> None:
    evidence = engine.compare(features[0][0], engine.enrol(features[0][1:]))
    assert isinstance(evidence.face, Comparison)
    assert isinstance(evidence.voice, Comparison)
    assert isinstance(evidence.fused, LLR)
    assert evidence.face.score.model == engine.models[Modality.FACE]
    assert evidence.voice.score.model == engine.models[Modality.VOICE]
    assert evidence.face.llr.calibration in evidence.fused.calibration
    assert {"face", "voice", "compare"} <= set(evidence.timings_ms)


def test_the_same_recording_gives_the_same_evidence(engine: Engine, films: list[list[Recording]]) -> None:
    enrolment = engine.enrol([engine.extract(films[0][0])])
    first, second = (engine.compare(engine.extract(films[0][1]), enrolment) for _ in range(2))
    assert (first.face, first.voice, first.fused) == (second.face, second.voice, second.fused)


def test_a_film_without_sound_says_nothing_about_the_voice(engine: Engine, films: list[list[Recording]]) -> None:
    silent = dataclasses.replace(films[0][2], audio=None)
    evidence = engine.compare(engine.extract(silent), engine.enrol([engine.extract(films[0][0])]))
    assert isinstance(evidence.voice, NotAssessed)
    assert isinstance(evidence.face, Comparison)
    assert evidence.fused == evidence.face.llr
    assert isinstance(decide(evidence, STANDARD.comparison_only()), Rejected)


def test_somebody_who_says_nothing_is_asked_again(engine: Engine, films: list[list[Recording]]) -> None:
    audio = films[0][2].audio
    assert audio is not None
    quiet = AudioClip(samples=np.zeros_like(audio.samples))
    features = engine.extract(dataclasses.replace(films[0][2], audio=quiet))
    assert isinstance(features.voice, FailureToAcquire)
    assert features.voice.reason is AcquisitionReason.NO_SPEECH
    decision = decide(engine.compare(features, engine.enrol([engine.extract(films[0][0])])), STANDARD.comparison_only())
    assert isinstance(decision, Retry)


def test_who_has_no_reference_is_not_compared_and_not_accepted(engine: Engine, features: list[list[Features]]) -> None:
    evidence = engine.compare(features[0][0], Enrolment(face=None, voice=None))
    assert isinstance(evidence.fused, NotAssessed)
    assert isinstance(decide(evidence, STANDARD.comparison_only()), Rejected)


def test_a_presentation_may_be_several_recordings(engine: Engine, films: list[list[Recording]]) -> None:
    whole = engine.extract(films[1][2])
    pictures = engine.extract(dataclasses.replace(films[1][2], audio=None))
    sound = engine.extract(dataclasses.replace(films[1][2], video=None))
    enrolment = engine.enrol([engine.extract(films[1][0])])
    apart, together = (engine.compare(each, enrolment) for each in (engine.gather([sound, pictures]), whole))
    assert (apart.face, apart.voice, apart.fused) == (together.face, together.voice, together.fused)
    assert isinstance(apart.fused, LLR)


def test_a_failure_stands_for_a_modality_only_while_nothing_better_came(
    engine: Engine, features: list[list[Features]]
) -> None:
    failure = FailureToAcquire(modality=Modality.FACE, reason=AcquisitionReason.NO_FACE, detail="")
    nothing = Features(face=failure, voice=NotAssessed(reason="no sound"))
    assert isinstance(engine.gather([nothing, features[0][0]]).face, tuple)
    assert engine.gather([nothing, nothing]).face == failure


def test_references_of_another_model_ask_for_a_new_enrolment(engine: Engine, features: list[list[Features]]) -> None:
    enrolment = engine.enrol(features[0])
    face, voice = engine.models[Modality.FACE], engine.models[Modality.VOICE]
    assert not enrolment.needs_reenrolment(face_model=face, voice_model=voice)
    assert enrolment.needs_reenrolment(face_model=dataclasses.replace(face, sha256="0" * 64), voice_model=voice)
    assert enrolment.needs_reenrolment(face_model=face, voice_model=dataclasses.replace(voice, sha256="0" * 64))


@pytest.mark.parametrize(
    ("missing", "code"), [("video", ErrorCode.MEDIA_NO_VIDEO), ("audio", ErrorCode.MEDIA_NO_AUDIO)]
)
def test_a_broken_upload_is_an_error_with_a_code(films: list[list[Recording]], missing: str, code: ErrorCode) -> None:
    assert require(films[0][0], Modality) is films[0][0]
    half = dataclasses.replace(films[0][0], video=None) if missing == "video" else None
    half = half or dataclasses.replace(films[0][0], audio=None)
    with pytest.raises(MediaError) as caught:
        require(half, Modality)
    assert caught.value.code is code
