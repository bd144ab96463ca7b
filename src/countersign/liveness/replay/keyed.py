"""What the memory's key does: landmarks of a recording become tokens that say nothing without it.

A landmark is a small number (two peaks and their distance, a few signs), so a plain hash could be undone by trying all of
them. AES is a keyed permutation of blocks of 16 bytes; one block of it for each landmark, cut to 31 bits, is a
pseudo-random function of the landmark (Bellare and Rogaway, "PRP/PRF switching lemma"), and whoever has the table but not
the key can neither compute the tokens of another recording nor match two tables with different keys.
"""

from __future__ import annotations

import hashlib
from enum import IntEnum, unique

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

KEY_BYTES = 32
TOKEN_BITS = 31
"""So that a token fits into a signed column of four bytes."""


@unique
class Domain(IntEnum):
    """What a token was made of; tokens of different domains never meet but by chance."""

    SOUND_PAIR = 1
    SOUND_TRIPLE = 2
    PICTURE = 3
    PROJECTION = 4


class TokenKey:
    """A memory's key, ready for use. May be used from several threads at once.

    Args:
        key: `KEY_BYTES` random bytes.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key of a replay memory has {KEY_BYTES} bytes")
        derived = hashlib.blake2b(b"", digest_size=32, key=key, person=b"replay-memory/1").digest()
        # ECB is what a permutation of single blocks is called. No message is encrypted here.
        self._cipher = Cipher(algorithms.AES(derived), modes.ECB())  # noqa: S305

    def tokens(self, domain: Domain, landmarks: NDArray[np.int64]) -> NDArray[np.int64]:
        """`int64[n]` tokens in [0, 2**31), of `int64[n]` landmarks, each at least 0."""
        blocks = np.zeros((len(landmarks), 2), "<i8")
        blocks[:, 0], blocks[:, 1] = landmarks, domain
        scrambled = np.frombuffer(self._scramble(blocks.tobytes()), "<u4").reshape(-1, 4)[:, 0]
        return (scrambled >> (32 - TOKEN_BITS)).astype(np.int64)

    def signs(self, rows: int, columns: int) -> NDArray[np.float32]:
        """`float32[rows, columns]` of -1 and 1, always the same for this key: directions to project on."""
        count = -(-rows * columns // 128)
        blocks = np.zeros((count, 2), "<i8")
        blocks[:, 0], blocks[:, 1] = np.arange(count), Domain.PROJECTION
        bits = np.unpackbits(np.frombuffer(self._scramble(blocks.tobytes()), np.uint8))[: rows * columns]
        return (2.0 * bits.reshape(rows, columns) - 1.0).astype(np.float32)

    def _scramble(self, blocks: bytes) -> bytes:
        encryptor = self._cipher.encryptor()
        return encryptor.update(blocks) + encryptor.finalize()
