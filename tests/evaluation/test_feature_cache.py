"""What the cache gives back is exactly what was put in, or nothing."""

from __future__ import annotations

import dataclasses
import io
import pickle
from pathlib import Path

import numpy as np
import pytest

from countersign.core.acquisition import AcquisitionReason, FailureToAcquire
from countersign.core.biometrics import Embedding, Modality, ModelRef
from countersign.core.evidence import Features, NotAssessed
from countersign.evaluation import feature_codec
from countersign.evaluation.feature_cache import FeatureCache, code_revision
from countersign.evaluation.trials import Kind
from tests.evaluation.scripted import face_sample, voice_sample

MODEL = ModelRef(name="m", sha256="ab" * 32)
FILE = "cd" * 32


def embedding(modality: Modality, seed: int) -> Embedding:
    vector = np.random.default_rng(seed).normal(size=8).astype(np.float32)
    return Embedding(vector=vector / np.linalg.norm(vector), modality=modality, model=MODEL)


FEATURES = Features(
    face=(face_sample(embedding(Modality.FACE, 1)), face_sample(embedding(Modality.FACE, 2))),
    voice=(voice_sample(embedding(Modality.VOICE, 3)),),
    timings_ms={"face": 12.25},
)
FAILED = Features(
    face=FailureToAcquire(modality=Modality.FACE, reason=AcquisitionReason.NO_FACE, detail="0 faces"),
    voice=NotAssessed(reason="no sound"),
)


def cache_in(folder: Path, *, revision: str = "1", model: ModelRef = MODEL) -> FeatureCache:
    return FeatureCache.at(folder / "cache", models=[model], revision=revision)


def same(left: Features, right: Features) -> bool:
    """Equality that looks into arrays."""
    return feature_codec.encode(left, key="k") == feature_codec.encode(right, key="k")


@pytest.mark.parametrize("features", [FEATURES, FAILED])
def test_features_come_back_exactly(tmp_path: Path, features: Features) -> None:
    cache = cache_in(tmp_path)
    key = cache.key(FILE, Kind.AV)
    assert cache.get(key) is None
    cache.put(key, features)
    found = cache.get(key)
    assert found is not None
    assert same(found, features)
    if isinstance(features.face, tuple):
        assert isinstance(found.face, tuple)
        assert found.face[1].embedding.vector.tobytes() == features.face[1].embedding.vector.tobytes()
    else:
        assert found == features


def test_another_file_kind_model_or_code_finds_nothing(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    cache.put(cache.key(FILE, Kind.AV), FEATURES)
    assert cache.get(cache.key("ef" * 32, Kind.AV)) is None
    assert cache.get(cache.key(FILE, Kind.VOICE)) is None
    updated = cache_in(tmp_path, model=dataclasses.replace(MODEL, sha256="ff" * 32))
    assert updated.get(updated.key(FILE, Kind.AV)) is None
    recoded = cache_in(tmp_path, revision="2")
    assert recoded.get(recoded.key(FILE, Kind.AV)) is None


def test_the_pictures_of_a_video_are_the_same_whatever_the_row_calls_them(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    assert cache.key(FILE, Kind.FACE) == cache.key(FILE, Kind.VIDEO)


def test_a_broken_entry_is_ignored(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    key = cache.key(FILE, Kind.AV)
    cache.put(key, FEATURES)
    (entry,) = (tmp_path / "cache").rglob("*.npz")
    good = entry.read_bytes()
    flipped = bytearray(good)
    flipped[len(flipped) // 2] ^= 0xFF
    for bad in (b"", b"not a zip", good[: len(good) // 2], bytes(flipped), pickle.dumps(FAILED)):
        entry.write_bytes(bad)
        assert cache.get(key) is None, f"{len(bad)} bytes"
    cache.put(key, FEATURES)
    assert cache.get(key) is not None


def test_an_entry_under_a_wrong_name_is_not_believed(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    key, other = cache.key(FILE, Kind.AV), cache.key("ef" * 32, Kind.AV)
    cache.put(key, FEATURES)
    (entry,) = (tmp_path / "cache").rglob("*.npz")
    wrong = tmp_path / "cache" / other[:2] / f"{other}.npz"
    wrong.parent.mkdir(exist_ok=True)
    wrong.write_bytes(entry.read_bytes())
    assert cache.get(other) is None


def test_an_entry_cannot_smuggle_in_objects_or_types_of_its_own() -> None:
    document = b'{"key": "k", "features": {"type": "Path", "fields": {}}}'
    stream = io.BytesIO()
    np.savez(stream, document=np.frombuffer(document, np.uint8))
    assert feature_codec.decode(stream.getvalue(), key="k") is None
    stream = io.BytesIO()
    np.savez(stream, document=np.array([FAILED], dtype=object))
    assert feature_codec.decode(stream.getvalue(), key="k") is None


def test_what_the_format_has_no_word_for_is_refused_loudly() -> None:
    strange = dataclasses.replace(FAILED, timings_ms={"x": Path("/")})  # type: ignore[dict-item]
    with pytest.raises(TypeError, match="Path"):
        feature_codec.encode(strange, key="k")


def test_the_cache_is_for_its_owner_only(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    cache.put(cache.key(FILE, Kind.AV), FEATURES)
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0


def test_the_code_revision_is_a_hash_that_stays_while_the_code_does() -> None:
    assert len(code_revision()) == 64
    assert code_revision() == code_revision()
