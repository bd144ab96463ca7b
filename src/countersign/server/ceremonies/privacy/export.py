"""Everything that is stored about one person, as JSON.

Every table with a key to the account is either exported here or left out with a reason; a test looks for one that is
neither, so a table that is added cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.apps import apps
from django.utils import timezone
from pydantic import JsonValue

from countersign.server.accounts.models import User
from countersign.server.audit.events import EventKind
from countersign.server.audit.models import AuditEntry
from countersign.server.audit.record import record
from countersign.server.ceremonies.references import describing

_ACCOUNT = (
    "id",
    "name",
    "username",
    "email",
    "phone",
    "phone_verified",
    "account_number",
    "is_active",
    "is_staff",
    "is_superuser",
    "date_joined",
    "last_login",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What is exported of one table.

    Attributes:
        model: "app_label.Model".
        account: name of the key to the account.
        fields: columns. What is left out of a row are secrets that the person's own devices hold, and inner numbers.
    """

    model: str
    account: str
    fields: tuple[str, ...]


TABLES: tuple[Table, ...] = (
    Table(model="account.EmailAddress", account="user", fields=("email", "verified", "primary")),
    Table(model="accounts.KnownDevice", account="account", fields=("id", "created_at", "last_seen_at")),
    Table(model="mfa.Authenticator", account="user", fields=("type", "created_at", "last_used_at")),
    Table(
        model="usersessions.UserSession",
        account="user",
        fields=("created_at", "last_seen_at", "ip", "user_agent"),
    ),
    Table(model="ceremonies.Consent", account="account", fields=("version", "language", "given_at", "withdrawn_at")),
    Table(
        model="ceremonies.EnrolmentSession",
        account="account",
        fields=("id", "kind", "begun_at", "expires_at", "completed_at"),
    ),
    Table(model="ceremonies.ReferenceSet", account="account", fields=("created_at", "changed_at")),
    Table(model="ceremonies.SigningDevice", account="account", fields=("id", "name", "created_at", "last_used_at")),
    Table(
        model="oidc.Grant",
        account="account",
        fields=("client_id", "scopes", "granted_at", "used_at", "ended_at"),
    ),
    Table(model="ceremonies.Attempt", account="account", fields=("id", "at", "purpose", "state", "device_id")),
    Table(
        model="ceremonies.ChallengeRecord",
        account="account",
        fields=("purpose", "words", "issued_at", "expires_at", "state"),
    ),
)

LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        "admin.LogEntry": "What an operator changed in the console, as an operator; the events are in audit_log.",
        "accounts.User_groups": "Roles of operators; is_staff and is_superuser are exported.",
        "accounts.User_user_permissions": "Roles of operators; is_staff and is_superuser are exported.",
        "allauth_idp_oidc.Client": "Applications that an operator registered; they are not about the operator.",
        "allauth_idp_oidc.Token": "Tokens of applications, as hashes; what was granted to whom is in oidc.Grant.",
        "oidc.Application_people": "Which applications an operator opened for whom.",
        "ceremonies.DuplicateAlarm": "A suspicion for the operator to look into, which concerns another person as well.",
        "ceremonies.RecordingFingerprint": "Marks by which a recording that comes again is known; nothing else can be read "
        "from them, and they are forgotten after a time.",
        "references": "The sealed numbers themselves: given out, they could be used against the person.",
        "attempt figures": "Scores and reasons of attempts: they would show an attacker how to come closer.",
    }
)
"""By table, or by what it is, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One person's data.

    Attributes:
        data: rows by where they are stored.
        left_out: what is not among them, and why.
    """

    at: datetime
    data: dict[str, list[dict[str, JsonValue]]]
    left_out: Mapping[str, str]


def export(account: User) -> Export:
    """Gather it all, and record that it was taken.

    Raises:
        VaultError: what is kept of face and voice cannot be had.
    """
    account.refresh_from_db()
    data = {"account": [_row(account, _ACCOUNT)]}
    for table in TABLES:
        rows = apps.get_model(table.model)._default_manager.filter(**{table.account: account})  # noqa: SLF001 - its name
        data[table.model] = [_row(row, table.fields) for row in rows]
    data["references"] = [each.model_dump(mode="json") for each in describing.references_of(account)]
    data["voice_profile"] = [each.model_dump(mode="json") for each in describing.profile_of(account).samples]
    entries = AuditEntry.objects.filter(account=str(account.pk))
    data["audit_log"] = [{"at": entry.at.isoformat(), "kind": entry.kind} for entry in entries]
    record(EventKind.DATA_EXPORTED, account=account.pk)
    return Export(at=timezone.now(), data=data, left_out=LEFT_OUT)


def _row(row: object, fields: Iterable[str]) -> dict[str, JsonValue]:
    return {field: _json(getattr(row, field)) for field in fields}


def _json(value: object) -> JsonValue:
    match value:
        case None | bool() | int() | float():
            return value
        case datetime():
            return value.isoformat()
        case list():
            return [_json(each) for each in value]
        case UUID():
            return str(value)
        case _:
            return str(value)
