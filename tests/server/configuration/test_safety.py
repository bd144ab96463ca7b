"""A server that would be unsafe does not start, and says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from countersign.core.errors import ConfigurationError
from countersign.server.configuration import load
from countersign.server.configuration.safety import is_loopback

KEYS = {
    "COUNTERSIGN_SECRETS_SECRET_KEY": "production-secret-0123456789-abcdefghijklmnopqrstuvwxyz",
    "COUNTERSIGN_SECRETS_AUDIT_KEY": "production-audit-9876543210-zyxwvutsrqponmlkjihgfedcba",
}
PRODUCTION = KEYS | {
    "COUNTERSIGN_SERVER_PROFILE": "production",
    "COUNTERSIGN_SERVER_ORIGINS": "https://login.example.org",
    "COUNTERSIGN_SERVER_HOST": "0.0.0.0",  # noqa: S104 - what is tested
    "COUNTERSIGN_SERVER_TRUSTED_PROXIES": "1",
    "COUNTERSIGN_MAIL_URL": "smtp+tls://user:password@mail.example.org",
}


def test_a_complete_production_configuration_is_accepted(tmp_path: Path) -> None:
    assert load(PRODUCTION | {"COUNTERSIGN_SERVER_DATA_DIR": str(tmp_path)}).in_production


def test_production_makes_no_secrets_of_its_own(tmp_path: Path) -> None:
    without = {name: value for name, value in PRODUCTION.items() if "SECRETS" not in name}
    with pytest.raises(ConfigurationError, match=r"secrets\.secret_key is missing.*secrets\.audit_key is missing"):
        load(without | {"COUNTERSIGN_SERVER_DATA_DIR": str(tmp_path / "data")})
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"SECRETS_SECRET_KEY": "short"}, r"secrets\.secret_key is too weak"),
        ({"SECRETS_SECRET_KEY": "ab" * 40}, r"secrets\.secret_key is too weak"),
        ({"SECRETS_AUDIT_KEY": KEYS["COUNTERSIGN_SECRETS_SECRET_KEY"]}, "must differ"),
        ({"SECRETS_PREVIOUS_AUDIT_KEYS": "short"}, "a previous key"),
        ({"SERVER_DEBUG": "true"}, r"server\.debug"),
        ({"SERVER_ORIGINS": "http://login.example.org"}, "is not https"),
        ({"SERVER_ORIGINS": "http://localhost:8000"}, "is not https"),
        ({"SERVER_ORIGINS": "https://*.example.org"}, "is no origin"),
        ({"SERVER_ORIGINS": "https://login.example.org/path"}, "is no origin"),
        ({"SERVER_ORIGINS": "https://user@login.example.org"}, "is no origin"),
        ({"SERVER_ORIGINS": "login.example.org"}, "is no origin"),
        ({"SERVER_ORIGINS": " "}, r"server\.origins is empty"),
        ({"SERVER_TRUSTED_PROXIES": "0"}, "production needs TLS"),
        ({"SERVER_TRUSTED_PROXIES": "-1"}, "must not be negative"),
        ({"SERVER_TLS_KEY": "key.pem"}, "go together"),
        ({"SERVER_PORT": "70000"}, "no port"),
        ({"SERVER_WORKERS": "0"}, "1 or more"),
        ({"SERVER_MAX_REQUEST_BYTES": "10"}, "4096 or more"),
        ({"SERVER_LOG_LEVEL": "LOUD"}, "is no level"),
        ({"MAIL_URL": ""}, r"mail\.url must begin with"),
        ({"MAIL_URL": "smtp://mail.example.org"}, "in clear"),
        ({"STORAGE_DATABASE_URL": "mysql://db"}, r"storage\.database_url must begin with postgres"),
        ({"STORAGE_CACHE_URL": "memory://"}, r"storage\.cache_url must begin with redis"),
        (
            {"ACCOUNTS_ALLOW_PIN": "true", "ACCOUNTS_BIOMETRIC_STEP": "false"},
            r"allow_pin needs accounts\.biometric_step",
        ),
        ({"ACCOUNTS_FREE_GUESSES": "11"}, "1 to 10"),
        ({"ACCOUNTS_FREE_GUESSES": "0"}, "1 to 10"),
        ({"ACCOUNTS_FIRST_DELAY_SECONDS": "0"}, "first_delay_seconds"),
        ({"ACCOUNTS_LONGEST_DELAY_SECONDS": "60"}, "900 or more"),
        ({"ACCOUNTS_LOGINS_PER_MINUTE": "0"}, "1 or more"),
        ({"POLICY_PROFILE": "lab", "POLICY_INSECURE": "true"}, "profile lab"),
        ({"POLICY_PROFILE": "none"}, "standard, nist-63b4, lab"),
        ({"POLICY_CHALLENGE_COUNT": "3"}, "challenge_count"),
        ({"POLICY_CHALLENGE_MODE": "digits"}, "challenge_count"),
        ({"POLICY_FREE_ATTEMPTS": "11"}, "1 to 10"),
        ({"POLICY_FIRST_DELAY_SECONDS": "29"}, "30 or more"),
        ({"POLICY_LONGEST_DELAY_SECONDS": "60"}, "900 or more"),
        ({"POLICY_FALLBACK_AFTER": "6"}, "fallback_after"),
        ({"POLICY_FALLBACK_AFTER": "-1"}, "fallback_after"),
        ({"ENGINE_DECODERS": "0"}, r"\[engine\]"),
        ({"ENGINE_PACK": "operator"}, "core or plus"),
        ({"SERVER_MAX_UPLOAD_BYTES": "10"}, "max_upload_bytes"),
        ({"SERVER_UPLOADS_PER_MINUTE": "0"}, "uploads_per_minute"),
        ({"ACCOUNTS_PHONE_REGION": "XX"}, "is no country"),
    ],
)
def test_production_refuses(tmp_path: Path, change: dict[str, str], message: str) -> None:
    changed = {f"COUNTERSIGN_{name}": value for name, value in change.items()}
    with pytest.raises(ConfigurationError, match=message):
        load(PRODUCTION | changed | {"COUNTERSIGN_SERVER_DATA_DIR": str(tmp_path)})


def test_production_that_proves_addresses_needs_mail(tmp_path: Path) -> None:
    without = {name: value for name, value in PRODUCTION.items() if name != "COUNTERSIGN_MAIL_URL"}
    with pytest.raises(ConfigurationError, match=r"needs mail\.url"):
        load(without | {"COUNTERSIGN_SERVER_DATA_DIR": str(tmp_path)})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"SERVER_HOST": "0.0.0.0"}, "open to others"),  # noqa: S104 - what is tested
        ({"SERVER_HOST": "0.0.0.0", "SERVER_DEBUG": "true"}, r"server\.debug"),  # noqa: S104
        ({"SERVER_ORIGINS": "http://192.168.1.5:8000"}, "is not https"),
    ],
)
def test_development_stays_on_this_machine(tmp_path: Path, change: dict[str, str], message: str) -> None:
    changed = {f"COUNTERSIGN_{name}": value for name, value in change.items()}
    with pytest.raises(ConfigurationError, match=message):
        load(changed | {"COUNTERSIGN_SERVER_DATA_DIR": str(tmp_path)})


def test_passwords_are_shorter_only_beside_the_biometric_step(tmp_path: Path) -> None:
    folder = {"COUNTERSIGN_SERVER_DATA_DIR": str(tmp_path)}
    assert load(folder).least_password_length == 8
    assert load(folder | {"COUNTERSIGN_ACCOUNTS_BIOMETRIC_STEP": "false"}).least_password_length == 15


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]"])
def test_these_are_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "localhost.example.org", "example.org", ""])  # noqa: S104
def test_these_are_not(host: str) -> None:
    assert not is_loopback(host)


def test_the_profile_that_checks_no_liveness_is_for_development_and_has_to_be_asked_for_by_name(tmp_path: Path) -> None:
    lab = {"COUNTERSIGN_SERVER_DATA_DIR": str(tmp_path), "COUNTERSIGN_POLICY_PROFILE": "lab"}
    with pytest.raises(ConfigurationError, match="--insecure"):
        load(lab)
    assert load(lab | {"COUNTERSIGN_POLICY_INSECURE": "true"}).policy.profile == "lab"
