"""``countersign keys`` makes, rotates and retires keys, and never leaves anything unreadable."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from countersign.cli.keys import keys_group
from countersign.core.ports import SystemClock
from countersign.vault import key_records
from countersign.vault.key_sources import KeyFile, key_ring
from countersign.vault.keys import LocalKey
from countersign.vault.memory import MemoryStore
from countersign.vault.references import Vault
from tests.vault.enrolments import enrolment, same


class Installation:
    """A key file, and references of a few people under it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "keys"
        self.environment: dict[str, str | None] = {
            "COUNTERSIGN_KEY_FILE": str(self.file),
            "COUNTERSIGN_KEYS": None,
            "COUNTERSIGN_KMS": None,
        }
        self.references, self.keys = MemoryStore(), MemoryStore()
        self.people = [uuid4() for _ in range(3)]

    def run(self, *arguments: str, **environment: str | None) -> Result:
        group = keys_group(lambda: self.keys)
        return CliRunner().invoke(group, arguments, env=self.environment | environment, catch_exceptions=False)

    def enrol(self) -> None:
        for reference_id in self.people:
            self.vault.write(reference_id, enrolment(faces=1, voices=1), expected_version=0)

    @property
    def vault(self) -> Vault:
        ring = key_ring({"COUNTERSIGN_KEY_FILE": str(self.file)})
        return Vault(references=self.references, keys=self.keys, ring=ring, clock=SystemClock())

    def all_readable(self) -> bool:
        opened = [self.vault.load(reference_id) for reference_id in self.people]
        return all(each is not None and same(each.enrolment, enrolment(faces=1, voices=1)) for each in opened)

    def ids(self) -> Sequence[str]:
        return [key.key_id for key in KeyFile(self.file).read()]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    installed = Installation(tmp_path)
    assert installed.run("create", str(installed.file)).exit_code == 0
    installed.enrol()
    return installed


def test_a_made_key_is_not_shown_and_its_file_is_not_overwritten(installation: Installation, tmp_path: Path) -> None:
    made = installation.run("create", str(tmp_path / "others"))
    assert made.exit_code == 0
    assert "COUNTERSIGN_KEY_FILE" in made.output
    assert KeyFile(tmp_path / "others").read()[0].token[-43:] not in made.output
    again = installation.run("create", str(tmp_path / "others"))
    assert again.exit_code == 1
    assert "not overwritten" in again.output


def test_the_list_says_what_each_key_wraps(installation: Installation) -> None:
    listed = installation.run("list")
    assert listed.exit_code == 0
    (key_id,) = installation.ids()
    assert key_id in listed.output
    assert "present" in listed.output
    assert "3" in listed.output


def test_the_list_fails_when_a_wrapping_key_is_missing(installation: Installation) -> None:
    listed = installation.run("list", COUNTERSIGN_KEY_FILE=None, COUNTERSIGN_KEYS=LocalKey.generate().token)
    assert listed.exit_code == 1
    assert "missing" in listed.output
    assert installation.ids()[0] in listed.output


def test_rotation_puts_a_new_key_in_force_and_wraps_everything_by_it(installation: Installation) -> None:
    (old,) = installation.ids()
    before = [installation.references.get(reference_id) for reference_id in installation.people]
    rotated = installation.run("rotate")
    assert rotated.exit_code == 0
    new, kept = installation.ids()
    assert kept == old
    assert new in rotated.output
    assert "3 references" in rotated.output
    assert key_records.usage(installation.keys) == {new: 3}
    assert [installation.references.get(reference_id) for reference_id in installation.people] == before
    assert installation.all_readable()


def test_rotation_that_was_broken_off_is_finished_without_another_key(installation: Installation) -> None:
    new = KeyFile(installation.file).add(SystemClock().now().date())
    finished = installation.run("rotate", "--rewrap-only")
    assert finished.exit_code == 0
    assert installation.ids()[0] == new.key_id
    assert len(installation.ids()) == 2
    assert key_records.usage(installation.keys) == {new.key_id: 3}
    assert installation.all_readable()


def test_keys_from_the_environment_are_rotated_without_a_file(installation: Installation) -> None:
    old = KeyFile(installation.file).read()[0]
    new = LocalKey.generate()
    rotated = installation.run("rotate", COUNTERSIGN_KEY_FILE=None, COUNTERSIGN_KEYS=f"{new.token} {old.token}")
    assert rotated.exit_code == 0
    assert key_records.usage(installation.keys) == {new.key_id: 3}


def test_a_key_that_still_wraps_something_is_not_retired_and_one_that_does_not_is(installation: Installation) -> None:
    (old,) = installation.ids()
    new = KeyFile(installation.file).add(SystemClock().now().date())
    refused = installation.run("retire", "--yes", old)
    assert refused.exit_code == 1
    assert "still wraps 3" in refused.output
    assert installation.run("rotate", "--rewrap-only").exit_code == 0
    assert installation.run("retire", "--yes", old).exit_code == 0
    assert installation.ids() == [new.key_id]
    assert installation.all_readable()


def test_nothing_is_retired_without_consent_and_never_the_present_key(installation: Installation) -> None:
    before = installation.ids()
    empty = Installation(installation.file.parent / "empty")
    empty.run("create", str(empty.file))
    present = empty.ids()[0]
    assert empty.run("retire", "--yes", present).exit_code == 1
    assert installation.run("retire", before[0]).exit_code == 1
    assert installation.ids() == before
    assert empty.ids() == [present]


def test_without_any_key_every_command_says_what_to_set(installation: Installation) -> None:
    for command in ("list", "rotate"):
        told = installation.run(command, COUNTERSIGN_KEY_FILE=None)
        assert told.exit_code == 1
        assert "COUNTERSIGN_KEY_FILE" in told.output
    assert installation.run("retire", "--yes", "local:00", COUNTERSIGN_KEY_FILE=None).exit_code == 2
