"""The commands do what their help says, and end with a sentence where they cannot."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import countersign.cli.evaluate  # noqa: F401 - fills sys.modules
from countersign.cli import main
from countersign.scoring.calibrate import Calibrations
from tests.evaluation.scripted import ScriptedSource, Trialsmith


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs ``countersign evaluate`` on the scripted engine."""
    for name in ("run", "calibrate"):
        module = sys.modules[f"countersign.cli.evaluate.{name}"]
        monkeypatch.setattr(module, "PackSource", lambda **_: ScriptedSource(log=tmp_path / "log"))

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(main, ["evaluate", *map(str, arguments)])

    return call


def test_run_writes_the_three_files_and_prints_no_names(command: Callable[..., Result], tmp_path: Path) -> None:
    smith = Trialsmith(tmp_path)
    smith.people(["secretann", "secretbob", "secreteve"], enrol=2, probes=2)
    out = tmp_path / "out"
    result = command("run", smith.write(), "--out", out, "--jobs", 1)
    assert result.exit_code == 0, result.output
    assert {path.name for path in out.iterdir()} == {"cache", "report.html", "report.json", "scores.csv"}
    assert "secret" not in result.output
    assert "0 of 12 files came from the cache" in result.output
    assert json.loads((out / "report.json").read_text("utf-8"))["counts"]["subjects"] == 3
    again = command("run", smith.write(), "--out", tmp_path / "other", "--cache", out / "cache", "--jobs", 1)
    assert "12 of 12 files came from the cache" in again.output


def test_voices_alone_are_judged_as_on_the_telephone(command: Callable[..., Result], tmp_path: Path) -> None:
    smith = Trialsmith(tmp_path)
    smith.people(["ann", "bob"], kind="voice", enrol=1, probes=1)
    for profile, arguments in (("telephone", ()), ("standard", ("--profile", "standard"))):
        assert command("run", smith.write(), "--out", tmp_path / "o", "--jobs", 1, *arguments).exit_code == 0
        assert json.loads((tmp_path / "o" / "report.json").read_text("utf-8"))["system"]["profile"] == profile


def test_a_wrong_file_ends_with_its_line_and_code_and_without_a_traceback(
    command: Callable[..., Result], tmp_path: Path
) -> None:
    path = tmp_path / "trials.csv"
    path.write_text("subject,attempt,role,kind,path\nann,1,enrol,face,gone.jpg\n", "utf-8")
    result = command("run", path, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert result.output.strip() == "Error: line 2: the path leads to no file [trials.invalid]"


def test_make_trials_makes_what_run_takes(command: Callable[..., Result], tmp_path: Path) -> None:
    for person in ("ann", "bob", "eve"):
        for number in range(5):
            for suffix in ("jpg", "wav"):
                path = tmp_path / suffix / person / f"{number}.{suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"face={person}/{number} voice={person}/{number}", "utf-8")
    out = tmp_path / "made.csv"
    made = command("make-trials", tmp_path / "jpg", "--out", out, "--enrol", 3, "--kind", "faces", "--probes", 1)
    assert made.output.strip() == "3 people, 12 files."
    chimeric = tmp_path / "chimeric.csv"
    arguments = ("--enrol", 3, "--voices", tmp_path / "wav", "--enrol-voices", 3, "--seed", 7)
    assert command("make-trials", tmp_path / "jpg", "--out", chimeric, *arguments).exit_code == 0
    with chimeric.open(encoding="utf-8", newline="") as file:
        assert len({row["subject"] for row in csv.DictReader(file)}) == 3
    for path in (out, chimeric):
        assert command("run", path, "--out", tmp_path / "out", "--jobs", 1).exit_code == 0


def test_only_sounds_of_the_length_asked_for_are_taken(command: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "index.csv").write_text("file,seconds\nann/0.wav,1\nann/1.wav,3\nann/2.wav,4\nann/3.wav,9\n", "utf-8")
    (tmp_path / "ann").mkdir()
    for number in range(5):
        (tmp_path / "ann" / f"{number}.wav").write_bytes(b"x")
    out = tmp_path / "made.csv"
    command("make-trials", tmp_path, "--out", out, "--enrol", 1, "--min-seconds", 2, "--max-seconds", 4)
    with out.open(encoding="utf-8", newline="") as file:
        assert sorted(row["path"] for row in csv.DictReader(file)) == ["ann/1.wav", "ann/2.wav"]


def test_calibrate_writes_a_file_that_can_be_loaded(command: Callable[..., Result], tmp_path: Path) -> None:
    smith = Trialsmith(tmp_path)
    smith.people([f"p{number}" for number in range(12)], enrol=2, probes=2)
    out = tmp_path / "calibrations"
    arguments = ("--modality", "voice", "--data", "made up", "--out", out, "--jobs", 1, "--cache", tmp_path / "cache")
    result = command("calibrate", smith.write(), *arguments)
    assert result.exit_code == 0, result.output
    (calibration,) = Calibrations.load(out).members
    assert calibration.name == "voice-scripted-voice"
    assert (calibration.people, calibration.mated) == (12, 24)
