from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from countersign.core.errors import ErrorCode, ModelError
from countersign.models import catalog
from countersign.models.entry import Axis, ModelEntry, Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from tests.models import fake_index


@pytest.fixture
def emptied(tmp_path: Path) -> Runtime:
    return Runtime(ModelStore(tmp_path))


def _refused(runtime: Runtime, name: str) -> ErrorCode:
    with pytest.raises(ModelError) as raised:
        runtime.model(name)
    return raised.value.code


def _list(entry: ModelEntry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the catalogue know this entry and no other."""
    monkeypatch.setattr(catalog, "find", {entry.name: entry}.__getitem__)


def test_every_model_of_pack_core_loads_and_has_the_tensors_of_the_catalogue(runtime: Runtime) -> None:
    for entry in catalog.in_pack(Pack.CORE):
        model = runtime.model(entry.name)
        model.warm_up()
        assert model.ref == entry.ref


def test_every_model_of_pack_plus_loads_and_has_the_tensors_of_the_catalogue(plus_runtime: Runtime) -> None:
    plus_runtime.warm_up(entry.name for entry in catalog.in_pack(Pack.PLUS))


def test_a_model_is_loaded_once_and_shared_by_all_threads(runtime: Runtime) -> None:
    fresh = Runtime(runtime.store)
    with ThreadPoolExecutor(8) as threads:
        models = list(threads.map(fresh.model, ["mtcnn-pnet"] * 8))
    assert all(model is models[0] for model in models)


def test_a_model_may_be_called_from_several_threads_at_once(runtime: Runtime) -> None:
    model = runtime.model("mtcnn-rnet")
    crops = [np.full((1, 3, 24, 24), grey, dtype=np.float32) for grey in range(0, 256, 16)]
    alone = [model(crop)[1] for crop in crops]
    with ThreadPoolExecutor(4) as threads:
        together = [faces for _, faces in threads.map(model, crops)]
    assert [faces.tolist() for faces in together] == [faces.tolist() for faces in alone]


def test_as_many_inputs_as_the_catalogue_says_must_be_given(runtime: Runtime) -> None:
    with pytest.raises(ValueError, match="shorter"):
        runtime.model("silero-vad")(np.zeros((1, 576), dtype=np.float32))


def test_an_unknown_name_is_refused(emptied: Runtime) -> None:
    assert _refused(emptied, "vgg-face") is ErrorCode.MODEL_UNKNOWN


def test_a_model_that_is_not_installed_is_missing(emptied: Runtime) -> None:
    assert not emptied.has("ge2e")
    assert _refused(emptied, "ge2e") is ErrorCode.MODEL_MISSING


def test_an_altered_file_is_refused(runtime: Runtime, emptied: Runtime) -> None:
    entry = catalog.find("mtcnn-pnet")
    altered = bytearray(runtime.store.read(entry))
    altered[len(altered) // 2] ^= 1
    emptied.store.path(entry).write_bytes(altered)
    assert emptied.has("mtcnn-pnet")
    assert _refused(emptied, "mtcnn-pnet") is ErrorCode.MODEL_HASH_MISMATCH


def test_a_file_that_is_no_model_is_refused(emptied: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = fake_index.file_entry("text", b"this is no model")
    emptied.store.install(entry, b"this is no model")
    _list(entry, monkeypatch)
    assert _refused(emptied, "text") is ErrorCode.MODEL_UNREADABLE


@pytest.mark.parametrize("wrong", ["name", "length", "rank", "type", "one too few"])
def test_a_model_with_other_tensors_than_the_catalogue_says_is_refused(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    entry = catalog.find("mtcnn-rnet")
    (spec,) = entry.inputs
    batch = spec.shape[0]
    inputs = {
        "name": (replace(spec, name="bgr"),),
        "length": (replace(spec, shape=(batch, 3, 24, 25)),),
        "rank": (replace(spec, shape=(batch, 3, 24)),),
        "type": (replace(spec, dtype="uint8"),),
        "one too few": (),
    }[wrong]
    _list(replace(entry, inputs=inputs), monkeypatch)
    assert _refused(Runtime(runtime.store), "mtcnn-rnet") is ErrorCode.MODEL_WRONG_TENSORS


def test_a_length_that_should_vary_but_is_fixed_is_refused(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = catalog.find("mtcnn-rnet")
    (spec,) = entry.inputs
    _list(replace(entry, inputs=(replace(spec, shape=(spec.shape[0], 3, 24, Axis("columns", 24))),)), monkeypatch)
    assert _refused(Runtime(runtime.store), "mtcnn-rnet") is ErrorCode.MODEL_WRONG_TENSORS


def test_loading_every_model_says_nothing_imports_no_converter_and_stays_under_700_mb(runtime: Runtime) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from countersign.models import catalog\n"
        "from countersign.models.runtime import Runtime\n"
        "from countersign.models.store import ModelStore\n"
        "runtime = Runtime(ModelStore(Path(sys.argv[1])))\n"
        "runtime.warm_up(entry.name for entry in catalog.ENTRIES if runtime.has(entry.name))\n"
        "heavy = {'onnx', 'joblib', 'tflite', 'torch', 'tensorflow', 'urllib.request'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        # Not getrusage: a child inherits its parent's peak there.
        "status = Path('/proc/self/status')\n"
        "if status.exists():\n"
        "    peak_kb = int(status.read_text().split('VmHWM:')[1].split()[0])\n"
        "    assert peak_kb < 700_000, peak_kb\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(runtime.store.root)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
