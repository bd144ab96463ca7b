"""What the tests about liveness share: pack plus, where it can be had."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from countersign.models.catalog import find
from countersign.models.fetch import pull
from countersign.models.folder import Folder
from countersign.models.runtime import Runtime
from countersign.scoring.calibrate import Calibrations

PLUS = ("yunet", "face-reid-0095", "silentface-27", "silentface-40", "facenox", "aasist", "light-asd")


@pytest.fixture(scope="session")
def plus_runtime(runtime: Runtime, model_source: Path) -> Runtime:
    """The runtime, with what pack `plus` has for attacks."""
    missing = [find(name) for name in PLUS if not runtime.has(name)]
    pull(runtime.store, missing, folder=Folder(model_source) if missing else None)
    if not all(runtime.has(name) for name in PLUS):
        pytest.skip("needs the models of pack plus, which COUNTERSIGN_MODEL_SOURCE lacks")
    return runtime


@pytest.fixture(scope="session")
def calibrations() -> Calibrations:
    """Those that come with Countersign for the checks."""
    return Calibrations.load(files("countersign.liveness") / "calibrations")
