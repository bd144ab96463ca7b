"""Key-encryption keys: the present one, and older ones that still open what they wrapped.

A key that is held here (`LocalKey`) comes from a file or the environment (`key_sources.py`). A key management service takes
its place by the same protocol, `countersign.core.ports.KeyEncryptionKey`; its keys never come here.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from countersign.core.errors import ConfigurationError, ErrorCode, VaultError
from countersign.core.ports import KeyEncryptionKey
from countersign.vault.sealing import KEY_BYTES, NONCE_BYTES

_WRAPPED_VERSION = b"\x01"
_TOKEN = re.compile(r"countersign-kek-1:([0-9a-f]{16}):([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class LocalKey:
    """A key-encryption key in this process's memory: AES-256-GCM with random nonces, at most 2^32 wrappings each.

    Attributes:
        secret: 32 random bytes.
    """

    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> LocalKey:
        """A new one, from the operating system's random generator."""
        return cls(os.urandom(KEY_BYTES))

    @classmethod
    def from_token(cls, token: str) -> LocalKey:
        """Read `token`.

        Raises:
            ConfigurationError: CONFIGURATION_INVALID when it is none, or was mistyped; the message does not repeat it.
        """
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise _invalid(
                "a key-encryption key is written countersign-kek-1:ID:KEY; `countersign keys create` makes one"
            )
        try:
            key = cls(base64.b64decode(match[2] + "=", altchars=b"-_", validate=True))
        except binascii.Error:
            raise _invalid("a key-encryption key is not proper base64") from None
        if key.key_id != f"local:{match[1]}":
            raise _invalid("a key-encryption key does not have the id that is written before it: a character is wrong")
        return key

    @property
    def token(self) -> str:
        """The key as one line of text: format, id (which finds typing errors), key. Secret."""
        encoded = base64.urlsafe_b64encode(self.secret).decode().rstrip("=")
        return f"countersign-kek-1:{self.key_id.removeprefix('local:')}:{encoded}"

    @property
    def key_id(self) -> str:
        """Derived from the key, so that it cannot name another one."""
        return "local:" + self._derive(b"id", 8).hex()

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        """See `KeyEncryptionKey.wrap`."""
        nonce = os.urandom(NONCE_BYTES)
        return _WRAPPED_VERSION + nonce + AESGCM(self._derive(b"wrapping", KEY_BYTES)).encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """See `KeyEncryptionKey.unwrap`."""
        version, nonce, body = wrapped[:1], wrapped[1 : 1 + NONCE_BYTES], wrapped[1 + NONCE_BYTES :]
        if version != _WRAPPED_VERSION or len(nonce) != NONCE_BYTES:
            raise _not_authentic()
        try:
            return AESGCM(self._derive(b"wrapping", KEY_BYTES)).decrypt(nonce, body, context)
        except InvalidTag:
            raise _not_authentic() from None

    def _derive(self, what: bytes, length: int) -> bytes:
        info = b"countersign key-encryption key/1 " + what
        return HKDFExpand(algorithm=SHA256(), length=length, info=info).derive(self.secret)


class KeyRing:
    """The present key-encryption key and the older ones.

    Args:
        source: gives the keys, the present one first, at least one. It is asked at every use, so a key that was added by
            another process (`countersign keys rotate`) is in force at once.
    """

    def __init__(self, source: Callable[[], Sequence[KeyEncryptionKey]]) -> None:
        self._source = source

    @classmethod
    def of(cls, current: KeyEncryptionKey, *older: KeyEncryptionKey) -> KeyRing:
        """A ring of keys that do not change, for example those of a key management service."""
        keys = (current, *older)
        return cls(lambda: keys)

    @property
    def keys(self) -> tuple[KeyEncryptionKey, ...]:
        """All keys, the present one first.

        Raises:
            ConfigurationError: the keys could not be had.
        """
        return tuple(self._source())

    @property
    def current(self) -> KeyEncryptionKey:
        """The key that wraps what is written now."""
        return self.keys[0]

    def find(self, key_id: str) -> KeyEncryptionKey:
        """The key of that id.

        Raises:
            VaultError: VAULT_KEY_UNKNOWN.
        """
        for key in self.keys:
            if key.key_id == key_id:
                return key
        raise VaultError(
            ErrorCode.VAULT_KEY_UNKNOWN, f"the key-encryption key {key_id!r} is not among those that were given"
        )


def _not_authentic() -> VaultError:
    return VaultError(
        ErrorCode.VAULT_NOT_AUTHENTIC, "a wrapped data key is not what was written in this place with this key"
    )


def _invalid(message: str) -> ConfigurationError:
    return ConfigurationError(ErrorCode.CONFIGURATION_INVALID, message)
