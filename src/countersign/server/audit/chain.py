"""The arithmetic of the chain: no database, so an exported file is verified by the same lines.

Each entry's MAC is HMAC-SHA256 over all its fields and the MAC of the entry before (Schneier and Kelsey, 1999, without
their key evolution). The head signs how far the chain goes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from countersign.server.audit.events import Detail

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event.

    Attributes:
        sequence: 1, 2, 3 … without gaps.
        at: when, UTC, to the microsecond.
        kind: value of an `EventKind`; kept as text, because older rows outlive a kind.
        account: whom it concerns, empty if nobody known.
        actor: who did it if not the account itself, else empty.
        details: canonical JSON.
        key_id: which key made the MAC.
        previous_mac: MAC of the entry before, hexadecimal.
        mac: of this entry, hexadecimal.
    """

    sequence: int
    at: datetime
    kind: str
    account: str
    actor: str
    details: str
    key_id: str
    previous_mac: str
    mac: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How far the chain goes. `signature` is empty for a chain without entries."""

    sequence: int
    mac: str
    key_id: str = ""
    signature: str = ""


class ChainKeys:
    """The key that signs, and earlier ones that still verify."""

    def __init__(self, current: str, previous: Iterable[str] = ()) -> None:
        self._keys = {_key_id(text): text.encode() for text in (*previous, current)}
        self.current_id = _key_id(current)

    def mac_of(self, entry: Entry) -> str | None:
        """The MAC that `entry` should have, or None if its key is not known."""
        fields: list[str | int] = [
            "entry 1",
            entry.sequence,
            entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            entry.kind,
            entry.account,
            entry.actor,
            entry.details,
            entry.key_id,
            entry.previous_mac,
        ]
        return self._mac(entry.key_id, fields)

    def signature_of(self, head: Head) -> str | None:
        """The signature that `head` should have, or None if its key is not known."""
        return self._mac(head.key_id, ["head 1", head.sequence, head.mac, head.key_id])

    def sign(self, sequence: int, mac: str) -> Head:
        """A head that says the chain ends with this entry."""
        unsigned = Head(sequence=sequence, mac=mac, key_id=self.current_id)
        return Head(sequence=sequence, mac=mac, key_id=self.current_id, signature=self.signature_of(unsigned) or "")

    def _mac(self, key_id: str, fields: list[str | int]) -> str | None:
        key = self._keys.get(key_id)
        if key is None:
            return None
        message = json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode()
        return hmac.new(key, message, hashlib.sha256).hexdigest()


def canonical(details: Mapping[str, Detail]) -> str:
    """Details as the one text that is signed."""
    return json.dumps(dict(details), ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def matches(expected: str | None, given: str) -> bool:
    """Whether a MAC is the expected one; never if the key is unknown."""
    return expected is not None and hmac.compare_digest(expected, given)


def _key_id(key: str) -> str:
    return hashlib.sha256(b"countersign audit key " + key.encode()).hexdigest()[:12]
