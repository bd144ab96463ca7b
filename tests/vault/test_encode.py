"""Encoding is exact, has one form, and refuses everything else by name."""

from __future__ import annotations

import dataclasses
import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.core.biometrics import (
    Embedding,
    Enrolment,
    FaceReference,
    FaceSample,
    Modality,
    ModelRef,
    VoiceReference,
    VoiceSample,
)
from countersign.core.errors import ErrorCode, VaultError
from countersign.core.quality import FaceQuality, HeadPose, SpeechQuality
from countersign.vault.encode import MAX_BYTES, MAX_DIMENSION, MAX_SAMPLES, VERSION, decode, encode
from tests.vault.enrolments import (
    FACE_MODEL,
    STEADY,
    enrolment,
    face_sample,
    figures_of,
    unit_vectors,
    vectors_of,
    voice_sample,
)

FIGURES = st.floats(allow_nan=False, allow_infinity=False)
MODELS = st.builds(
    ModelRef, name=st.text(min_size=1, max_size=60), sha256=st.binary(min_size=32, max_size=32).map(bytes.hex)
)


@st.composite
def references(draw: st.DrawFn, modality: Modality) -> list[Embedding]:
    model = draw(MODELS)
    count, dimension = draw(st.integers(0, 6)), draw(st.sampled_from([1, 2, 3, 127, 128, 192, 256, 512]))
    vectors = unit_vectors(count, dimension, seed=draw(st.integers(0, 2**32)))
    return [Embedding(vector=row, modality=modality, model=model) for row in vectors]


def all_of(kind: type[object]) -> st.SearchStrategy[object]:
    """A figure of its own for every field, so that a field which the encoding forgets is noticed here."""
    return st.builds(kind, **{field.name: FIGURES for field in dataclasses.fields(kind)})  # type: ignore[arg-type]


@st.composite
def enrolments(draw: st.DrawFn) -> Enrolment:
    quality = st.builds(SpeechQuality, snr_db=st.none() | FIGURES, **dict.fromkeys(VOICE_FIGURES, FIGURES))
    face = tuple(
        FaceSample(embedding=embedding, pose=draw(all_of(HeadPose)), quality=draw(all_of(FaceQuality)))  # type: ignore[arg-type]
        for embedding in draw(references(Modality.FACE))
    )
    voice = tuple(
        VoiceSample(embedding=embedding, quality=draw(quality)) for embedding in draw(references(Modality.VOICE))
    )
    return Enrolment(
        face=FaceReference(samples=face) if face else None, voice=VoiceReference(samples=voice) if voice else None
    )


VOICE_FIGURES = [field.name for field in dataclasses.fields(SpeechQuality) if field.name != "snr_db"]


def refusal(data: bytes) -> ErrorCode:
    with pytest.raises(VaultError) as refused:
        decode(data)
    return refused.value.code


@STEADY
@given(enrolments())
def test_what_was_encoded_is_decoded_to_the_last_bit(original: Enrolment) -> None:
    copy = decode(encode(original))
    assert figures_of(copy) == figures_of(original)
    pairs = zip(vectors_of(copy), vectors_of(original), strict=True)
    assert all(ours.tobytes() == theirs.tobytes() and ours.dtype == np.float32 for ours, theirs in pairs)
    assert encode(copy) == encode(original)


def test_an_absent_figure_stays_absent_and_zero_stays_zero() -> None:
    for snr_db in (None, 0.0, -0.0, 12.5):
        reference = VoiceReference(samples=(voice_sample(unit_vectors(1, 8, seed=1)[0], snr_db=snr_db),))
        decoded = decode(encode(Enrolment(face=None, voice=reference))).voice
        assert decoded is not None
        assert repr(decoded.samples[0].quality.snr_db) == repr(snr_db)


def test_decoded_vectors_refuse_writes() -> None:
    vector = vectors_of(decode(encode(enrolment())))[0]
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 1.0


@STEADY
@given(st.data())
def test_every_shorter_piece_is_refused(data: st.DataObject) -> None:
    whole = encode(enrolment())
    assert refusal(whole[: data.draw(st.integers(0, len(whole) - 1))]) is ErrorCode.VAULT_MALFORMED


def test_anything_behind_the_end_is_refused() -> None:
    assert refusal(encode(enrolment()) + b"\0") is ErrorCode.VAULT_MALFORMED


def test_an_unknown_version_is_told_apart_from_damage() -> None:
    data = encode(enrolment())
    assert data[4] == VERSION
    assert refusal(data[:4] + bytes([VERSION + 1]) + data[5:]) is ErrorCode.VAULT_UNKNOWN_FORMAT


@settings(STEADY, max_examples=300)
@given(st.binary(max_size=400) | st.binary(max_size=400).map(lambda tail: b"CSEN\x01" + tail))
def test_arbitrary_bytes_are_decoded_and_encoded_the_same_or_refused_with_a_code(data: bytes) -> None:
    try:
        decoded = decode(data)
    except VaultError as error:
        known = {ErrorCode.VAULT_MALFORMED, ErrorCode.VAULT_TOO_LARGE, ErrorCode.VAULT_UNKNOWN_FORMAT}
        assert error.code in known  # noqa: PT017 - both outcomes are allowed
    else:
        assert encode(decoded) == data


@settings(STEADY, max_examples=300)
@given(st.data())
def test_one_altered_byte_is_decoded_and_encoded_the_same_or_refused_with_a_code(data: st.DataObject) -> None:
    whole = bytearray(encode(enrolment(faces=2, voices=2)))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        decoded = decode(bytes(whole))
    except VaultError as error:
        known = {ErrorCode.VAULT_MALFORMED, ErrorCode.VAULT_TOO_LARGE, ErrorCode.VAULT_UNKNOWN_FORMAT}
        assert error.code in known  # noqa: PT017 - both outcomes are allowed
    else:
        assert encode(decoded) == whole


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_figures_and_vectors_that_are_not_finite_are_refused_both_ways(value: float) -> None:
    broken = face_sample(unit_vectors(1, 8, seed=1)[0], yaw=value)
    with pytest.raises(VaultError) as refused:
        encode(Enrolment(face=FaceReference(samples=(broken,)), voice=None))
    assert refused.value.code is ErrorCode.VAULT_MALFORMED
    data = encode(enrolment(faces=1, voices=0))
    pose = data.index(struct.pack("<d", 1.25))
    assert refusal(data[:pose] + struct.pack("<d", value) + data[pose + 8 :]) is ErrorCode.VAULT_MALFORMED
    vector = len(data) - 1 - 4 * 128  # before the count of voice samples
    assert refusal(data[:vector] + struct.pack("<f", value) + data[vector + 4 :]) is ErrorCode.VAULT_MALFORMED


def test_a_vector_that_is_not_of_unit_length_is_refused() -> None:
    data = encode(enrolment(faces=1, voices=0))
    vector = len(data) - 1 - 4 * 128
    assert refusal(data[:vector] + struct.pack("<f", 3.0e38) + data[vector + 4 :]) is ErrorCode.VAULT_MALFORMED
    assert refusal(data[:vector] + bytes(4 * 128) + data[-1:]) is ErrorCode.VAULT_MALFORMED


def test_more_than_may_be_stored_is_refused_both_ways() -> None:
    most = encode(
        Enrolment(
            face=FaceReference(
                samples=tuple(face_sample(row) for row in unit_vectors(MAX_SAMPLES, MAX_DIMENSION, seed=1))
            ),
            voice=None,
        )
    )
    assert len(decode(most).face.samples) == MAX_SAMPLES  # type: ignore[union-attr]
    assert refusal(most[:5] + bytes([MAX_SAMPLES + 1]) + most[6:]) is ErrorCode.VAULT_TOO_LARGE
    assert refusal(bytes(MAX_BYTES + 1)) is ErrorCode.VAULT_TOO_LARGE
    for count, dimension in ((MAX_SAMPLES + 1, 8), (1, MAX_DIMENSION + 1)):
        samples = tuple(voice_sample(row) for row in unit_vectors(count, dimension, seed=1))
        with pytest.raises(VaultError) as refused:
            encode(Enrolment(face=None, voice=VoiceReference(samples=samples)))
        assert refused.value.code is ErrorCode.VAULT_TOO_LARGE


def test_a_reference_of_several_models_or_lengths_or_of_none_is_refused() -> None:
    long, short = unit_vectors(1, 128, seed=1)[0], unit_vectors(1, 64, seed=1)[0]
    first = face_sample(long)
    foreign_model = ModelRef(name=FACE_MODEL.name, sha256="00" * 32)
    foreign = dataclasses.replace(first, embedding=dataclasses.replace(first.embedding, model=foreign_model))
    voice = dataclasses.replace(first, embedding=dataclasses.replace(first.embedding, modality=Modality.VOICE))
    for samples in ((first, foreign), (first, face_sample(short)), (voice,), ()):
        with pytest.raises(VaultError) as refused:
            encode(Enrolment(face=FaceReference(samples=samples), voice=None))
        assert refused.value.code is ErrorCode.VAULT_MALFORMED


def test_a_model_without_a_proper_name_or_hash_is_refused() -> None:
    first = face_sample(unit_vectors(1, 8, seed=1)[0])
    for model in (ModelRef(name="", sha256="00" * 32), ModelRef(name="m", sha256="ABC")):
        sample = dataclasses.replace(first, embedding=dataclasses.replace(first.embedding, model=model))
        with pytest.raises(VaultError) as refused:
            encode(Enrolment(face=FaceReference(samples=(sample,)), voice=None))
        assert refused.value.code is ErrorCode.VAULT_MALFORMED


def test_references_written_by_the_first_release_stay_readable() -> None:
    data = bytes.fromhex(
        "4353454e01"  # magic, version
        "01" "01" "6d" + "ab" * 32 + "0200"  # one face sample, the model "m", two numbers
        + struct.pack("<8d", 1, 2, 3, 60, 5, 0.5, 0.25, 1).hex()
        + "0000803f00000000"  # (1, 0)
        + "00"  # no voice
    )  # fmt: skip
    face = decode(data).face
    assert face is not None
    assert face.model == ModelRef(name="m", sha256="ab" * 32)
    assert face.samples[0].pose == HeadPose(yaw=1, pitch=2, roll=3)
    assert face.samples[0].quality == FaceQuality(
        inter_eye_px=60, sharpness=5, brightness=0.5, contrast=0.25, detector_score=1
    )
    assert face.samples[0].embedding.vector.tolist() == [1.0, 0.0]
