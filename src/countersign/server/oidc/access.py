"""Whether a grant still holds: its session, its account and its application."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings

from countersign.server.oidc.allauth_internals import get_session_user
from countersign.server.oidc.models import Application, Credential, CredentialKind, Grant, credential_hash


def grant_of(value: str, *kinds: CredentialKind) -> Grant | None:
    """The grant that a code or token belongs to, whether or not it still holds."""
    credential = (
        Credential.objects.select_related("grant__account", "grant__client")
        .filter(pk=credential_hash(value), kind__in=kinds)
        .first()
    )
    return credential.grant if credential else None


def holds(grant: Grant) -> bool:
    """Whether the session goes on, as the same person's, and the person may still use the application.

    A session that was ended, has expired, or was cut off by a new password, and an account that was locked, end what was
    granted with it, at once and without anybody having to clear up.
    """
    if grant.ended_at is not None or not session_goes_on(grant):
        return False
    application = Application.objects.filter(pk=grant.client_id).first()
    return application is not None and application.admits(grant.account)


def session_goes_on(grant: Grant) -> bool:
    """Whether the session that the grant stands on is still there, and still the same person's."""
    store = import_module(settings.SESSION_ENGINE).SessionStore(grant.session_key)
    if not store.exists(grant.session_key):
        return False
    person = get_session_user(store)
    return person is not None and person.pk == grant.account_id
