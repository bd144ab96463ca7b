"""Which sealed references belong to an account: the only place that knows."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class ReferenceSet(models.Model):
    """The link between an account and what the vault keeps of the person.

    The ids are random, made for one set, and never used again: who enrols anew after an erasure gets others. The versions
    are what was last written, so that an older record that is put back is found (`Vault.load(least_version=...)`).
    """

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="reference_set"
    )
    reference_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    version = models.PositiveBigIntegerField(default=0)
    profile_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    profile_version = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now, db_index=True)
    compared_at = models.DateTimeField(null=True, db_index=True)
    compared_up_to = models.UUIDField(null=True)

    def __str__(self) -> str:
        return f"version {self.version}"
