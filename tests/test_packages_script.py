"""`make test` does not fail where nothing can be installed: it says what is missing, and goes on."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts/test_packages.sh"
PROGRAMS = ("chromium", "chromedriver", "initdb")


def run(folder: Path, *present: str, user: str, apt: str) -> subprocess.CompletedProcess[str]:
    """With only these programs on the path, and with a stand-in for root and for apt-get."""
    stand_ins = dict.fromkeys(present, "true") | {"id": f"echo {user}", "apt-get": apt, "ls": "false", "mkdir": "true"}
    for name, does in stand_ins.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        program.chmod(0o755)
    text = SCRIPT.read_text(encoding="utf-8").replace("/etc/postgresql-common", str(folder))
    return subprocess.run(
        ["/bin/sh", "-c", text], env={"PATH": str(folder)}, capture_output=True, text=True, check=False
    )


def test_where_everything_is_there_nothing_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, *PROGRAMS, user="0", apt="exit 9")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(("user", "apt"), [("1000", "exit 9"), ("0", "exit 100")])
def test_where_nothing_can_be_installed_the_tests_go_on(tmp_path: Path, user: str, apt: str) -> None:
    done = run(tmp_path, "chromium", user=user, apt=apt)
    assert done.returncode == 0
    assert "chromium-driver postgresql" in done.stdout
    assert done.stdout.endswith("Tests that need them are skipped.\n")


def test_root_installs_what_is_missing_and_nothing_else(tmp_path: Path) -> None:
    done = run(tmp_path, "chromium", user="0", apt=f'echo "$@" >> {tmp_path}/asked')
    assert done.returncode == 0, done.stderr
    asked = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    assert asked == ["update -qq", "install -y -qq --no-install-recommends chromium-driver postgresql"]
    assert (tmp_path / "createcluster.conf").read_text(encoding="utf-8") == "create_main_cluster = false\n"
