"""The container's files name settings, files and addresses that there are, and give the server no more than it needs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from countersign.cli import main
from countersign.cli.serve import serve
from countersign.server.configuration import load
from countersign.vault.key_sources import KEY_FILE
from tests.test_repository import REPOSITORY

DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "compose.yaml").read_text(encoding="utf-8"))
SERVER: dict[str, Any] = COMPOSE["services"]["server"]


def instructions(name: str) -> list[str]:
    text = DOCKERFILE.replace("\\\n", " ")
    return [line.removeprefix(name).strip() for line in text.splitlines() if line.startswith(f"{name} ")]


def test_the_image_copies_only_what_there_is_and_what_is_not_ignored() -> None:
    kept = {
        line[1:] for line in (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"
    }
    for copy in instructions("COPY"):
        sources = [word for word in copy.split()[:-1] if not word.startswith("--")]
        if copy.startswith("--from"):
            continue
        for source in sources:
            assert (REPOSITORY / source).exists(), source
            assert source.split("/")[0] in kept, source


def test_the_server_in_it_is_nobody_in_particular() -> None:
    assert instructions("USER") == ["10001:10001"]
    last_stage = DOCKERFILE.split("FROM ${PYTHON}\n")[1]
    assert last_stage.index("USER ") < last_stage.index("ENTRYPOINT ")
    assert "apt-get" not in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE
    for image in instructions("FROM"):
        assert not image.endswith(":latest")


def test_it_is_asked_for_its_health_where_it_answers() -> None:
    (check,) = instructions("HEALTHCHECK")
    assert "http://127.0.0.1:8000/readyz" in check
    assert instructions("EXPOSE") == ["8000"]


def test_what_starts_is_a_command() -> None:
    assert instructions("ENTRYPOINT") == ['["countersign"]']
    context = main.make_context("countersign", ["serve"], resilient_parsing=True)
    assert main.get_command(context, SERVER["command"][0]) is serve
    options = {option for parameter in serve.params for option in parameter.opts}
    assert set(SERVER["command"][1:]) <= options


def test_the_settings_of_the_composition_make_a_server_that_starts(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    contents = {
        "database_url": "postgresql://countersign:password@postgres/countersign",
        "mail_url": "smtps://user:password@mail.example.org",
        "secret_key": "secret-key-0123456789-abcdefghijklmnopqrstuvwxyz",
        "audit_key": "audit-key-0123456789-abcdefghijklmnopqrstuvwxyz",
        "metrics_token": "metrics-0123456789-abcdefghijklmnopqrstuvwxyz",
        "signing_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    }
    for name, text in contents.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    environment = {
        name: re.sub(r"\$\{\w+:\?.*?\}", "https://login.example.org", value)
        .replace("${COUNTERSIGN_SENDER:-countersign@localhost}", "countersign@localhost")
        .replace("/run/secrets", str(tmp_path))
        for name, value in SERVER["environment"].items()
    }
    image = dict(pair.split("=", 1) for line in instructions("ENV") for pair in line.split() if "=" in pair)
    configuration = load({"COUNTERSIGN_SERVER_DATA_DIR": image["COUNTERSIGN_SERVER_DATA_DIR"]} | environment)
    assert configuration.in_production
    assert configuration.secrets.signing_key is not None
    assert configuration.storage.cache_url is not None
    assert KEY_FILE in SERVER["environment"]


def test_every_secret_that_is_named_is_given() -> None:
    used = {name for service in COMPOSE["services"].values() for name in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])
    named = re.findall(r"/run/secrets/(\w+)", str(COMPOSE))
    assert set(named) == used
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("./secrets/")


@pytest.mark.parametrize("service", ["server", "redis", "postgres"])
def test_services_write_to_nothing_but_volumes_and_memory(service: str) -> None:
    described = COMPOSE["services"][service]
    assert described["read_only"] is True
    assert "no-new-privileges:true" in described["security_opt"]
    assert not described.get("privileges")
    for volume in described.get("volumes", []):
        assert volume.split(":")[0] in COMPOSE["volumes"]
    for network in described["networks"]:
        assert network in COMPOSE["networks"]


def test_only_the_server_is_reached_from_outside_and_only_through_this_machine() -> None:
    ports = {name: service.get("ports", []) for name, service in COMPOSE["services"].items()}
    assert ports == {"server": ["127.0.0.1:8000:8000"], "postgres": [], "redis": []}
    assert COMPOSE["networks"]["back"]["internal"] is True
