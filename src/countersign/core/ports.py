"""Ports: what the rooms need from the world outside, as protocols. Who implements them is decided where they are wired."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from countersign.core.replay import Fingerprint, Remembered


class Clock(Protocol):
    """Tells the time, so that tests can set it."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """One record as a store keeps it: bytes that the store cannot read.

    Attributes:
        version: 1 when first written, then one more with every change.
        data: sealed, so that it says nothing about the person.
    """

    version: int
    data: bytes = field(repr=False)


class ReferenceStore(Protocol):
    """Keeps sealed records by an opaque reference id, and knows nothing else about anybody.

    A reference id is a random UUID made for this purpose. It is not the account's id: who the person is stands in another
    database, with the reference id beside it (ISO/IEC 24745:2022 asks to keep identity and biometric references apart).

    Every method raises `VaultError` VAULT_UNAVAILABLE when the store cannot be reached; a change is then done or not done,
    never half done. All implementations pass the one suite `tests/vault/contract.py`. Safe to share between threads.
    """

    def get(self, reference_id: UUID) -> StoredRecord | None:
        """The record as last written, or None. A finished `put` or `delete` is seen by every later `get`."""
        ...

    def put(self, reference_id: UUID, data: bytes, *, expected_version: int) -> None:
        """Write version `expected_version` + 1 if the present version is `expected_version`; 0 stands for no record.

        Raises:
            VaultError: VAULT_CONFLICT when the present version is another; nothing is changed then. Of several callers
                with the same expectation exactly one succeeds.
        """
        ...

    def delete(self, reference_id: UUID, *, expected_version: int | None = None) -> bool:
        """Remove the record; where `expected_version` is given, only that version. Whether one was removed."""
        ...

    def ids(self) -> Iterator[UUID]:
        """All reference ids, each once, in ascending order; records written or deleted meanwhile may or may not appear."""
        ...


class KeyEncryptionKey(Protocol):
    """A key that wraps other keys and never leaves its place: a file, the environment, a key management service (KMS).

    NIST SP 800-57 part 1, 5.1.1, "symmetric key-wrapping key". Safe to share between threads.
    """

    @property
    def key_id(self) -> str:
        """Names this key and never another one; 1 to 128 visible ASCII characters, not secret, stored beside what it wraps."""
        ...

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        """`key` encrypted and authenticated, at most 4,096 bytes.

        Args:
            key: 32 bytes.
            context: authenticated with it (a KMS calls it "encryption context" or "additional authenticated data").

        Raises:
            VaultError: VAULT_UNAVAILABLE.
        """
        ...

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """The key that `wrap` was given.

        Raises:
            VaultError: VAULT_NOT_AUTHENTIC when the bytes, the context or this key are not those of `wrap`;
                VAULT_UNAVAILABLE.
        """
        ...


class ReplayMemory(Protocol):
    """Remembers the fingerprints of past recordings, and knows nothing else about them.

    All implementations pass the one suite `tests/liveness/replay/contract.py`. Safe to share between threads.
    """

    @property
    def key(self) -> bytes:
        """The secret that its fingerprints are made with, 32 bytes. Another key finds nothing that was remembered."""
        ...

    def remember(self, attempt_id: UUID, fingerprint: Fingerprint, *, at: datetime) -> None:
        """Keep a fingerprint. A second one under the same id replaces the first.

        Args:
            attempt_id: of the attempt, or of the enrolment sample, that the recording belongs to.
            fingerprint: made with this memory's key.
            at: with a time zone.
        """
        ...

    def look_up(self, tokens: Collection[int], *, at_most: int) -> tuple[Remembered, ...]:
        """Those that share the most of `tokens`, most first; none that shares nothing."""
        ...

    def forget(self, attempt_ids: Collection[UUID]) -> int:
        """Drop what is kept under these ids. How many there were."""
        ...

    def forget_before(self, moment: datetime) -> int:
        """Drop everything older than `moment`: the end of retention. How many there were."""
        ...
