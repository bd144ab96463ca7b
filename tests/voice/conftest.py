"""What the tests about voices share."""

from __future__ import annotations

import pytest

from countersign.models.runtime import Runtime
from countersign.voice.path import VoicePath


@pytest.fixture(scope="session")
def path(runtime: Runtime) -> VoicePath:
    """The path of pack `core`."""
    return VoicePath.load(runtime)
