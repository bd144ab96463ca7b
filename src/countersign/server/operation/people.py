"""Finding people, locking them out, ending their sessions, erasing what is kept of them."""

from __future__ import annotations

from enum import StrEnum, unique
from importlib import import_module
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction

from countersign.server.accounts.backends import find
from countersign.server.accounts.identifiers import read
from countersign.server.accounts.models import User
from countersign.server.audit.events import EventKind
from countersign.server.audit.record import record
from countersign.server.ceremonies.privacy.deletion import delete_account
from countersign.server.ceremonies.references import holding
from countersign.server.project.current import configuration


@unique
class Door(StrEnum):
    """Where an operator came in."""

    CONSOLE = "console"
    COMMAND = "command"


class NobodyError(LookupError):
    """There is no such account."""


def person_named(text: str) -> User:
    """The account with that id, username, e-mail address, phone number or account number.

    Raises:
        NobodyError: there is none.
    """
    try:
        found = User.objects.filter(pk=UUID(text)).first()
    except ValueError:
        found = find(read(text, configuration().accounts.phone_region))
    if found is None:
        raise NobodyError("there is no such account")
    return found


def lock(person: User, *, door: Door, actor: UUID | None = None) -> None:
    """Switch the account off: no login, and what sessions and tokens it has end."""
    with transaction.atomic():
        person.is_active = False
        person.save(update_fields=["is_active"])
        _end_sessions(person)
        _record(person, "lock", door, actor)


def unlock(person: User, *, door: Door, actor: UUID | None = None) -> None:
    """Switch the account on again."""
    with transaction.atomic():
        person.is_active = True
        person.save(update_fields=["is_active"])
        _record(person, "unlock", door, actor)


def end_sessions(person: User, *, door: Door, actor: UUID | None = None) -> int:
    """Log the person out everywhere, and end what applications were granted. Returns how many sessions there were."""
    with transaction.atomic():
        count = _end_sessions(person)
        _record(person, "end_sessions", door, actor)
    return count


def reset_enrolment(person: User, *, door: Door, actor: UUID | None = None) -> bool:
    """Erase face and voice, so that the person enrols anew. Whether there were any references.

    Raises:
        VaultError: the vault cannot be reached; nothing was erased.
    """
    with transaction.atomic():
        erased = holding.erase(person)
        _record(person, "reset_enrolment", door, actor)
    return erased


def erase(person: User, *, door: Door, actor: UUID | None = None) -> None:
    """Delete the account with everything that belongs to it, references first.

    Raises:
        VaultError: the vault cannot be reached; nothing was deleted.
    """
    account = person.pk
    with transaction.atomic():
        delete_account(person)
        details = {"action": "erase", "door": door.value}
        record(EventKind.OPERATOR_ACTED, account=account, actor=actor, details=details)


def _end_sessions(person: User) -> int:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    sessions = list(UserSession.objects.filter(user=person))
    for session in sessions:
        store(session.session_key).delete()
        session.delete()
    return len(sessions)


def _record(person: User, action: str, door: Door, actor: UUID | None) -> None:
    details = {"action": action, "door": door.value}
    record(EventKind.OPERATOR_ACTED, account=person.pk, actor=actor, details=details)
