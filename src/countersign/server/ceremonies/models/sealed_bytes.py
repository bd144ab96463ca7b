"""The two stores of the vault, where no other was given: what is sealed, and the keys to it. Neither names anybody."""

from __future__ import annotations

from django.db import models


class StoredBytes(models.Model):
    """Bytes by a random id and a version. See `countersign.core.ports.ReferenceStore`."""

    id = models.UUIDField(primary_key=True, editable=False)
    version = models.PositiveBigIntegerField()
    data = models.BinaryField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"version {self.version}"


class SealedRecord(StoredBytes):
    """References, unfinished enrolments and voice profiles, all sealed."""


class WrappedDataKey(StoredBytes):
    """The keys to them, wrapped by a key-encryption key. A row that is deleted is a record that is erased."""
