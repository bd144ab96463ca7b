"""What the login ceremony listens to."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, user_logged_in
from django.dispatch import receiver

from countersign.server.accounts.models import User
from countersign.server.ceremonies.login import allowance


@receiver(user_logged_in)
def release(user: User, **_: Any) -> None:
    """Whoever completed a login, by whatever the profile allows, has all attempts again."""
    allowance.release(user)


@receiver([password_changed, password_reset])
def start_anew(user: User, **_: Any) -> None:
    """Whoever used the attempts up had the old password."""
    allowance.start_anew(user)
