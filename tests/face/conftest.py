"""What the tests about faces share: each detector, both packs, the landmarks."""

from __future__ import annotations

from pathlib import Path

import pytest

from countersign.face.landmarks import FaceMesh
from countersign.face.mtcnn import Mtcnn
from countersign.face.path import FacePath
from countersign.face.yunet import YuNet
from countersign.models.catalog import find
from countersign.models.entry import Pack
from countersign.models.fetch import pull
from countersign.models.folder import Folder
from countersign.models.runtime import Runtime

PLUS = ("yunet", "face-reid-0095")


@pytest.fixture(scope="session")
def plus_runtime(runtime: Runtime, model_source: Path) -> Runtime:
    """The runtime, with what pack `plus` has for faces."""
    missing = [find(name) for name in PLUS if not runtime.has(name)]
    pull(runtime.store, missing, folder=Folder(model_source) if missing else None)
    if not all(runtime.has(name) for name in PLUS):
        pytest.skip("needs the face models of pack plus, which COUNTERSIGN_MODEL_SOURCE lacks")
    return runtime


@pytest.fixture(scope="session")
def mtcnn(runtime: Runtime) -> Mtcnn:
    """The detector of pack `core`."""
    return Mtcnn.load(runtime)


@pytest.fixture(scope="session")
def yunet(plus_runtime: Runtime) -> YuNet:
    """The detector of pack `plus`."""
    return YuNet.load(plus_runtime)


@pytest.fixture(scope="session")
def mesh(runtime: Runtime) -> FaceMesh:
    """Dense landmarks."""
    return FaceMesh.load(runtime)


@pytest.fixture(scope="session", params=[Pack.CORE, Pack.PLUS], ids=str)
def path(request: pytest.FixtureRequest) -> FacePath:
    """Everything about faces, of each pack in turn."""
    pack: Pack = request.param
    runtime: Runtime = request.getfixturevalue("runtime" if pack is Pack.CORE else "plus_runtime")
    return FacePath.load(runtime, pack=pack)
