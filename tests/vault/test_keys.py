"""Key-encryption keys wrap, survive being written down, and are found by their id."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.core.errors import ConfigurationError, ErrorCode, VaultError
from countersign.core.ports import KeyEncryptionKey
from countersign.vault.keys import KeyRing, LocalKey
from tests.vault.enrolments import STEADY

KEY = LocalKey(bytes(range(32)))
WRITTEN = "countersign-kek-1:1651deae9ef896be:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


@STEADY
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100))
def test_what_was_wrapped_is_unwrapped(secret: bytes, context: bytes) -> None:
    assert KEY.unwrap(KEY.wrap(secret, context=context), context=context) == secret


def test_another_key_another_context_or_an_altered_byte_unwraps_nothing() -> None:
    wrapped = KEY.wrap(bytes(32), context=b"here")
    attempts = [(LocalKey.generate(), wrapped, b"here"), (KEY, wrapped, b"there")]
    attempts += [(KEY, wrapped[:length], b"here") for length in range(len(wrapped))]
    attempts += [
        (KEY, wrapped[:at] + bytes([wrapped[at] ^ 1]) + wrapped[at + 1 :], b"here") for at in range(len(wrapped))
    ]
    for key, data, context in attempts:
        with pytest.raises(VaultError) as refused:
            key.unwrap(data, context=context)
        assert refused.value.code is ErrorCode.VAULT_NOT_AUTHENTIC


def test_wrapping_twice_gives_different_bytes() -> None:
    assert KEY.wrap(bytes(32), context=b"") != KEY.wrap(bytes(32), context=b"")


def test_a_key_survives_being_written_down() -> None:
    key = LocalKey.generate()
    assert LocalKey.from_token(key.token) == key
    assert KEY.token == WRITTEN
    wrapped = KEY.wrap(bytes(32), context=b"")
    assert LocalKey.from_token(WRITTEN).unwrap(wrapped, context=b"") == bytes(32)


def test_every_typing_error_is_found_and_the_key_is_not_repeated() -> None:
    for at in range(len(WRITTEN)):
        for typed in ("A", "b", "0", "", ":", "é"):
            if WRITTEN[at] == typed:
                continue
            with pytest.raises(ConfigurationError) as refused:
                LocalKey.from_token(WRITTEN[:at] + typed + WRITTEN[at + 1 :])
            assert "AgIC" not in str(refused.value)
            assert "HBwdHh" not in str(refused.value)


def test_a_key_does_not_show_itself() -> None:
    assert "\\x01" not in repr(KEY)
    assert "AAEC" not in repr(KEY)
    assert repr(KEY) == "LocalKey()"


def test_a_ring_wraps_with_its_first_key_and_finds_the_others() -> None:
    older = LocalKey.generate()
    ring = KeyRing.of(KEY, older)
    assert ring.current == KEY
    assert ring.find(older.key_id) == older
    with pytest.raises(VaultError) as refused:
        ring.find("local:0000000000000000")
    assert refused.value.code is ErrorCode.VAULT_KEY_UNKNOWN


def test_a_ring_asks_its_source_at_every_use() -> None:
    keys: list[KeyEncryptionKey] = [KEY]
    ring = KeyRing(lambda: keys)
    new = LocalKey.generate()
    keys.insert(0, new)
    assert ring.current == new
    assert ring.find(KEY.key_id) == KEY
