"""Keys come from a safe file, the environment or a service; anything unsafe or unclear is refused."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.vault.key_sources import KeyFile, key_ring
from countersign.vault.keys import LocalKey

TODAY = date(2026, 3, 4)
SERVICE_KEYS = (LocalKey.generate(), LocalKey.generate())
NOT_CALLABLE = "text"


def service() -> tuple[LocalKey, ...]:
    return SERVICE_KEYS


def empty_service() -> tuple[LocalKey, ...]:
    return ()


def refusal(environment: Mapping[str, str]) -> str:
    with pytest.raises(ConfigurationError) as refused:
        key_ring(environment).keys  # noqa: B018 - reading is what fails
    assert refused.value.code is ErrorCode.CONFIGURATION_INVALID
    return str(refused.value)


def refused_file(path: Path) -> str:
    return refusal({"COUNTERSIGN_KEY_FILE": str(path)})


def test_a_made_file_is_for_its_owner_alone_and_gives_its_key(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys"
    key = KeyFile(path).create(TODAY)
    assert path.stat().st_mode & 0o777 == 0o600
    assert "made 2026-03-04" in path.read_text()
    assert key_ring({"COUNTERSIGN_KEY_FILE": str(path)}).current == key
    assert [entry.name for entry in path.parent.iterdir() if not entry.name.endswith(".lock")] == ["keys"]


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    KeyFile(path).create(TODAY)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError):
        KeyFile(path).create(TODAY)
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o601])
def test_a_file_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys"
    file = KeyFile(path)
    file.create(TODAY)
    assert len(file.read()) == 1
    path.chmod(mode)
    assert "chmod 600" in refused_file(path)
    with pytest.raises(ConfigurationError):
        file.read()


def test_a_file_that_only_its_owner_may_read_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    key = KeyFile(path).create(TODAY)
    path.chmod(0o400)
    assert key_ring({"COUNTERSIGN_KEY_FILE": str(path)}).current == key


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give a file away")
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    KeyFile(path).create(TODAY)
    os.chown(path, 12345, 12345)
    assert "this user" in refused_file(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"# only a comment\n", b"countersign-kek-1:nonsense\n", b"\xff\xfe", b"#" * 70_000, b"countersign-kek-2:x:y"],
)
def test_a_file_that_is_none_of_keys_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys"
    path.write_bytes(content)
    path.chmod(0o600)
    assert "configuration.invalid" in refused_file(path)


def test_a_missing_file_or_a_folder_is_refused_without_its_path(tmp_path: Path) -> None:
    assert str(tmp_path) not in refused_file(tmp_path / "none")
    assert str(tmp_path) not in refused_file(tmp_path)


def test_a_key_that_is_given_twice_is_refused() -> None:
    token = LocalKey.generate().token
    assert "twice" in refusal({"COUNTERSIGN_KEYS": f"{token} {token}"})


def test_a_new_key_is_in_force_at_once_everywhere_and_the_old_ones_stay(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    running = KeyFile(path)
    first = running.create(TODAY)
    assert running.read() == (first,)
    second = KeyFile(path).add(TODAY)
    third = KeyFile(path).add(TODAY)
    assert running.read() == (third, second, first)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().count("# made") == 3
    assert path.read_text().count("Key-encryption keys of Countersign") == 1


def test_an_old_key_can_be_taken_out_and_the_present_one_can_not(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys")
    first = file.create(TODAY)
    second = file.add(TODAY)
    for key_id in (second.key_id, "local:0000000000000000"):
        with pytest.raises(ConfigurationError):
            file.remove(key_id)
    file.remove(first.key_id)
    assert file.read() == (second,)
    assert first.token not in file.path.read_text()


def test_a_file_is_read_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = KeyFile(tmp_path / "keys")
    file.create(TODAY)
    file.read()
    reads: list[KeyFile] = []
    monkeypatch.setattr(KeyFile, "_text", reads.append)
    for _ in range(5):
        file.read()
    assert reads == []


def test_keys_from_the_environment_come_in_their_order() -> None:
    keys = [LocalKey.generate() for _ in range(3)]
    ring = key_ring({"COUNTERSIGN_KEYS": "  \n".join(key.token for key in keys), "COUNTERSIGN_KEY_FILE": ""})
    assert list(ring.keys) == keys


def test_keys_from_a_service_come_in_their_order() -> None:
    assert key_ring({"COUNTERSIGN_KMS": f"{__name__}:service"}).keys == SERVICE_KEYS


@pytest.mark.parametrize(
    "name",
    ["no.such.module:keys", f"{__name__}:nothing", f"{__name__}:NOT_CALLABLE", f"{__name__}:empty_service", "::"],
)
def test_a_name_that_gives_no_keys_is_refused(name: str) -> None:
    assert "COUNTERSIGN_KMS" in refusal({"COUNTERSIGN_KMS": name})


def test_no_source_and_two_sources_are_refused_without_repeating_a_key() -> None:
    token = LocalKey.generate().token
    assert "set: none" in refusal({})
    told = refusal({"COUNTERSIGN_KEYS": token, "COUNTERSIGN_KEY_FILE": "somewhere"})
    assert token[-43:] not in told
