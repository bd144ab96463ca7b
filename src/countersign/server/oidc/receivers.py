"""What the end of a session ends, and what a password record adds."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import authentication_step_completed
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.http import HttpRequest

from countersign.server.oidc.models import Grant
from countersign.server.oidc.session_store import key_after_renewal


@receiver(post_delete, sender=Session)
def end_grants_with_their_session(instance: Session, **_: Any) -> None:
    """Tokens end with the session, however it ends: log-out, revocation, a new password, or clearing away."""
    grants = Grant.objects.filter(session_key=instance.session_key)
    new_key = key_after_renewal()
    if new_key is not None:
        grants.update(session_key=new_key)
        return
    with transaction.atomic():
        Grant.objects.end(grants)


@receiver(authentication_step_completed)
def tell_a_pin_from_a_password(request: HttpRequest, method: str, **_: Any) -> None:
    """The record says which of the two it was: `accounts.backends` looked at it."""
    records = request.session.get("account_authentication_methods")
    if method == "password" and records and getattr(request, "secret_was_pin", False):
        records[-1]["secret"] = "pin"  # noqa: S105 - the kind of secret, not one
        request.session.modified = True
