"""The acoustic model is the one that everything was measured with, and is read as its own decoder reads it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from countersign.core.errors import ErrorCode, ModelError
from countersign.liveness.acoustics.model import FILES, AcousticModel, Position, wheel_folder

ENGLISH = wheel_folder() / "en-us" / "en-us"


@pytest.fixture(scope="module")
def model() -> AcousticModel:
    return AcousticModel.english()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for file in FILES:
        shutil.copy(ENGLISH / file, tmp_path / file)
    return tmp_path


def test_the_english_model_has_forty_two_phones_with_three_states_each(model: AcousticModel) -> None:
    assert len(model.names) == 42
    assert model.states.shape[1] == 3
    assert model.states.max() + 1 == 5126


def test_one_changed_bit_is_noticed(copy: Path) -> None:
    content = bytearray((copy / "means").read_bytes())
    content[-9] ^= 1
    (copy / "means").write_bytes(content)
    with pytest.raises(ModelError) as caught:
        AcousticModel.read(copy)
    assert caught.value.code is ErrorCode.MODEL_HASH_MISMATCH


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "sendump").unlink()
    with pytest.raises(ModelError, match="sendump") as caught:
        AcousticModel.read(copy)
    assert caught.value.code is ErrorCode.MODEL_MISSING


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("length", [0, 40, 1000])
def test_a_cut_off_file_is_refused_even_by_its_right_digest(copy: Path, file: str, length: int) -> None:
    from countersign.liveness.acoustics.model import digest  # noqa: PLC0415 - only here

    (copy / file).write_bytes((copy / file).read_bytes()[:length])
    sha256 = digest({name: (copy / name).read_bytes() for name in FILES})
    with pytest.raises(ModelError) as caught:
        AcousticModel.read(copy, sha256=sha256)
    assert caught.value.code is ErrorCode.MODEL_UNREADABLE


def test_a_phone_in_a_context_that_the_model_lacks_is_the_phone_alone(model: AcousticModel) -> None:
    zh, ng, oy = (model.phone(name) for name in ("ZH", "NG", "OY"))
    assert model.in_context(zh, zh, zh, Position.INTERNAL) == zh
    assert model.in_context(ng, oy, zh, Position.INTERNAL) == ng


def test_a_phone_between_common_neighbours_has_a_model_of_its_own(model: AcousticModel) -> None:
    ih, s, k = (model.phone(name) for name in ("IH", "S", "K"))
    found = model.in_context(ih, s, k, Position.INTERNAL)
    assert found >= len(model.names)
    assert not np.array_equal(model.states[found], model.states[ih])


def test_leaving_and_staying_are_all_that_a_state_can_do(model: AcousticModel) -> None:
    assert np.exp(model.stay) + np.exp(model.move) == pytest.approx(1.0, abs=1e-6)


def test_likelihoods_do_not_depend_on_which_others_are_asked_for(model: AcousticModel) -> None:
    features = np.random.default_rng(0).normal(0.0, 1.0, (20, 3, 13)).astype(np.float32)
    every = model.log_likelihoods(features, np.arange(5126))
    some = np.array([4711, 3, 999])
    assert np.isfinite(every).all()
    assert model.log_likelihoods(features, some) == pytest.approx(every[:, some], abs=1e-3)
