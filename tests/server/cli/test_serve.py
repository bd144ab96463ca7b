"""``countersign serve`` refuses to start rather than serve something unsafe or half."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.server.configuration.test_safety import PRODUCTION
from tests.server.processes import START


def serve(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name == "COUNTERSIGN_MODELS" or not name.startswith(("COUNTERSIGN_", "DJANGO_"))
    }
    environment |= {"COUNTERSIGN_SERVER_DATA_DIR": str(folder)} | settings
    command = [sys.executable, "-c", START, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_an_unsafe_setting_is_named(tmp_path: Path) -> None:
    done = serve(tmp_path, "--host", "0.0.0.0")  # noqa: S104 - what is refused
    assert done.returncode == 1
    assert "server.host 0.0.0.0 is open to others" in done.stderr
    assert "Traceback" not in done.stderr


def test_production_does_not_touch_the_database_unasked(tmp_path: Path) -> None:
    done = serve(tmp_path, **PRODUCTION, COUNTERSIGN_ACCOUNTS_BIOMETRIC_STEP="false")
    assert done.returncode == 1
    assert "migrations are not applied: `countersign serve --migrate` does it" in done.stderr


def test_models_that_are_missing_are_told_before_the_start(tmp_path: Path) -> None:
    done = serve(tmp_path, COUNTERSIGN_ACCOUNTS_BIOMETRIC_STEP="true", COUNTERSIGN_MODELS=str(tmp_path / "none"))
    assert done.returncode == 1
    assert "models are missing: " in done.stderr
    assert "countersign models pull" in done.stderr


def test_a_database_that_does_not_answer_is_told_without_a_trace(tmp_path: Path) -> None:
    done = serve(
        tmp_path, COUNTERSIGN_STORAGE_DATABASE_URL=f"postgresql://nobody@/nothing?host={tmp_path}&connect_timeout=2"
    )
    assert done.returncode == 1
    assert "the database cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
