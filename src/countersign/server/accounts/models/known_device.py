"""Devices that an account has logged in from.

OWASP calls this device cookies: a browser that once logged in to an account has guesses of its own there, so a stranger
who uses up the guesses of all strangers does not keep the person out. The cookie holds one random token for the browser;
the table holds, for each account, a keyed hash of token and account, so that neither table nor cookie says who shares one.
"""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from countersign.server.accounts.models.user import User

MOST_DEVICES = 20
TOKEN_BYTES = 32
LONGEST_TOKEN = 64
_NOBODY = uuid.UUID(int=0)


def new_token() -> str:
    """A token for a browser or an app: 256 bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(account: uuid.UUID | None, token: str) -> str:
    """What is stored of a token, for one account."""
    return salted_hmac("countersign.device", f"{account or _NOBODY}:{token}", algorithm="sha256").hexdigest()


class KnownDevices(models.Manager["KnownDevice"]):
    """Recognising, remembering and forgetting devices."""

    def recognise(self, account: uuid.UUID | None, token: str) -> KnownDevice | None:
        """The device that `token` is for this account; the same query for a name that nobody has."""
        return self.filter(token_hash=token_hash(account, token[:LONGEST_TOKEN])).first()

    def remember(self, account: User, token: str) -> tuple[KnownDevice, bool]:
        """Make the device known, or note that it was seen. The oldest beyond `MOST_DEVICES` is forgotten."""
        device, created = self.get_or_create(token_hash=token_hash(account.pk, token), defaults={"account": account})
        if created:
            kept = self.filter(account=account).order_by("-last_seen_at").values_list("pk", flat=True)[:MOST_DEVICES]
            self.filter(account=account).exclude(pk__in=list(kept)).delete()
        else:
            self.filter(pk=device.pk).update(last_seen_at=timezone.now())
        return device, created

    def forget_all(self, account: User) -> int:
        """Forget every device of the account. Returns how many there were."""
        return self.filter(account=account).delete()[0]


class KnownDevice(models.Model):
    """One browser or app that completed a login to one account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="known_devices")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    objects = KnownDevices()

    def __str__(self) -> str:
        return str(self.pk)
