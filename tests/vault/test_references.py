"""The vault gives back what was put in, to nobody else, whole at every moment, and never again after erasure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from countersign.core.biometrics import Enrolment
from countersign.core.errors import ErrorCode, VaultError
from countersign.core.ports import StoredRecord
from countersign.vault import encode, key_records
from countersign.vault.keys import KeyRing, LocalKey
from countersign.vault.memory import MemoryStore
from countersign.vault.references import Vault
from countersign.vault.sealing import Place, Purpose, unseal
from tests.vault.enrolments import SetClock, enrolment, same, vectors_of

ID = UUID(int=12)


class KilledError(Exception):
    """The process was killed here."""


class WatchedStore(MemoryStore):
    """Calls `before` ahead of every access."""

    def __init__(self) -> None:
        super().__init__()
        self.before: Callable[[], None] = lambda: None

    def get(self, reference_id: UUID) -> StoredRecord | None:
        self.before()
        return super().get(reference_id)

    def put(self, reference_id: UUID, data: bytes, *, expected_version: int) -> None:
        self.before()
        super().put(reference_id, data, expected_version=expected_version)

    def delete(self, reference_id: UUID, *, expected_version: int | None = None) -> bool:
        self.before()
        return super().delete(reference_id, expected_version=expected_version)


class Setting:
    """A vault with its parts within reach."""

    def __init__(self) -> None:
        self.references, self.keys = WatchedStore(), WatchedStore()
        self.kek = LocalKey.generate()
        self.clock = SetClock()
        self.vault = self.over(KeyRing.of(self.kek))

    def over(self, ring: KeyRing) -> Vault:
        return Vault(references=self.references, keys=self.keys, ring=ring, clock=self.clock)

    def at_step(self, step: int, action: Callable[[], None]) -> None:
        """Do something ahead of one access of either store, counted from 0; the accesses of `action` do not count."""
        left = iter(range(step))

        def before() -> None:
            if next(left, None) is None:
                self.undisturbed()
                action()

        self.references.before = self.keys.before = before

    def undisturbed(self) -> None:
        self.references.before = self.keys.before = lambda: None

    def held(self) -> int:
        """Which of the small enrolments is held; -1 for none."""
        found = self.vault.load(ID)
        return -1 if found is None else next(n for n in range(10) if same(found.enrolment, small(n)))


@pytest.fixture
def setting() -> Setting:
    return Setting()


def small(number: int) -> Enrolment:
    return enrolment(seed=number, faces=2, voices=1)


def code_of(attempt: Callable[[], object]) -> ErrorCode:
    with pytest.raises(VaultError) as refused:
        attempt()
    return refused.value.code


def test_what_was_written_is_loaded(setting: Setting) -> None:
    assert setting.vault.load(ID) is None
    assert setting.vault.write(ID, enrolment(), expected_version=0) == 1
    setting.clock.advance(timedelta(hours=1))
    opened = setting.vault.load(ID)
    assert opened is not None
    assert same(opened.enrolment, enrolment())
    assert opened.version == 1
    assert opened.sealed_at == setting.clock.now() - timedelta(hours=1)


def test_writing_again_needs_the_present_version(setting: Setting) -> None:
    setting.vault.write(ID, small(0), expected_version=0)
    assert setting.vault.write(ID, small(1), expected_version=1) == 2
    for expected in (0, 1, 3):
        attempt = lambda expected=expected: setting.vault.write(ID, small(2), expected_version=expected)  # noqa: E731
        assert code_of(attempt) is ErrorCode.VAULT_CONFLICT
    assert setting.held() == 1
    assert len(key_records.read(setting.keys, ID) or ()) == 1


def test_the_stores_hold_neither_vectors_nor_figures_nor_keys(setting: Setting) -> None:
    original = enrolment()
    setting.vault.write(ID, original, expected_version=0)
    stored = setting.references.get(ID)
    assert stored is not None
    for vector in vectors_of(original):
        assert vector.tobytes()[:16] not in stored.data
    assert b"dlib" not in stored.data


def test_even_unsealed_templates_do_not_resemble_the_person_without_the_data_key(setting: Setting) -> None:
    setting.vault.write(ID, enrolment(), expected_version=0)
    stored = setting.references.get(ID)
    (entry,) = key_records.read(setting.keys, ID) or ()
    assert stored is not None
    key = key_records.unwrap(entry, ring=KeyRing.of(setting.kek), reference_id=ID)
    place = Place(reference_id=ID, purpose=Purpose.REFERENCES, version=1)
    leaked = encode.decode(unseal(stored.data, key=key, place=place).content)
    pairs = zip(vectors_of(leaked), vectors_of(enrolment()), strict=True)
    assert max(abs(float(ours @ theirs)) for ours, theirs in pairs) < 0.5


def test_every_writing_and_every_renewal_takes_another_key_and_revokes_the_one_before(setting: Setting) -> None:
    named = set()
    setting.vault.write(ID, small(0), expected_version=0)
    for version in range(1, 5):
        (entry,) = key_records.read(setting.keys, ID) or ()
        named.add(entry.data_key_id)
        assert setting.vault.renew(ID) == version + 1
    assert len(named) == 4
    assert setting.held() == 0
    assert setting.vault.renew(uuid4()) is None


def test_an_older_record_that_is_put_back_does_not_open(setting: Setting) -> None:
    setting.vault.write(ID, small(0), expected_version=0)
    old = setting.references.get(ID)
    setting.vault.write(ID, small(1), expected_version=1)
    assert old is not None
    for version in (1, 2):
        setting.references._records[ID] = StoredRecord(version=version, data=old.data)
        assert code_of(lambda: setting.vault.load(ID)) is ErrorCode.VAULT_KEY_ERASED


def test_an_older_record_that_is_put_back_with_its_key_is_found_by_who_remembers_the_version(setting: Setting) -> None:
    setting.vault.write(ID, small(0), expected_version=0)
    references, keys = setting.references._records.copy(), setting.keys._records.copy()
    version = setting.vault.write(ID, small(1), expected_version=1)
    setting.references._records, setting.keys._records = references, keys
    assert code_of(lambda: setting.vault.load(ID, least_version=version)) is ErrorCode.VAULT_ROLLED_BACK
    setting.references._records = {ID: StoredRecord(version=version, data=references[ID].data)}
    assert code_of(lambda: setting.vault.load(ID, least_version=version)) is ErrorCode.VAULT_NOT_AUTHENTIC


def test_the_records_of_two_people_cannot_be_swapped(setting: Setting) -> None:
    other = UUID(int=13)
    setting.vault.write(ID, small(0), expected_version=0)
    setting.vault.write(other, small(1), expected_version=0)
    setting.references._records[ID] = setting.references._records[other]
    assert code_of(lambda: setting.vault.load(ID)) is ErrorCode.VAULT_KEY_ERASED
    setting.keys._records[ID] = setting.keys._records[other]
    assert code_of(lambda: setting.vault.load(ID)) is ErrorCode.VAULT_NOT_AUTHENTIC


def test_erased_references_cannot_be_opened_even_from_a_copy(setting: Setting) -> None:
    setting.vault.write(ID, small(0), expected_version=0)
    copy = setting.references._records.copy()
    assert setting.vault.erase(ID)
    assert not setting.vault.erase(ID)
    assert setting.vault.load(ID) is None
    setting.references._records = copy
    assert code_of(lambda: setting.vault.load(ID)) is ErrorCode.VAULT_KEY_ERASED


def test_a_rotation_of_the_wrapping_key_leaves_references_as_they_are_and_readable(setting: Setting) -> None:
    setting.vault.write(ID, small(0), expected_version=0)
    before = setting.references.get(ID)
    new = LocalKey.generate()
    assert list(key_records.rewrap(setting.keys, KeyRing.of(new, setting.kek))) == [True]
    assert setting.references.get(ID) == before
    assert code_of(lambda: setting.vault.load(ID)) is ErrorCode.VAULT_KEY_UNKNOWN
    opened = setting.over(KeyRing.of(new)).load(ID)
    assert opened is not None
    assert same(opened.enrolment, small(0))


def kill() -> None:
    raise KilledError


def steps_until_finished(setting: Setting, act: Callable[[], object], at_step: Callable[[], object]) -> Iterator[int]:
    """Repeat `act` with a disturbance at its first step, then at its second, until it has no further step."""
    for step in range(30):
        reached = False

        def disturb() -> None:
            nonlocal reached
            reached = True
            at_step()

        setting.at_step(step, disturb)
        try:
            act()
        except (KilledError, VaultError):
            pass
        finally:
            setting.undisturbed()
        if not reached:
            return
        yield step
    raise AssertionError("it never finishes")


def test_a_writer_that_is_killed_anywhere_leaves_the_old_or_the_new_references_whole(setting: Setting) -> None:
    setting.vault.write(ID, small(0), expected_version=0)
    seen = []
    for step in steps_until_finished(setting, lambda: rewrite(setting, 1), kill):
        seen.append(setting.held())
        setting.clock.advance(timedelta(days=2))
        rewrite(setting, 0)
        assert setting.held() == 0
        keys = key_records.read(setting.keys, ID) or ()
        assert len(keys) == 1, f"the writer that was killed at step {step} left a key behind"
    assert set(seen) == {0, 1}
    assert seen == sorted(seen)


def test_a_first_enrolment_that_is_killed_anywhere_is_there_or_not_and_can_be_made_again() -> None:
    setting = Setting()
    seen = []
    for _ in steps_until_finished(setting, lambda: rewrite(setting, 1), kill):
        seen.append(setting.held())
        rewrite(setting, 2)
        assert setting.held() == 2
        setting.vault.erase(ID)
    assert set(seen) == {-1, 1}


def test_of_two_writers_exactly_one_succeeds_wherever_the_other_comes_between(setting: Setting) -> None:
    setting.vault.write(ID, small(0), expected_version=0)
    steps = 0
    for _ in steps_until_finished(setting, lambda: rewrite(setting, 1), lambda: rewrite(setting, 2)):
        assert setting.held() in {1, 2}
        assert len(key_records.read(setting.keys, ID) or ()) == 1
        steps += 1
    assert steps > 5


def test_a_reader_sees_old_or_new_references_wherever_a_writer_comes_between(setting: Setting) -> None:
    setting.vault.write(ID, small(0), expected_version=0)
    seen: list[int] = []
    for _ in steps_until_finished(setting, lambda: seen.append(setting.held()), lambda: rewrite(setting, 1)):
        rewrite(setting, 0)
    assert set(seen) == {0, 1}


def test_what_is_erased_stays_erased_wherever_that_comes_between_a_writing(setting: Setting) -> None:
    for first in (True, False):
        setting.vault.erase(ID)
        if not first:
            setting.vault.write(ID, small(0), expected_version=0)
        for _ in steps_until_finished(setting, lambda: rewrite(setting, 1), lambda: setting.vault.erase(ID)):
            # Erased before the writing began, or after it ended, it may be there; never unreadable, never the old one.
            assert setting.held() in {-1, 1}
            setting.vault.erase(ID)
            if not first:
                setting.vault.write(ID, small(0), expected_version=0)


def rewrite(setting: Setting, number: int) -> int:
    present = setting.references.get(ID)
    return setting.vault.write(ID, small(number), expected_version=0 if present is None else present.version)


def test_of_many_writers_at_once_exactly_one_succeeds_and_its_references_are_held(setting: Setting) -> None:
    setting.vault.write(ID, small(0), expected_version=0)
    together = threading.Barrier(6)

    def write(number: int) -> int | ErrorCode:
        together.wait(timeout=60)
        try:
            setting.vault.write(ID, small(number), expected_version=1)
        except VaultError as error:
            return error.code
        return number

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(write, range(1, 7)))
    winners = [result for result in results if isinstance(result, int)]
    assert [result for result in results if not isinstance(result, int)] == [ErrorCode.VAULT_CONFLICT] * 5
    assert [setting.held()] == winners
    assert len(key_records.read(setting.keys, ID) or ()) == 1


def test_one_store_for_both_is_refused() -> None:
    store = MemoryStore()
    with pytest.raises(ValueError, match="two different stores"):
        Vault(references=store, keys=store, ring=KeyRing.of(LocalKey.generate()), clock=SetClock())
