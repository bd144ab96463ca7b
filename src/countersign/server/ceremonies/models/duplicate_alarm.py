"""A person who seems to be enrolled twice."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class DuplicateAlarm(models.Model):
    """The faces of two accounts are alike: for the operator to look into, never told to either person.

    Attributes:
        account: that enrolled.
        other: that was there before.
        llr: log-likelihood ratio of the two faces, nats.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="duplicate_alarms")
    other = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    llr = models.FloatField()
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "other"], name="one_alarm_for_two_accounts")]

    def __str__(self) -> str:
        return str(self.pk)
