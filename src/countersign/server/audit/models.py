"""The two tables: entries, and the one row that says how far they go."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from countersign.server.audit.chain import Entry, Head


class AppendOnlyQuerySet(models.QuerySet["AuditEntry"]):
    """Refuses what would rewrite history; triggers in the database refuse it once more."""

    def update(self, **_: object) -> NoReturn:
        """Never."""
        raise TypeError("audit entries are not changed")

    def delete(self) -> NoReturn:
        """Never."""
        raise TypeError("audit entries are not deleted")


class AuditEntry(models.Model):
    """A row of the log. Written by `audit.record` alone."""

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=64, db_index=True)
    account = models.CharField(max_length=36, blank=True, db_index=True)
    actor = models.CharField(max_length=36, blank=True)
    details = models.TextField()
    key_id = models.CharField(max_length=12)
    previous_mac = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ("sequence",)

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind}"

    def save(self, *_: Any, **__: Any) -> NoReturn:
        """Never: entries come from `audit.record`."""
        raise TypeError("audit entries are written by audit.record")

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Never."""
        raise TypeError("audit entries are not deleted")

    def as_entry(self) -> Entry:
        """The row without its table."""
        return Entry(
            sequence=self.sequence,
            at=self.at,
            kind=self.kind,
            account=self.account,
            actor=self.actor,
            details=self.details,
            key_id=self.key_id,
            previous_mac=self.previous_mac,
            mac=self.mac,
        )


class AuditHead(models.Model):
    """The one row that says how far the log goes. Its lock puts writers in a queue."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField()
    mac = models.CharField(max_length=64)
    key_id = models.CharField(max_length=12, blank=True)
    signature = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"head at {self.sequence}"

    def as_head(self) -> Head:
        """The row without its table."""
        return Head(sequence=self.sequence, mac=self.mac, key_id=self.key_id, signature=self.signature)
