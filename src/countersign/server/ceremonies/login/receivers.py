"""What the login ceremony listens to."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import user_logged_in
from django.dispatch import receiver

from countersign.server.accounts.models import User
from countersign.server.ceremonies.login import allowance


@receiver(user_logged_in)
def start_anew(user: User, **_: Any) -> None:
    """Whoever completed a login, by whatever the profile allows, has all attempts again."""
    allowance.release(user)
