from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from countersign.cli import main
from countersign.models.runtime import Runtime


def test_files_are_shown_and_every_two_compared(samples: Path, runtime: Runtime) -> None:
    folder = samples / "voice" / "librispeech-resemblyzer" / "test-other" / "1688"
    one, other = sorted(str(file) for file in folder.glob("*.opus"))[:2]
    result = CliRunner().invoke(main, ["fingerprint", one, other, one], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    assert result.output.count("another recording") == 2
    assert result.output.count("the same recording") == 1


def test_without_a_file_it_says_what_it_needs() -> None:
    result = CliRunner().invoke(main, ["fingerprint"])
    assert result.exit_code == 2
    assert "at least one file" in result.output
