"""In production settings Django's own deployment checks find nothing, and cookies and transport are strict."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command

from countersign.vault.key_sources import KEY_FILE, KeyFile
from tests.server.configuration.test_safety import PRODUCTION

SETTINGS = (
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
    "DEVICE_COOKIE_NAME",
    "SECURE_SSL_REDIRECT",
    "ALLOWED_HOSTS",
    "DEBUG",
)


def key_file(folder: Path) -> dict[str, str]:
    """A key to keep references under, given as production asks."""
    path = folder.parent / f"{folder.name}-keys"
    KeyFile(path).create(date(2026, 1, 2))
    return {KEY_FILE: str(path)}


def run(folder: Path, *command: str, **extra: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("COUNTERSIGN_", "DJANGO_"))
    }
    environment |= PRODUCTION | {"COUNTERSIGN_SERVER_DATA_DIR": str(folder)} | key_file(folder) | extra
    return subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, check=False)


def test_the_deployment_checks_find_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "-W", "error", "-m", "countersign.server", "check", "--deploy", "--fail-level", "DEBUG")
    assert "no issues (0 silenced)" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


def test_cookies_are_bound_to_the_host_and_hosts_to_the_origins(tmp_path: Path) -> None:
    script = (
        f"import json, countersign.server.project.settings as s; print(json.dumps([getattr(s, n) for n in {SETTINGS}]))"
    )
    done = run(tmp_path, "-c", script)
    assert json.loads(done.stdout) == [
        "__Host-session",
        "__Host-csrf",
        "__Host-device",
        True,
        ["login.example.org"],
        False,
    ]


VISIT = """
import json, django; django.setup()
from django.test import Client
plain = Client().get("/accounts/login/", headers={"host": "login.example.org"})
page = Client().get("/accounts/login/", headers={"host": "login.example.org", "x-forwarded-proto": "https"})
other = Client().get("/accounts/login/", headers={"host": "evil.example.org", "x-forwarded-proto": "https"})
cookie = page.cookies["__Host-csrf"]
print(json.dumps([plain.status_code, plain["Location"], page.status_code, page["Strict-Transport-Security"],
                  bool(cookie["secure"]), cookie["path"], cookie["domain"], other.status_code]))
"""


def test_transport_is_tls_only_and_cookies_keep_to_it(tmp_path: Path) -> None:
    done = run(tmp_path, "-c", VISIT, DJANGO_SETTINGS_MODULE="countersign.server.project.settings")
    assert json.loads(done.stdout) == [
        301,
        "https://login.example.org/accounts/login/",
        200,
        "max-age=63072000; includeSubDomains; preload",
        True,
        "/",
        "",
        400,
    ], done.stderr


def test_an_unsafe_server_does_not_start(tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "countersign.server", "check", COUNTERSIGN_SECRETS_SECRET_KEY="short")  # noqa: S106
    assert done.returncode != 0
    assert "secrets.secret_key is too weak" in done.stderr


def test_face_and_voice_without_keys_to_keep_references_under_are_an_error(tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "countersign.server", "check", COUNTERSIGN_KEY_FILE="")
    assert done.returncode != 0
    assert "countersign.E003" in done.stderr


@pytest.mark.usefixtures("db")
def test_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
