"""No row goes before what it names in the vault is erased: by the API, by the console, or with the account."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import pre_delete
from django.dispatch import receiver

from countersign.server.ceremonies.models import EnrolmentSession, ReferenceSet
from countersign.server.ceremonies.references.holding import erase_records
from countersign.server.ceremonies.references.opening import open_vault


@receiver(pre_delete, sender=ReferenceSet)
def erase_references(instance: ReferenceSet, **_: Any) -> None:
    """Crypto-erase the references and the voice profile."""
    erase_records(open_vault(), instance)


@receiver(pre_delete, sender=EnrolmentSession)
def erase_gathered(instance: EnrolmentSession, **_: Any) -> None:
    """Crypto-erase what an enrolment gathered."""
    open_vault().gathered.erase(instance.gathered_id)
