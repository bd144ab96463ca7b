"""Settings come from environment, file and default, in that order, and a mistyped one never passes for its default."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.server.configuration import ServerConfiguration, SourceKind, describe, load


def loaded(folder: Path, environment: Mapping[str, str] | None = None, toml: str | None = None) -> ServerConfiguration:
    config = None
    if toml is not None:
        config = folder / "countersign.toml"
        config.write_text(toml, encoding="utf-8")
    return load({"COUNTERSIGN_SERVER_DATA_DIR": str(folder)} | dict(environment or {}), config)


def test_without_any_setting_the_server_is_for_this_machine_only(tmp_path: Path) -> None:
    configuration = loaded(tmp_path)
    assert not configuration.in_production
    assert configuration.server.host == "127.0.0.1"
    assert not configuration.server.debug


def test_the_environment_outweighs_the_file_and_the_file_the_default(tmp_path: Path) -> None:
    toml = "[accounts]\nfree_guesses = 3\nsign_up_open = false\n"
    configuration = loaded(tmp_path, {"COUNTERSIGN_ACCOUNTS_FREE_GUESSES": "4"}, toml)
    assert configuration.accounts.free_guesses == 4
    assert configuration.accounts.sign_up_open is False
    assert configuration.accounts.first_delay_seconds == 30
    kinds = {
        name: configuration.sources[f"accounts.{name}"].kind for name in ("free_guesses", "sign_up_open", "allow_pin")
    }
    assert kinds == {
        "free_guesses": SourceKind.ENVIRONMENT,
        "sign_up_open": SourceKind.FILE,
        "allow_pin": SourceKind.DEFAULT,
    }


def test_the_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("[server]\nport = 9000\n", encoding="utf-8")
    assert loaded(tmp_path, {"COUNTERSIGN_CONFIG": str(tmp_path / "other.toml")}).server.port == 9000


@pytest.mark.parametrize(
    ("environment", "toml", "message"),
    [
        ({"COUNTERSIGN_SERVER_PROT": "1"}, None, "there is no setting COUNTERSIGN_SERVER_PROT"),
        ({}, "[server]\nprot = 1\n", "there is no setting server.prot"),
        ({}, "[sever]\nport = 1\n", r"there is no section \[sever\]"),
        ({}, "server = 1\n", r"\[server\] is not a table"),
        ({}, "[server\n", "is not TOML"),
        ({"COUNTERSIGN_SERVER_PORT": "eighty"}, None, "server.port .*expected a whole number"),
        ({}, "[server]\nport = 80.5\n", "expected a whole number"),
        ({}, "[server]\nport = true\n", "expected a whole number"),
        ({"COUNTERSIGN_SERVER_DEBUG": "maybe"}, None, "expected true or false"),
        ({"COUNTERSIGN_SERVER_PROFILE": "staging"}, None, "expected one of development, production"),
        ({}, "[server]\norigins = 5\n", "expected a list"),
        ({}, "[server]\nhost = 5\n", "expected text"),
        ({"COUNTERSIGN_SECRETS_SECRET_KEY_FILE": "/nowhere/at/all"}, None, "cannot be read"),
        ({"COUNTERSIGN_CONFIG": "/nowhere/at/all.toml"}, None, "cannot be read"),
    ],
)
def test_what_is_unknown_or_malformed_is_refused_by_name(
    tmp_path: Path, environment: dict[str, str], toml: str | None, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message) as refused:
        loaded(tmp_path, environment, toml)
    assert refused.value.code is ErrorCode.CONFIGURATION_INVALID


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        loaded(tmp_path, {"COUNTERSIGN_SERVER_PORT": "x", "COUNTERSIGN_ACCOUNTS_ALLOW_PIN": "x"})
    assert "server.port" in refused.value.message
    assert "accounts.allow_pin" in refused.value.message


def test_a_malformed_secret_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        loaded(tmp_path, {"COUNTERSIGN_SECRETS_SECRET_KEY": "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_other_variables_of_the_project_are_left_alone(tmp_path: Path) -> None:
    configuration = loaded(tmp_path, {"COUNTERSIGN_MODELS": "/models", "COUNTERSIGN_SAMPLES": "/samples"})
    assert configuration.server.port == 8000


def test_a_secret_may_be_in_a_file_of_its_own(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz\n", encoding="utf-8")
    by_variable = loaded(tmp_path, {"COUNTERSIGN_SECRETS_SECRET_KEY_FILE": str(key)})
    by_toml = loaded(tmp_path, {}, f'[secrets]\nsecret_key_file = "{key}"\n')
    for configuration in (by_variable, by_toml):
        assert configuration.secrets.secret_key is not None
        assert configuration.secrets.secret_key.reveal() == "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz"
        assert configuration.sources["secrets.secret_key"].where == str(key)


def test_development_makes_its_secrets_once_for_their_owner_only(tmp_path: Path) -> None:
    first, second = loaded(tmp_path / "data"), loaded(tmp_path / "data")
    assert first.secrets == second.secrets
    assert first.secrets.secret_key != first.secrets.audit_key
    assert first.sources["secrets.secret_key"].kind is SourceKind.GENERATED
    for name in ("secret_key", "audit_key"):
        assert stat.S_IMODE((tmp_path / "data" / "secrets" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"secrets\.secret_key cannot be kept"):
        loaded(tmp_path / "file")


def test_secrets_do_not_show_themselves(tmp_path: Path) -> None:
    configuration = loaded(tmp_path)
    assert configuration.secrets.secret_key is not None
    key = configuration.secrets.secret_key.reveal()
    shown = {setting.name: setting.value for setting in describe(configuration)}
    assert key not in repr(configuration)
    assert key not in str(configuration.secrets.secret_key)
    assert shown["secrets.secret_key"] == "set"
    assert shown["storage.database_url"] == "not set"


def test_every_setting_is_described_in_one_sentence(tmp_path: Path) -> None:
    settings = describe(loaded(tmp_path))
    assert len(settings) == len({setting.name for setting in settings}) > 25
    assert all(setting.about.endswith(".") for setting in settings)
