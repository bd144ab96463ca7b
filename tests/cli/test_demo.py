"""The first command that a newcomer runs: a table, then a server that answers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.ports import free_port


@pytest.mark.slow
@pytest.mark.usefixtures("runtime")
def test_the_demo_lets_in_the_right_people_and_then_serves(tmp_path: Path) -> None:
    port = free_port()
    variables = {
        "COUNTERSIGN_SERVER_DATA_DIR": str(tmp_path),
        "COUNTERSIGN_SERVER_PORT": str(port),
        "COUNTERSIGN_SERVER_ORIGINS": f"http://localhost:{port},http://127.0.0.1:{port}",
    }
    command = [str(Path(sys.executable).parent / "countersign"), "demo", "--synthetic"]
    demo = subprocess.Popen(command, env=os.environ | variables, stdout=subprocess.PIPE, text=True)
    try:
        assert _wait_for(f"http://127.0.0.1:{port}/healthz", demo)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=30) as page:
            assert b"<form" in page.read()
    finally:
        demo.send_signal(signal.SIGINT)
        output, _ = demo.communicate(timeout=60)
    assert "0 judged wrongly" in output
    assert f"http://127.0.0.1:{port}" in output


def _wait_for(url: str, process: subprocess.Popen[str]) -> bool:
    end = time.monotonic() + 240
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.5)
    return False
