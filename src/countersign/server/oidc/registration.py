"""Making applications known, and reading their addresses strictly."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import UUID

from allauth.idp.oidc.models import Client
from django.db import transaction

from countersign.server.audit.events import EventKind
from countersign.server.audit.record import record
from countersign.server.configuration.safety import is_loopback
from countersign.server.oidc.facts import Acr
from countersign.server.oidc.models import Application

SCOPES = ("openid", "profile", "email")
_CLIENT_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{2,59}")


class RegistrationError(ValueError):
    """An application cannot be registered so; the message says why."""


def register(
    client_id: str,
    *,
    name: str,
    redirect_uris: Sequence[str],
    public: bool = False,
    restricted: bool = False,
    skip_consent: bool = False,
    least_acr: Acr | None = None,
) -> str | None:
    """Register an application.

    Args:
        client_id: 3 to 60 lower-case letters, digits, dots, hyphens, underscores.
        name: as people see it.
        redirect_uris: where they are sent back, compared letter by letter.
        public: it cannot keep a secret: it runs in a browser or on a phone.
        restricted: only for accounts that are listed.
        skip_consent: the operator's own, nobody has to be asked.
        least_acr: logins of a lesser class are refused.

    Returns:
        Its secret, shown once and stored as a hash; None for a public application.

    Raises:
        RegistrationError: an identifier is taken or malformed, or an address is unsafe.
    """
    if not _CLIENT_ID.fullmatch(client_id):
        raise RegistrationError("an identifier has 3 to 60 lower-case letters, digits, dots, hyphens, underscores")
    if not redirect_uris:
        raise RegistrationError("an application needs an address to send people back to")
    for address in redirect_uris:
        _check_address(address)
    secret = None if public else secrets.token_urlsafe(48)
    with transaction.atomic():
        if Client.objects.filter(pk=client_id).exists():
            raise RegistrationError(f"there is an application {client_id} already")
        client = _client(client_id, name, redirect_uris, secret, skip_consent=skip_consent)
        client.save(force_insert=True)
        Application.objects.create(
            client=client, restricted=restricted, least_acr=least_acr.value if least_acr is not None else ""
        )
        record(EventKind.APPLICATION_CHANGED, details={"client": client_id, "change": "registered"})
    return secret


def _client(
    client_id: str, name: str, redirect_uris: Sequence[str], secret: str | None, *, skip_consent: bool
) -> Client:
    client = Client(
        id=client_id,
        name=name,
        type=Client.Type.PUBLIC if secret is None else Client.Type.CONFIDENTIAL,
        skip_consent=skip_consent,
        response_types="code",
    )
    client.set_secret(secret or secrets.token_urlsafe(48))
    client.set_scopes(list(SCOPES))
    client.set_grant_types(["authorization_code", "refresh_token"])
    client.set_redirect_uris(list(redirect_uris))
    return client


@contextmanager
def change(application: Application, what: str, *, account: UUID | None = None) -> Iterator[None]:
    """Change a registration, and record it, or neither."""
    with transaction.atomic():
        yield
        details = {"client": audit_token(application.client_id), "change": what}
        record(EventKind.APPLICATION_CHANGED, account=account, details=details)


def is_registered(address: str, client: Client) -> bool:
    """Whether people may be sent back there: one of the registered addresses, letter by letter (RFC 9700, 2.1).

    On the person's own machine any port will do (RFC 8252, 7.3).
    """
    if address in client.get_redirect_uris():
        return True
    given = urlsplit(address)
    for registered in map(urlsplit, client.get_redirect_uris()):
        on_loopback = registered.scheme == "http" and is_loopback(registered.hostname or "")
        same = (given.scheme, given.hostname, given.path, given.query) == (
            registered.scheme,
            registered.hostname,
            registered.path,
            registered.query,
        )
        if on_loopback and same and not given.username and not given.fragment:
            return True
    return False


def audit_token(client_id: str) -> str:
    """An application's identifier as the audit log takes it."""
    return client_id if _CLIENT_ID.fullmatch(client_id) else "unknown"


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if "*" in address or "#" in address or parts.username or any(letter.isspace() for letter in address):
        raise RegistrationError(f"{address}: no wildcards, fragments, names or spaces")
    web = parts.scheme == "https" and parts.hostname
    local = parts.scheme == "http" and is_loopback(parts.hostname or "")
    phone = "." in parts.scheme and parts.path  # RFC 8252, 7.1: a reversed domain name
    if not (web or local or phone):
        raise RegistrationError(f"{address}: https, http on this machine, or a scheme such as org.example.app")
