"""The cohort's back-end: fitted to the speakers it may know, and to no others."""

from __future__ import annotations

import io

import numpy as np
import pytest

from countersign.core.biometrics import ModelRef
from countersign.models.catalog import find
from countersign.scoring.voice_cohort import VoiceCohort, shipped_cohort

DIMENSIONS, SPEAKERS, EACH = 32, 8, 10
NOISY = 3
"""The dimension in which everybody's utterances differ most among themselves."""


@pytest.fixture(scope="module")
def cohort() -> VoiceCohort:
    rng = np.random.default_rng(11)
    speakers = np.repeat(np.arange(SPEAKERS), EACH)
    vectors = np.abs(rng.standard_normal((SPEAKERS, DIMENSIONS)))[speakers] + 0.1 * rng.standard_normal(
        (SPEAKERS * EACH, DIMENSIONS)
    )
    vectors[:, NOISY] += 3.0 * rng.standard_normal(SPEAKERS * EACH)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return VoiceCohort(
        vectors=vectors.astype(np.float32),
        speakers=speakers,
        model=ModelRef(name="test", sha256="11" * 32),
        data="made up",
    )


def test_what_was_saved_is_read_again(cohort: VoiceCohort) -> None:
    file = io.BytesIO()
    cohort.save(file)
    file.seek(0)
    again = VoiceCohort.load(file)
    np.testing.assert_allclose(again.vectors, cohort.vectors, atol=1e-3)
    np.testing.assert_array_equal(again.speakers, cohort.speakers)
    assert (again.model, again.data) == (cohort.model, cohort.data)


def test_a_cohort_cannot_be_written_to(cohort: VoiceCohort) -> None:
    with pytest.raises(ValueError, match="read-only"):
        cohort.vectors[0, 0] = 1.0


def test_a_direction_in_which_everybody_varies_counts_less(cohort: VoiceCohort) -> None:
    transform = cohort.fit().transform
    others = np.delete(np.diag(transform), NOISY)
    assert transform[NOISY, NOISY] < 0.9 * others.min()
    np.testing.assert_allclose(transform, transform.T, atol=1e-5)


def test_a_voice_like_several_of_the_cohort_is_common_and_an_odd_one_is_not(cohort: VoiceCohort) -> None:
    back_end = cohort.fit()
    middle = cohort.vectors.mean(axis=0)
    assert back_end.commonness(back_end.project(middle / np.linalg.norm(middle))) > 0.05
    assert back_end.commonness(back_end.project(-cohort.vectors[0])) == 0.0


def test_a_recording_of_the_cohort_is_recognised_and_its_speaker_can_be_left_out(cohort: VoiceCohort) -> None:
    known = cohort.speakers_of(cohort.vectors[[0, 2 * EACH]])
    assert {0, 2} <= known
    assert len(cohort.fit(known).rivals) == SPEAKERS - len(known)


def test_a_speaker_who_is_left_out_has_no_influence(cohort: VoiceCohort) -> None:
    others = cohort.speakers != 0
    without = VoiceCohort(
        vectors=cohort.vectors[others], speakers=cohort.speakers[others], model=cohort.model, data=cohort.data
    )
    left_out, never_there = cohort.fit(frozenset({0})), without.fit()
    np.testing.assert_array_equal(left_out.transform, never_there.transform)
    np.testing.assert_array_equal(left_out.centre, never_there.centre)
    np.testing.assert_array_equal(left_out.rivals, never_there.rivals)


def test_the_shipped_cohort_fits_the_shipped_encoder() -> None:
    shipped = shipped_cohort()
    assert shipped.model == find("ge2e").ref
    assert len(set(shipped.speakers.tolist())) == 38
    assert "CC BY 4.0" in shipped.data
    np.testing.assert_allclose(np.linalg.norm(shipped.vectors, axis=1), 1.0, atol=1e-5)
    assert len(shipped.fit().rivals) == 38


def test_every_utterance_of_the_shipped_cohort_is_known_to_it() -> None:
    shipped = shipped_cohort()
    for index in range(0, len(shipped.vectors), 20):
        assert int(shipped.speakers[index]) in shipped.speakers_of(shipped.vectors[[index]])
