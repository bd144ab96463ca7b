"""Consent to the processing of face and voice."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class Consent(models.Model):
    """One person's consent to one version of the text (GDPR, articles 7 and 9(2)(a)). Withdrawn ones stay, as proof."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents")
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=20)
    given_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(withdrawn_at__isnull=True), name="one_consent_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"version {self.version}"
