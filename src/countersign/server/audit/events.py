"""What is recorded: a closed list of events, and the details that each may carry.

Rows hold identifiers and counts, never personal data: a detail is a number, a truth value or a short token, and the
tokens' alphabet leaves no room for a name or an address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum, unique
from typing import TypeAlias

Detail: TypeAlias = str | int | bool
_TOKEN = re.compile(r"[a-z0-9_.:-]{1,64}")


@unique
class EventKind(StrEnum):
    """Security-relevant events.

    Attributes:
        meaning: one sentence, for the reference page and for people.
        details: names of the details that the event carries.
    """

    meaning: str
    details: frozenset[str]

    def __new__(cls, value: str, meaning: str, *details: str) -> EventKind:  # noqa: D102
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        member.details = frozenset(details)
        return member

    ACCOUNT_CREATED = "account.created", "An account was made."
    ACCOUNT_DELETED = "account.deleted", "An account was deleted."
    PRIVILEGES_CHANGED = (
        "account.privileges_changed",
        "An account was given or lost a role, or was switched on or off.",
        "active",
        "staff",
        "superuser",
    )
    IDENTIFIER_CHANGED = "account.identifier_changed", "What the person logs in with was changed.", "identifier"
    EMAIL_VERIFIED = "account.email_verified", "The person proved that an e-mail address is theirs."
    PASSWORD_SET = "password.set", "A password or PIN was set or changed."
    PASSWORD_CORRECT = "password.correct", "A correct password was given."
    PASSWORD_WRONG = "password.wrong", "A wrong password was given; without an account, for an unknown name.", "device"
    GUESSING_HELD_UP = (
        "password.held_up",
        "After wrong passwords, further ones are not looked at for a while.",
        "failures",
        "seconds",
        "device",
    )
    SESSION_BEGAN = "session.began", "A login was completed.", "methods"
    SESSION_ENDED = "session.ended", "A person logged out."
    SESSIONS_REVOKED = "session.revoked", "A person ended other sessions of theirs.", "count"
    DEVICE_REMEMBERED = "device.remembered", "A device became known to an account.", "device"
    DEVICES_FORGOTTEN = "device.forgotten", "An account's devices are no longer known.", "count"
    AUTHENTICATOR_ADDED = "authenticator.added", "A second factor was added.", "type"
    AUTHENTICATOR_REMOVED = "authenticator.removed", "A second factor was removed, or replaced.", "type"
    AUTHENTICATOR_WRONG = "authenticator.wrong", "A wrong code or key was given as second factor.", "type"
    SIGNING_DEVICE_ADDED = "signing_device.added", "The key of a device was registered to sign uploads.", "device"
    SIGNING_DEVICE_REMOVED = "signing_device.removed", "The key of a device no longer signs uploads.", "device"
    UPLOAD_REFUSED = (
        "upload.refused",
        "An upload was not what the device signed: altered, swapped or replayed.",
        "purpose",
        "device",
    )
    ATTEMPT_ACCEPTED = (
        "attempt.accepted",
        "A recording was judged, and accepted.",
        "attempt",
        "purpose",
        "profile",
        "device",
    )
    ATTEMPT_REJECTED = (
        "attempt.rejected",
        "A recording was judged, and rejected.",
        "attempt",
        "purpose",
        "profile",
        "device",
        "reason",
    )
    ATTEMPT_RETRY = (
        "attempt.retry",
        "A recording could not be judged, and the person was told why.",
        "attempt",
        "purpose",
        "reason",
    )
    ATTEMPTS_HELD_UP = (
        "attempt.held_up",
        "After failed attempts, further recordings are not looked at for a while.",
        "failures",
        "seconds",
        "device",
    )
    FALLBACK_CHOSEN = (
        "login.fallback_chosen",
        "Instead of face and voice, another second factor was chosen.",
        "types",
    )
    REAUTHENTICATED = "session.reauthenticated", "A person proved again that it is them.", "method"
    APPLICATION_GRANTED = "application.granted", "A person logged in to an application.", "client", "acr"
    APPLICATION_REFUSED = "application.refused", "A login to an application was refused.", "client", "reason"
    APPLICATION_DISCONNECTED = "application.disconnected", "A person ended an application's access.", "client", "count"
    APPLICATION_CHANGED = (
        "application.changed",
        "An operator changed an application's registration.",
        "client",
        "change",
    )
    CREDENTIAL_REUSED = (
        "application.credential_reused",
        "A code or refresh token was used again, so everything that came of it was ended.",
        "client",
        "credential",
    )
    CONSENT_GIVEN = "consent.given", "A person consented to the processing of face and voice.", "version", "language"
    CONSENT_WITHDRAWN = "consent.withdrawn", "A person withdrew that consent.", "version"
    ENROLMENT_BEGUN = "enrolment.begun", "An enrolment was begun.", "enrolment", "kind"
    ENROLMENT_COMPLETED = (
        "enrolment.completed",
        "References were sealed, in place of earlier ones or beside them.",
        "enrolment",
        "kind",
        "faces",
        "voices",
    )
    ENROLMENT_DROPPED = (
        "enrolment.dropped",
        "What an unfinished enrolment had gathered was erased.",
        "enrolment",
        "expired",
    )
    DUPLICATE_SUSPECTED = (
        "enrolment.duplicate_suspected",
        "The face of a new enrolment is like that of another account.",
        "alarm",
        "other",
        "millinats",
    )
    REFERENCES_ERASED = "references.erased", "All references of an account were erased."
    DATA_EXPORTED = "account.exported", "A person took a copy of what is stored about them."
    OPERATOR_ACTED = "operator.acted", "An operator did something to an account.", "action", "door"
    CONSOLE_CHANGE = "console.change", "An operator changed something in the console.", "model", "object", "action"


def check_details(kind: EventKind, details: Mapping[str, Detail]) -> None:
    """Refuse what an event must not carry.

    Raises:
        ValueError: a detail is not the event's own, or could hold personal data.
    """
    if set(details) != kind.details:
        raise ValueError(f"{kind} carries {sorted(kind.details)}, not {sorted(details)}")
    for name, value in details.items():
        if isinstance(value, str) and not _TOKEN.fullmatch(value):
            raise ValueError(f"{kind}: {name} must be a short token")
