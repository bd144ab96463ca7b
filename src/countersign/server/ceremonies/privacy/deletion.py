"""Deleting an account."""

from __future__ import annotations

from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings

from countersign.server.accounts.models import User
from countersign.server.ceremonies.references import holding
from countersign.server.ceremonies.references.opening import open_vault


def delete_account(account: User) -> None:
    """Crypto-erase the references, then delete the account and whatever belongs to it. Its sessions end.

    The audit log keeps that there was an account of that id: events and numbers, nothing that names anybody.

    Raises:
        VaultError: VAULT_UNAVAILABLE. Nothing is deleted then: what cannot be erased must stay findable.
    """
    session_store = import_module(settings.SESSION_ENGINE).SessionStore
    keys = list(UserSession.objects.filter(user=account).values_list("session_key", flat=True))
    with open_vault().together():
        holding.erase(account)
        account.delete()
    for key in keys:
        session_store(key).delete()
