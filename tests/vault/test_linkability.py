"""D_sys is 1 where templates give their people away, and no more than chance where they do not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.core.biometrics import Enrolment, FaceReference
from countersign.vault.linkability import linkability, linkage_scores
from countersign.vault.templates import protect
from tests.vault.enrolments import STEADY, face_sample, unit_vectors


def two_sessions(people: int, *, spread: float) -> tuple[list[Enrolment], list[Enrolment]]:
    """The same people enrolled twice; samples lie about each person's own direction, `spread` away."""
    centres = unit_vectors(people, 128, seed=1)

    def session(seed: int) -> list[Enrolment]:
        noise = unit_vectors(people * 4, 128, seed=seed).reshape(people, 4, 128)
        samples = centres[:, None] + spread * noise
        samples = (samples / np.linalg.norm(samples, axis=2, keepdims=True)).astype(np.float32)
        return [Enrolment(face=FaceReference(samples=tuple(map(face_sample, rows))), voice=None) for rows in samples]

    return session(2), session(3)


def faces(enrolments: list[Enrolment]) -> list[FaceReference]:
    return [enrolled.face for enrolled in enrolments if enrolled.face is not None]


def protected(enrolments: list[Enrolment], database: int) -> list[Enrolment]:
    return [
        protect(enrolled, seed=bytes([database]) * 16 + i.to_bytes(16)).rotated for i, enrolled in enumerate(enrolments)
    ]


def test_scores_that_never_overlap_are_fully_linkable() -> None:
    rng = np.random.default_rng(0)
    found = linkability(rng.uniform(0.6, 1, 200), rng.uniform(-1, 0.5, 5000))
    assert found.d_sys == pytest.approx(1.0)
    assert found.chance < 0.2


def test_scores_of_one_distribution_are_not_linkable() -> None:
    rng = np.random.default_rng(0)
    found = linkability(rng.normal(size=2000), rng.normal(size=20_000))
    assert found.d_sys < 0.1
    assert found.d_sys == pytest.approx(found.chance, abs=0.03)


def test_the_measure_agrees_with_its_definition_for_known_densities() -> None:
    """Mated uniform on [0, 1], non-mated on [0, 2]: the ratio is 2 wherever mated scores lie, so D is 2 * 2/3 - 1."""
    rng = np.random.default_rng(0)
    found = linkability(rng.uniform(0, 1, 50_000), rng.uniform(0, 2, 50_000), bins=50)
    assert found.d_sys == pytest.approx(1 / 3, abs=0.02)
    assert found.local[:24] == pytest.approx(1 / 3, abs=0.1)
    assert not found.local[26:].any()
    twice_as_likely = linkability(rng.uniform(0, 1, 50_000), rng.uniform(0, 2, 50_000), bins=50, prior_ratio=2.0)
    assert twice_as_likely.d_sys == pytest.approx(2 * 4 / 5 - 1, abs=0.02)


@STEADY
@given(st.integers(10, 300), st.integers(10, 300), st.integers(0, 2**32), st.floats(-3, 3))
def test_it_lies_between_0_and_1_and_keeps_count(mated: int, nonmated: int, seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    found = linkability(rng.normal(size=mated) + shift, rng.normal(size=nonmated))
    assert 0.0 <= found.d_sys <= 1.0
    assert 0.0 <= found.chance <= 1.0
    assert found.local.min() >= 0.0
    assert found.local.max() <= 1.0
    assert len(found.edges) == len(found.local) + 1
    assert (found.mated, found.nonmated) == (mated, nonmated)


def test_equal_scores_everywhere_say_nothing() -> None:
    assert linkability(np.ones(20), np.ones(200)).d_sys == 0.0


def test_it_does_not_depend_on_the_order_of_scores() -> None:
    rng = np.random.default_rng(4)
    mated, nonmated = rng.normal(size=100) + 1, rng.normal(size=1000)
    assert linkability(mated, nonmated).d_sys == linkability(mated[::-1], rng.permutation(nonmated)).d_sys


def test_few_people_are_enough_to_see_that_plain_templates_are_linkable() -> None:
    first, second = two_sessions(12, spread=0.8)
    assert linkability(*linkage_scores(faces(first), faces(second))).d_sys > 0.95


def test_too_few_scores_and_scores_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="ten"):
        linkability(np.ones(9), np.ones(100))
    with pytest.raises(ValueError, match="one bin"):
        linkability(np.ones(20), np.ones(100), bins=1)
    with pytest.raises(ValueError, match="finite"):
        linkability(np.array([np.nan] * 20), np.ones(100))


def test_plain_templates_of_two_databases_are_linked_and_rotated_ones_are_not() -> None:
    first, second = two_sessions(100, spread=0.8)
    plain = linkability(*linkage_scores(faces(first), faces(second)))
    assert plain.d_sys > 0.95
    rotated = linkability(*linkage_scores(faces(protected(first, 1)), faces(protected(second, 2))))
    assert (rotated.mated, rotated.nonmated) == (100, 9900)
    assert rotated.d_sys < 0.25
    assert rotated.d_sys < rotated.chance + 0.1


def test_a_renewed_template_is_not_linked_to_the_one_before() -> None:
    first, _ = two_sessions(100, spread=0.8)
    renewed = linkability(*linkage_scores(faces(protected(first, 1)), faces(protected(first, 2))))
    assert renewed.d_sys < renewed.chance + 0.1


def test_databases_of_different_people_are_refused() -> None:
    first, second = two_sessions(4, spread=0.5)
    with pytest.raises(ValueError, match="same people"):
        linkage_scores(faces(first), faces(second)[1:])
