"""Envelope encryption: references sealed by a data key, which a key-encryption key wraps (`key_records.py`).

AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces. Every sealing takes a fresh data key, so a nonce cannot repeat
under one, and GCM's bound on the number of random nonces is never near; that is why the misuse-resistant GCM-SIV would
add nothing here. A record also names its data key by a commitment, so a sealed record opens under one key at most.

Authenticated with the record, and therefore not changeable without being noticed: the whole header, whose reference it
is, which version of it, and what for. So a record cannot be put in another person's place, nor an older version of the
person's own in the place of a newer.

Version 1::

    "CSSR"  version: u8 = 1  data key id: 16 bytes  sealed at: u64, little-endian, s since 1970  nonce: 12 bytes  sealed
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum, unique
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from countersign.core.errors import ErrorCode, VaultError

KEY_BYTES = 32
KEY_ID_BYTES = 16
NONCE_BYTES = 12
_TAG_BYTES = 16
_MAGIC = b"CSSR"
_VERSION = 1
_HEADER = struct.Struct(f"<4sB{KEY_ID_BYTES}sQ{NONCE_BYTES}s")


@unique
class Purpose(StrEnum):
    """What a ciphertext is for; one made for one purpose does not open for another."""

    REFERENCES = "references"
    GATHERED = "gathered"
    VOICE_PROFILE = "voice profile"
    DATA_KEY = "data key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a ciphertext belongs.

    Attributes:
        version: of the record; 0 for what stays valid over versions.
    """

    reference_id: UUID
    purpose: Purpose
    version: int = 0

    def context(self) -> bytes:
        """For authentication. No two places have the same."""
        return self.reference_id.bytes + struct.pack("<Q", self.version) + self.purpose.value.encode()


@dataclass(frozen=True, slots=True)
class DataKey:
    """What a person's references are sealed and rotated with, made anew at every writing.

    Attributes:
        secret: 32 random bytes. All that is used is derived from them (HKDF, RFC 5869, expand step).
    """

    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> DataKey:
        """A new one, from the operating system's random generator."""
        return cls(os.urandom(KEY_BYTES))

    @property
    def key_id(self) -> bytes:
        """16 bytes that name this key, commit to it, and say nothing about it."""
        return self._derive(b"id", KEY_ID_BYTES)

    @property
    def template_seed(self) -> bytes:
        """32 bytes, for `templates.protect`."""
        return self._derive(b"template seed", KEY_BYTES)

    @property
    def sealing_key(self) -> bytes:
        """32 bytes, for AES-256."""
        return self._derive(b"sealing", KEY_BYTES)

    def _derive(self, what: bytes, length: int) -> bytes:
        return HKDFExpand(algorithm=SHA256(), length=length, info=b"countersign data key/1 " + what).derive(self.secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsealed:
    """What was sealed, and when."""

    content: bytes = field(repr=False)
    sealed_at: datetime


def seal(content: bytes, *, key: DataKey, place: Place, sealed_at: datetime) -> bytes:
    """Encrypt and authenticate.

    Args:
        content: any bytes.
        key: used for this one sealing.
        place: must be the same for unsealing.
        sealed_at: aware; kept to the second, readable without the key.
    """
    nonce = os.urandom(NONCE_BYTES)
    header = _HEADER.pack(_MAGIC, _VERSION, key.key_id, int(sealed_at.timestamp()), nonce)
    return header + AESGCM(key.sealing_key).encrypt(nonce, content, header + place.context())


def unseal(sealed: bytes, *, key: DataKey, place: Place) -> Unsealed:
    """Undo `seal`.

    Raises:
        VaultError: VAULT_NOT_AUTHENTIC for a wrong key, a wrong place or any altered bit; VAULT_MALFORMED for bytes that
            are no sealed record; VAULT_UNKNOWN_FORMAT.
    """
    _, sealed_at, nonce = _header(sealed)
    header, body = sealed[: _HEADER.size], sealed[_HEADER.size :]
    try:
        content = AESGCM(key.sealing_key).decrypt(nonce, body, header + place.context())
        return Unsealed(content=content, sealed_at=datetime.fromtimestamp(sealed_at, UTC))
    except InvalidTag:
        raise VaultError(
            ErrorCode.VAULT_NOT_AUTHENTIC, "the sealed record is not what was written in this place with this key"
        ) from None


def data_key_id(sealed: bytes) -> bytes:
    """The id of the data key that a sealed record names. Not authenticated before `unseal`.

    Raises:
        VaultError: VAULT_MALFORMED, VAULT_UNKNOWN_FORMAT.
    """
    return _header(sealed)[0]


def _header(sealed: bytes) -> tuple[bytes, int, bytes]:
    if len(sealed) < _HEADER.size + _TAG_BYTES or sealed[: len(_MAGIC)] != _MAGIC:
        raise VaultError(ErrorCode.VAULT_MALFORMED, "these bytes are no sealed record")
    _, version, key_id, sealed_at, nonce = _HEADER.unpack_from(sealed)
    if version != _VERSION:
        raise VaultError(ErrorCode.VAULT_UNKNOWN_FORMAT, "the record is sealed in an unknown version")
    return key_id, sealed_at, nonce
