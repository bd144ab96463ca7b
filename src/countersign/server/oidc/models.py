"""Applications, what people granted them, and the credentials that came of it.

Allauth keeps the applications' addresses and secrets (`Client`) and the tokens (`Token`, as hashes). What is kept here is
what it lacks: who may use an application, what was true of the login that a grant stands on, and which codes and tokens
belong to one family, so that all of them end together.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from typing import Any, ClassVar

from allauth.idp.oidc.models import Client, Token
from django.conf import settings
from django.db import models
from django.utils import timezone

from countersign.server.oidc.facts import Acr

KEPT_AFTER_THE_END = timedelta(days=30)


class Application(models.Model):
    """What this server knows of an application beside allauth's `Client`. A client without such a row is refused."""

    client = models.OneToOneField(Client, primary_key=True, on_delete=models.CASCADE, related_name="application")
    active = models.BooleanField(default=True)
    restricted = models.BooleanField(default=False)
    least_acr = models.CharField(max_length=64, blank=True, choices=[(acr.value, acr.name) for acr in Acr])
    people: models.ManyToManyField[Any, Any] = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True)

    def __str__(self) -> str:
        return str(self.client_id)

    def admits(self, account: models.Model) -> bool:
        """Whether that account may use the application."""
        if not self.active or not getattr(account, "is_active", False):
            return False
        return not self.restricted or self.people.filter(pk=account.pk).exists()


class Grants(models.Manager["Grant"]):
    """Finding grants and ending them."""

    def live(self) -> models.QuerySet[Grant]:
        """Those that nobody ended; their sessions may be over all the same."""
        return self.filter(ended_at__isnull=True)

    def end(self, grants: models.QuerySet[Grant]) -> int:
        """End them and delete their tokens. In one transaction with what else the caller does. Returns how many."""
        ended = list(grants.filter(ended_at__isnull=True).select_for_update().values_list("pk", flat=True))
        self.filter(pk__in=ended).update(ended_at=timezone.now())
        hashes = Credential.objects.filter(grant__in=ended).values_list("hash", flat=True)
        Token.objects.filter(hash__in=list(hashes)).delete()
        return len(ended)

    def tidy(self) -> int:
        """Delete grants that ended, or were not used, so long ago that no reuse of theirs has to be found."""
        stale = timezone.now() - KEPT_AFTER_THE_END
        return self.filter(models.Q(ended_at__lt=stale) | models.Q(used_at__lt=stale)).delete()[0]


class Grant(models.Model):
    """One login to one application: the family of a code and of all tokens that come of it.

    Attributes:
        session_key: of the session it stands on; with that session it ends.
        claims: ``auth_time``, ``amr`` and ``acr`` as they were when the code was made.
        used_at: when a token was last made of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="grants")
    session_key = models.CharField(max_length=40, db_index=True, editable=False)
    scopes = models.TextField(blank=True)
    claims = models.JSONField(default=dict)
    granted_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Grants] = Grants()

    def __str__(self) -> str:
        return str(self.pk)


class CredentialKind(models.TextChoices):
    """What a credential is."""

    CODE = "code", "authorization code"
    ACCESS = "access", "access token"
    REFRESH = "refresh", "refresh token"


class Credential(models.Model):
    """A code or token of a grant, as a hash. Codes and refresh tokens are used once: `used_at` says that it happened."""

    hash = models.CharField(max_length=64, primary_key=True)
    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=8, choices=CredentialKind.choices)
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} of {self.grant_id}"

    def claim(self) -> bool:
        """Use it up: one conditional UPDATE. False if it was used before; whoever comes at the same time waits here."""
        unused = Credential.objects.filter(pk=self.pk, used_at__isnull=True)
        return unused.update(used_at=timezone.now()) == 1


def credential_hash(value: str) -> str:
    """What is stored of a code or token: SHA-256, as allauth stores its tokens. They are random and long."""
    return hashlib.sha256(value.encode()).hexdigest()
