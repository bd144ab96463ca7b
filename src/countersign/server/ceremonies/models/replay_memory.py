"""Fingerprints of past recordings: keyed, so that these tables say nothing to whoever has them without the server's secret."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class RecordingFingerprint(models.Model):
    """One recording, of an attempt or of an enrolment. No media, and nothing that a face or a voice could be made of.

    Attributes:
        id: of the attempt, or of the enrolment sample.
        account: whose; their fingerprints go when the account goes.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="recording_fingerprints"
    )
    at = models.DateTimeField(db_index=True)
    data = models.BinaryField()

    # Named here, because django-stubs gives none to models of a module with a composite key.
    objects: ClassVar[models.Manager[RecordingFingerprint]] = models.Manager()

    def __str__(self) -> str:
        return str(self.pk)


class FingerprintToken(models.Model):
    """What a fingerprint is found by."""

    pk = models.CompositePrimaryKey("token", "fingerprint")
    token = models.IntegerField()
    fingerprint = models.ForeignKey(RecordingFingerprint, on_delete=models.CASCADE, related_name="tokens")

    objects: ClassVar[models.Manager[FingerprintToken]] = models.Manager()

    def __str__(self) -> str:
        return str(self.pk)
