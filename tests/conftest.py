"""What every test may ask for: real samples, real models, and a reason where they are absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from countersign.core.errors import ModelError
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore

# Assertions of the contract suites explain themselves when they fail, as those of test modules do. Here, before any test imports one.
pytest.register_assert_rewrite("tests.vault.contract")

# The same examples in every run, however loaded the machine is: nothing fails by chance.
settings.register_profile("countersign", deadline=None, derandomize=True)
settings.load_profile("countersign")

_REPOSITORY = Path(__file__).parent.parent


def _folder(variable: str, default: str) -> Path:
    path = Path(os.environ.get(variable, _REPOSITORY / default))
    if not path.is_dir():
        pytest.skip(f"needs {variable}: there is no folder {default}")
    return path


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real faces, voices and videos."""
    return _folder("COUNTERSIGN_SAMPLES", "../shared/data")


@pytest.fixture(scope="session")
def model_source() -> Path:
    """The folder that pack plus is taken from."""
    return _folder("COUNTERSIGN_MODEL_SOURCE", "../shared/models")


@pytest.fixture(scope="session")
def runtime() -> Runtime:
    """A runtime over the user's own model store, pack core complete (`make test` pulls it first)."""
    runtime = Runtime(ModelStore.default(), threads=1)
    try:
        runtime.model("ge2e")
    except ModelError as error:
        pytest.skip(f"needs pack core: run `countersign models pull` ({error})")
    return runtime
