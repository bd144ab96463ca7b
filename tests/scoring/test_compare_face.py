"""Face scores: symmetric where they should be, pose-aware, and never across models."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.core.biometrics import Embedding, FaceProbe, FaceReference, FaceSample, Modality, ModelRef
from countersign.core.errors import ComparisonError, ErrorCode
from countersign.core.quality import FaceQuality, HeadPose
from countersign.scoring.compare_face import FaceComparator, prepare

MODEL = ModelRef(name="test", sha256="11" * 32)
OTHER = ModelRef(name="test", sha256="22" * 32)
DEFAULT, SIMPLE = FaceComparator.default(), FaceComparator.simple()


def sample(*direction: float, yaw: float = 0.0, model: ModelRef = MODEL, eyes: float = 60.0) -> FaceSample:
    vector = np.array(direction, dtype=np.float32)
    return FaceSample(
        embedding=Embedding(vector=vector / np.linalg.norm(vector), modality=Modality.FACE, model=model),
        pose=HeadPose(yaw=yaw, pitch=0.0, roll=0.0),
        quality=FaceQuality(inter_eye_px=eyes, sharpness=100.0, brightness=0.5, contrast=0.2, detector_score=0.9),
    )


def score(comparator: FaceComparator, probe: list[FaceSample], reference: list[FaceSample]) -> float:
    return comparator.compare(FaceProbe(samples=tuple(probe)), FaceReference(samples=tuple(reference))).value


def test_the_simplest_comparator_is_the_cosine_of_the_means() -> None:
    probe = [sample(1, 0, 0), sample(0, 1, 0)]
    reference = [sample(1, 0, 1), sample(1, 0, -1), sample(1, 0, 0)]
    means = [np.mean([one.embedding.vector for one in side], axis=0) for side in (probe, reference)]
    cosine = means[0] @ means[1] / np.linalg.norm(means[0]) / np.linalg.norm(means[1])
    assert score(SIMPLE, probe, reference) == pytest.approx(float(cosine), abs=1e-6)


@pytest.mark.parametrize("comparator", [DEFAULT, SIMPLE])
def test_a_face_is_like_itself_and_unlike_its_opposite(comparator: FaceComparator) -> None:
    assert score(comparator, [sample(3, 4)], [sample(3, 4)]) == pytest.approx(1.0)
    assert score(comparator, [sample(3, 4)], [sample(-3, -4)]) == pytest.approx(-1.0)


def test_a_reference_sample_turned_far_beyond_the_probe_hardly_counts() -> None:
    front, profile = sample(1, 0), sample(0, 1, yaw=85)
    assert score(DEFAULT, [sample(1, 0)], [front, profile]) > 0.99
    assert score(SIMPLE, [sample(1, 0)], [front, profile]) < 0.8


def test_it_does_not_matter_to_which_side_a_head_is_turned() -> None:
    reference = [sample(1, 0), sample(1, 1, yaw=40)]
    left, right = ([sample(1, 1, yaw=yaw)] for yaw in (40.0, -40.0))
    assert score(DEFAULT, left, reference) == pytest.approx(score(DEFAULT, right, reference))


def test_a_reference_with_a_sample_like_the_probe_scores_higher_than_their_mean_does() -> None:
    reference = [sample(1, 0.2, 0), sample(0, 0.2, 1)]
    assert score(DEFAULT, [sample(1, 0, 0)], reference) > score(SIMPLE, [sample(1, 0, 0)], reference)


def test_side_information_says_how_far_the_poses_are_apart_and_how_small_the_face() -> None:
    probe = FaceProbe(samples=(sample(1, 0, yaw=-50, eyes=20),))
    found = DEFAULT.compare(probe, FaceReference(samples=(sample(1, 0), sample(1, 1, yaw=30))))
    assert found.side == pytest.approx({"yaw_gap_deg": 20.0, "log_inter_eye_px": np.log(20)})
    back = DEFAULT.compare(FaceProbe(samples=(sample(1, 0),)), FaceReference(samples=probe.samples))
    assert back.side["yaw_gap_deg"] == 0.0


def test_a_score_carries_its_model_and_its_comparator() -> None:
    found = DEFAULT.compare(FaceProbe(samples=(sample(1, 0),)), FaceReference(samples=(sample(1, 0),)))
    assert (found.modality, found.model, found.comparator) == (Modality.FACE, MODEL, "face-poses/1")
    assert SIMPLE.name != DEFAULT.name


@pytest.mark.parametrize("comparator", [DEFAULT, SIMPLE])
def test_nothing_is_compared_across_models(comparator: FaceComparator) -> None:
    mixed = [sample(1, 0), sample(1, 0, model=OTHER)]
    for probe, reference in (([sample(1, 0)], [sample(1, 0, model=OTHER)]), (mixed, [sample(1, 0)])):
        with pytest.raises(ComparisonError) as error:
            score(comparator, probe, reference)
        assert error.value.code is ErrorCode.COMPARISON_ACROSS_MODELS


def test_a_reference_without_samples_is_an_error_not_a_score() -> None:
    with pytest.raises(ComparisonError) as error:
        score(DEFAULT, [sample(1, 0)], [])
    assert error.value.code is ErrorCode.COMPARISON_NO_REFERENCE


directions = st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4).filter(lambda v: sum(x * x for x in v) > 1e-3)
faces = st.lists(st.tuples(directions, st.floats(-90, 90)), min_size=1, max_size=6)


@given(probe=faces, reference=faces)
def test_a_score_is_finite_bounded_and_blind_to_order(
    probe: list[tuple[list[float], float]], reference: list[tuple[list[float], float]]
) -> None:
    shown = [sample(*direction, yaw=yaw) for direction, yaw in probe]
    stored = [sample(*direction, yaw=yaw) for direction, yaw in reference]
    value = score(DEFAULT, shown, stored)
    assert -1.0001 <= value <= 1.0001
    assert score(DEFAULT, shown[::-1], stored[::-1]) == pytest.approx(value, abs=1e-3)


def test_a_hundred_thousand_comparisons_take_seconds() -> None:
    rng = np.random.default_rng(0)
    reference = prepare(tuple(sample(*rng.normal(size=256)) for _ in range(8)))
    probe = prepare((sample(*rng.normal(size=256)),))
    started = time.process_time()
    for _ in range(2_000):
        DEFAULT.compare_prepared(probe, reference)
    assert 50 * (time.process_time() - started) < 60
