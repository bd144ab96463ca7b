"""Rotated templates compare as before, come back, can be renewed, and resemble nothing without their seed."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.core.biometrics import Enrolment, Modality
from countersign.vault.linkability import Linkability, linkability
from countersign.vault.templates import SEED_BYTES, Rotations, protect, recover, renew
from tests.vault.enrolments import STEADY, enrolment, figures_of, same, unit_vectors, vectors_of

SEEDS = st.binary(min_size=SEED_BYTES, max_size=SEED_BYTES)
DIMENSIONS = st.sampled_from([1, 2, 3, 5, 64, 127, 128, 192, 255, 256, 512])
SEED, OTHER_SEED = bytes(range(32)), bytes(range(1, 33))


def rotations(seed: bytes, count: int, dimension: int, *, modality: Modality = Modality.FACE) -> Rotations:
    return Rotations(seed, modality=modality, count=count, dimension=dimension)


@STEADY
@given(SEEDS, DIMENSIONS, st.integers(0, 2**32))
def test_the_cosine_of_reference_and_probe_rotated_alike_is_preserved(seed: bytes, dimension: int, draw: int) -> None:
    turn = rotations(seed, 4, dimension)
    references, probes = unit_vectors(4, dimension, seed=draw), unit_vectors(4, dimension, seed=draw + 1)
    before = np.sum(references * probes, axis=1)
    after = np.sum(turn.apply(references) * turn.apply(probes), axis=1)
    assert np.abs(after - before).max() < 1e-6
    assert np.abs(np.linalg.norm(turn.apply(references), axis=1) - 1).max() < 1e-6


@STEADY
@given(SEEDS, DIMENSIONS, st.integers(0, 2**32))
def test_who_has_the_seed_gets_the_vectors_back(seed: bytes, dimension: int, draw: int) -> None:
    vectors = unit_vectors(4, dimension, seed=draw)
    assert (
        np.abs(rotations(seed, 4, dimension).undo(rotations(seed, 4, dimension).apply(vectors)) - vectors).max() < 1e-6
    )


@STEADY
@given(SEEDS, st.integers(0, 2**16), st.integers(1, 8), st.integers(0, 5))
def test_an_enrolment_comes_back_but_for_rounding_with_all_its_figures(
    seed: bytes, person: int, faces: int, voices: int
) -> None:
    original = enrolment(seed=person, faces=faces, voices=voices)
    protected = protect(original, seed=seed)
    assert figures_of(protected.rotated) == figures_of(original)
    assert same(recover(protected, seed=seed), original)


def test_a_wrong_seed_gives_back_nothing_that_resembles_the_person() -> None:
    original = enrolment()
    guessed = recover(protect(original, seed=SEED), seed=OTHER_SEED)
    assert cosines(guessed, original).max() < 0.5


def test_renewal_gives_another_identifier_of_the_same_references_without_the_person() -> None:
    original = enrolment()
    old = protect(original, seed=SEED)
    new = renew(old, seed=SEED, new_seed=OTHER_SEED)
    assert cosines(new.rotated, old.rotated).max() < 0.5
    assert same(recover(new, seed=OTHER_SEED), original)


def test_hundreds_of_renewals_do_not_wear_the_references_out() -> None:
    original = enrolment(faces=2, voices=1)
    protected, seed = protect(original, seed=SEED), SEED
    for _ in range(500):
        new_seed = hashlib.sha256(seed).digest()
        protected, seed = renew(protected, seed=seed, new_seed=new_seed), new_seed
    assert same(recover(protected, seed=seed), original, within=1e-5)


@pytest.mark.parametrize("dimension", [128, 192, 255, 256])
@pytest.mark.parametrize("where", ["first", "last", "spread"])
def test_one_vector_under_many_seeds_points_everywhere_alike(dimension: int, where: str) -> None:
    vector = np.zeros(dimension, np.float32)
    vector[{"first": slice(0, 1), "last": slice(-1, None), "spread": slice(None)}[where]] = 1.0
    vector /= np.linalg.norm(vector)
    turned = rotations(SEED, 600, dimension).apply(np.tile(vector, (600, 1)))
    cosine = (turned @ turned.T)[np.triu_indices(600, 1)]
    # Of two independent uniform directions: mean 0, variance 1/d, kurtosis 3 d / (d + 2).
    assert abs(cosine.mean()) < 0.002
    assert abs(cosine.var() * dimension - 1) < 0.02
    assert abs(np.mean(cosine**4) / cosine.var() ** 2 - 3 * dimension / (dimension + 2)) < 0.1


def test_every_sample_modality_and_person_is_rotated_differently() -> None:
    vector = np.tile(unit_vectors(1, 128, seed=3), (4, 1))
    face = rotations(SEED, 4, 128).apply(vector)
    voice = rotations(SEED, 4, 128, modality=Modality.VOICE).apply(vector)
    other = rotations(OTHER_SEED, 4, 128).apply(vector)
    everything = np.concatenate([face, voice, other])
    assert np.abs(everything @ everything.T - np.eye(12)).max() < 0.5


def test_the_cosines_between_a_persons_own_samples_do_not_link_two_identifiers() -> None:
    """Renewed from the very same samples: what a linker sees who compares how the samples of a template lie together."""
    people = [enrolment(seed=person, voices=0) for person in range(60)]
    plain = np.stack([arrangement(person) for person in people])
    first = np.stack([arrangement(protect(p, seed=i.to_bytes(32)).rotated) for i, p in enumerate(people)])
    second = np.stack([arrangement(protect(p, seed=(i + 999).to_bytes(32)).rotated) for i, p in enumerate(people)])
    assert measured(plain, plain).d_sys > 0.99
    found = measured(first, second)
    assert found.d_sys < found.chance + 0.1


def test_rotation_is_the_same_to_the_last_bit_on_every_machine() -> None:
    """If this fails, templates that were written before can no longer be turned back: give the rotation a new version."""
    recorded = {
        128: "1e2dc9f3f586d1cb835387829acf328590204c424c16d8eb0c45b60140ed056d",
        192: "c765e438cea543d04c0da83e36fb25cd0418ac1a3681673f1291e90e9b0b95ef",
        256: "1e37a002ca5bc536a9ae3eec167e1de029ce49d2444c3bd381267dd920ecc280",
    }
    for dimension, digest in recorded.items():
        turned = rotations(SEED, 4, dimension).apply(np.eye(4, dimension, dtype=np.float32))
        assert hashlib.sha256(turned.astype("<f4").tobytes()).hexdigest() == digest


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        protect(enrolment(), seed=b"short")


def cosines(first: Enrolment, second: Enrolment) -> np.ndarray:
    pairs = zip(vectors_of(first), vectors_of(second), strict=True)
    return np.array([abs(float(ours @ theirs)) for ours, theirs in pairs])


def arrangement(person: Enrolment) -> np.ndarray:
    vectors = np.stack(vectors_of(person))
    return (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]


def measured(first: np.ndarray, second: np.ndarray) -> Linkability:
    alike = -np.abs(first[:, None] - second[None]).sum(axis=2)
    same_person = np.eye(len(alike), dtype=bool)
    return linkability(alike[same_person], alike[~same_person])
