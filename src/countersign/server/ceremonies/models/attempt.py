"""Attempts: each is counted before anything is looked at, and keeps what was found, for the operator."""

from __future__ import annotations

import uuid
from enum import StrEnum, unique

from django.conf import settings
from django.db import models
from django.utils import timezone

from countersign.server.ceremonies.models.challenge_record import Purpose
from countersign.server.ceremonies.models.signing_device import SigningDevice


@unique
class AttemptState(StrEnum):
    """How far an attempt has come. RESERVED is one that is being looked at, or whose process died: it counts as failed."""

    RESERVED = "reserved"
    ACCEPTED = "accepted"
    RETRY = "retry"
    REJECTED = "rejected"
    UNREADABLE = "unreadable"


class Attempt(models.Model):
    """One recording that was to log somebody in. Numbers and codes, no media, nothing that a face could be made of.

    Attributes:
        binding: the session or pending login; see `Caller.binding`.
        findings: as `login.findings.Findings`; null until there are any.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attempts")
    purpose = models.CharField(max_length=20, choices=[(purpose.value, purpose.name) for purpose in Purpose])
    binding = models.CharField(max_length=64, db_index=True, editable=False)
    challenge = models.UUIDField(unique=True, editable=False)
    device = models.ForeignKey(SigningDevice, on_delete=models.SET_NULL, null=True, related_name="+")
    profile = models.CharField(max_length=40)
    state = models.CharField(
        max_length=10,
        choices=[(state.value, state.name) for state in AttemptState],
        default=AttemptState.RESERVED.value,
        db_index=True,
    )
    at = models.DateTimeField(default=timezone.now, db_index=True)
    settled_at = models.DateTimeField(null=True)
    findings = models.JSONField(null=True)

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return str(self.pk)
