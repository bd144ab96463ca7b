"""``countersign doctor`` says what is unsafe, and ends accordingly."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from countersign.cli.doctor import doctor
from countersign.server.diagnosis.finding import Finding, Level


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.server.settings")


@pytest.mark.parametrize(("level", "code"), [(Level.WELL, 0), (Level.NOTE, 0), (Level.UNSAFE, 1), (Level.BROKEN, 1)])
def test_it_ends_with_one_if_anything_is_unsafe_or_broken(
    monkeypatch: pytest.MonkeyPatch, level: Level, code: int
) -> None:
    finding = Finding(level=level, subject="keys", message="[what] was seen", advice="what to do")
    monkeypatch.setattr("countersign.server.diagnosis.examine", lambda _configuration: (finding,))
    result = CliRunner().invoke(doctor, [])
    assert result.exit_code == code
    assert "[what] was seen" in result.output


def test_it_shows_every_setting_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countersign.server.diagnosis.examine", lambda _configuration: ())
    monkeypatch.setenv("COLUMNS", "200")
    output = CliRunner().invoke(doctor, ["--settings"]).output
    assert "accounts.free_guesses" in output
    assert "environment COUNTERSIGN_SERVER_DATA_DIR" in output
    assert "for-tests-only" not in output
