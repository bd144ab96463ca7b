"""An enrolment while it is going on."""

from __future__ import annotations

import uuid
from enum import StrEnum, unique

from django.conf import settings
from django.db import models
from django.utils import timezone


@unique
class EnrolmentKind(StrEnum):
    """What becomes of references that there are already."""

    REPLACE = "replace"
    ADD = "add"


class EnrolmentSession(models.Model):
    """One enrolment: what is asked for, and until when. What was gathered is sealed under `gathered_id`.

    Attributes:
        binding: the session that may go on with it; see `Caller.binding`.
        prompts: the words of each voice sample.
        withdrawn: words that were asked for and not understood.
        short_turns: how often the head was not turned far enough, by number of the picture.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolment_sessions")
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.name) for kind in EnrolmentKind])
    binding = models.CharField(max_length=64)
    nonce = models.BinaryField(max_length=32)
    gathered_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    language = models.CharField(max_length=20)
    prompts = models.JSONField()
    withdrawn = models.JSONField(default=list)
    short_turns = models.JSONField(default=dict)
    begun_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(completed_at__isnull=True), name="one_open_enrolment"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
