"""What the audit log listens to. Each receiver runs in the transaction of what it records: see `project.transactions`."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import email_confirmed, password_changed, password_reset, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from countersign.server.accounts import guard
from countersign.server.accounts.allauth_internals import email_about_to_be_added
from countersign.server.accounts.models import KnownDevice, User
from countersign.server.accounts.models.known_device import LONGEST_TOKEN, new_token
from countersign.server.audit.events import EventKind
from countersign.server.audit.record import record

_ACTIONS = {1: "added", 2: "changed", 3: "deleted"}


@receiver([user_logged_in, password_reset, password_changed])
def remember_device(request: HttpRequest, user: User, **_: Any) -> None:
    """The device of whoever completed a login, or proved themselves to set a password, gets guesses of its own."""
    given = guard.device_token.get()
    token = given if len(given) >= LONGEST_TOKEN // 2 else new_token()
    with transaction.atomic():
        device, created = KnownDevice.objects.remember(user, token[:LONGEST_TOKEN])
        if created:
            record(EventKind.DEVICE_REMEMBERED, account=user.pk, details={"device": str(device.pk)})
    request.device_token_to_give = token[:LONGEST_TOKEN]  # type: ignore[attr-defined]  # read by DeviceMiddleware


@receiver(post_save, sender=Authenticator)
def record_added_authenticator(instance: Authenticator, created: bool, **_: Any) -> None:  # noqa: FBT001 - Django's
    """A second factor was added. Allauth's own signal comes after the commit, too late for the same transaction."""
    if created:
        record(EventKind.AUTHENTICATOR_ADDED, account=instance.user_id, details={"type": str(instance.type)})


@receiver(post_delete, sender=Authenticator)
def record_removed_authenticator(instance: Authenticator, **_: Any) -> None:
    """A second factor was removed, or replaced."""
    record(EventKind.AUTHENTICATOR_REMOVED, account=instance.user_id, details={"type": str(instance.type)})


@receiver(authentication_failed)
def record_wrong_authenticator(user: User, authenticator: Authenticator | None = None, **_: Any) -> None:
    """A second factor was given wrongly."""
    kind = str(authenticator.type) if authenticator is not None else "unknown"
    record(EventKind.AUTHENTICATOR_WRONG, account=user.pk, details={"type": kind})


@receiver(email_confirmed)
def record_verified_email(email_address: Any, **_: Any) -> None:
    """An e-mail address was proved."""
    record(EventKind.EMAIL_VERIFIED, account=email_address.user_id)


@receiver(email_about_to_be_added)
def refuse_taken_email(email: str, user: User, **_kwargs: Any) -> None:
    """An address of another account is refused when it is added, not when it is proved."""
    if User.objects.filter(email=email).exclude(pk=user.pk).exists():
        raise ValidationError(_("There is an account with this e-mail address already."), code="email_taken")


@receiver(post_delete, sender=User)
def record_deleted_account(instance: User, **_: Any) -> None:
    """An account is gone; its identifier in the log now belongs to nobody."""
    record(EventKind.ACCOUNT_DELETED, account=instance.pk)


@receiver(post_save, sender=LogEntry)
def record_console_change(instance: LogEntry, created: bool, **_: Any) -> None:  # noqa: FBT001 - Django's signature
    """An operator changed something in the console."""
    if not created:
        return
    record(
        EventKind.CONSOLE_CHANGE,
        actor=instance.user_id,
        details={
            "model": instance.content_type.model if instance.content_type else "unknown",
            "object": str(instance.object_id or "unknown").lower()[:64],
            "action": _ACTIONS.get(instance.action_flag, "unknown"),
        },
    )
