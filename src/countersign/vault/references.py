"""The vault: references in, references out; between the two they are rotated, sealed, and kept in two places.

From the fresh data key of every writing comes the rotation of the templates as well, so writing again renews them and
revokes the old ones, whose key is gone. `envelopes.py` says how a writing stays whole over two stores.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from countersign.core.biometrics import Enrolment
from countersign.core.ports import Clock, ReferenceStore
from countersign.vault import encode
from countersign.vault.envelopes import Envelopes
from countersign.vault.keys import KeyRing
from countersign.vault.sealing import DataKey, Purpose
from countersign.vault.templates import ProtectedEnrolment, protect, recover


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedReferences:
    """What the vault holds of a reference id.

    Attributes:
        enrolment: in the models' own spaces, ready to compare.
        version: for the next `write`.
        sealed_at: when it was written or renewed, to the second.
    """

    enrolment: Enrolment = field(repr=False)
    version: int
    sealed_at: datetime


class Vault:
    """Keeps enrolments. Safe to share between threads and processes.

    Args:
        references: where sealed references rest.
        keys: where the data keys rest that open them; never the same place as `references`.
        ring: key-encryption keys.
        clock: for the time of sealing.
    """

    def __init__(self, *, references: ReferenceStore, keys: ReferenceStore, ring: KeyRing, clock: Clock) -> None:
        self._envelopes = Envelopes(records=references, keys=keys, ring=ring, clock=clock, purpose=Purpose.REFERENCES)

    def load(self, reference_id: UUID, *, least_version: int = 0) -> OpenedReferences | None:
        """The references, or None when there are none under this id.

        Args:
            reference_id: whose.
            least_version: the version that the caller knows was written; an older one is refused.

        Raises:
            VaultError: VAULT_KEY_ERASED, VAULT_KEY_UNKNOWN, VAULT_NOT_AUTHENTIC, VAULT_ROLLED_BACK, VAULT_MALFORMED,
                VAULT_UNKNOWN_FORMAT, VAULT_UNAVAILABLE.
        """
        opened = self._envelopes.load(reference_id, least_version=least_version)
        if opened is None:
            return None
        protected = ProtectedEnrolment(rotated=encode.decode(opened.content))
        return OpenedReferences(
            enrolment=recover(protected, seed=opened.key.template_seed),
            version=opened.version,
            sealed_at=opened.sealed_at,
        )

    def write(self, reference_id: UUID, enrolment: Enrolment, *, expected_version: int) -> int:
        """Keep an enrolment in place of the present one.

        Args:
            reference_id: whose; made for this, and not used again once erased.
            enrolment: in the models' own spaces.
            expected_version: of the present one; 0 when there is none.

        Returns:
            The new version.

        Raises:
            VaultError: VAULT_CONFLICT when the present version is another, or the references were erased meanwhile;
                VAULT_MALFORMED or VAULT_TOO_LARGE for an enrolment that cannot be stored; VAULT_UNAVAILABLE.
        """

        def make(key: DataKey) -> bytes:
            return encode.encode(protect(enrolment, seed=key.template_seed).rotated)

        return self._envelopes.write(reference_id, make, expected_version=expected_version)

    def renew(self, reference_id: UUID) -> int | None:
        """Make other templates of the same references, without the person, and revoke the present ones.

        Returns:
            The new version, or None when there are no references under this id.

        Raises:
            VaultError: as `load` and `write`.
        """
        opened = self.load(reference_id)
        if opened is None:
            return None
        return self.write(reference_id, opened.enrolment, expected_version=opened.version)

    def erase(self, reference_id: UUID) -> bool:
        """Erase for good: first the keys, which makes every copy of the references unreadable, then the references.

        Returns:
            Whether there was anything.
        """
        return self._envelopes.erase(reference_id)
