"""Challenges that were issued: each is good for one answer, in the session it was issued to, until it expires."""

from __future__ import annotations

import uuid
from datetime import timedelta
from enum import StrEnum, unique

from django.conf import settings
from django.db import models
from django.utils import timezone

from countersign.liveness.challenge import Challenge, Mode, Side, TurnOrder, TurnPath
from countersign.server.accounts.models import User

KEPT_FOR = timedelta(hours=1)
"""After they expired: long enough to tell who is late from who never asked."""


@unique
class Purpose(StrEnum):
    """What the recording is for."""

    LOGIN = "login"
    REAUTHENTICATION = "reauthentication"


@unique
class ChallengeState(StrEnum):
    """What became of a challenge."""

    OPEN = "open"
    USED = "used"
    REPLACED = "replaced"


class ChallengeRecords(models.Manager["ChallengeRecord"]):
    """Issuing and burning challenges."""

    def issue(self, challenge: Challenge, *, account: User, purpose: Purpose, binding: str) -> ChallengeRecord:
        """Store a challenge. An older one for the same is no longer good. Call it within a transaction."""
        self.filter(account=account, expires_at__lt=timezone.now() - KEPT_FOR).delete()
        older = self.filter(account=account, purpose=purpose, binding=binding, state=ChallengeState.OPEN)
        older.update(state=ChallengeState.REPLACED)
        return self.create(
            account=account,
            purpose=purpose,
            binding=binding,
            mode=challenge.mode,
            language=challenge.language,
            words=list(challenge.words),
            first=challenge.turn.first,
            extent_deg=challenge.turn.extent_deg,
            order=challenge.turn.order,
            nonce=challenge.nonce,
            issued_at=challenge.issued_at,
            expires_at=challenge.expires_at,
        )

    def burn(self, record: ChallengeRecord) -> bool:
        """Use a challenge up, by one conditional UPDATE. Of any number who try at once, one succeeds."""
        still_good = self.filter(pk=record.pk, state=ChallengeState.OPEN)
        return still_good.update(state=ChallengeState.USED, used_at=timezone.now()) == 1


class ChallengeRecord(models.Model):
    """One challenge. It holds nothing of a person: words and a turn, drawn at random.

    Attributes:
        binding: the session or pending login it was issued to; see `Caller.binding`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=20, choices=[(purpose.value, purpose.name) for purpose in Purpose])
    binding = models.CharField(max_length=64)
    state = models.CharField(
        max_length=10,
        choices=[(state.value, state.name) for state in ChallengeState],
        default=ChallengeState.OPEN.value,
    )
    mode = models.CharField(max_length=10)
    language = models.CharField(max_length=20)
    words = models.JSONField()
    first = models.CharField(max_length=10)
    extent_deg = models.PositiveSmallIntegerField()
    order = models.CharField(max_length=20)
    nonce = models.BinaryField(max_length=32)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    objects = ChallengeRecords()

    def __str__(self) -> str:
        return str(self.pk)

    def as_challenge(self) -> Challenge:
        """The challenge without its table."""
        return Challenge(
            mode=Mode(self.mode),
            language=self.language,
            words=tuple(self.words),
            turn=TurnPath(first=Side(self.first), extent_deg=self.extent_deg, order=TurnOrder(self.order)),
            nonce=bytes(self.nonce),
            issued_at=self.issued_at,
            expires_at=self.expires_at,
        )
