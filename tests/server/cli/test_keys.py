"""``countersign keys`` on the server's own stores and key file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from django.conf import settings

from countersign.cli.keys import keys
from countersign.core.errors import ConfigurationError
from countersign.server.ceremonies.references.opening import key_environment, open_vault
from countersign.server.configuration.schema import Profile
from countersign.vault.key_sources import KEY_FILE, KeyFile
from tests.vault.enrolments import enrolment, same


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Key and data of a server of the test's own."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.server.settings")
    monkeypatch.setenv(KEY_FILE, str(tmp_path / "keys"))
    KeyFile(tmp_path / "keys").create(date(2026, 1, 2))
    return tmp_path / "keys"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(keys, list(arguments))


@pytest.mark.usefixtures("own_database")
def test_rotating_wraps_the_servers_data_keys_anew_and_references_stay_readable(key_file: Path) -> None:
    vault, reference_id = open_vault().references, uuid4()
    vault.write(reference_id, enrolment(), expected_version=0)
    (old,) = KeyFile(key_file).read()
    rotated = run("rotate")
    assert rotated.exit_code == 0, rotated.output
    assert "Data keys of 1 references" in rotated.output
    assert run("retire", old.key_id, "--yes").exit_code == 0
    assert run("list").exit_code == 0
    opened = vault.load(reference_id, least_version=1)
    assert opened is not None
    assert same(opened.enrolment, enrolment())


def test_a_development_server_makes_itself_a_key_file_once(tmp_path: Path) -> None:
    current = settings.COUNTERSIGN
    own = replace(current, server=replace(current.server, data_dir=tmp_path))
    first = key_environment(own, {})
    made = Path(first[KEY_FILE])
    assert made.stat().st_mode & 0o077 == 0
    before = made.read_bytes()
    assert key_environment(own, {}) == first
    assert made.read_bytes() == before


def test_production_without_a_key_is_told_what_to_set() -> None:
    current = settings.COUNTERSIGN
    production = replace(current, server=replace(current.server, profile=Profile.PRODUCTION))
    with pytest.raises(ConfigurationError, match="COUNTERSIGN_KEY_FILE"):
        key_environment(production, {})
    assert key_environment(production, {"COUNTERSIGN_KEYS": "given"}) == {"COUNTERSIGN_KEYS": "given"}
