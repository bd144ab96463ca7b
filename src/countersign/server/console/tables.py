"""Enrolments, references, consents, applications and the audit log: looked at."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from countersign.server.accounts.models import User
from countersign.server.audit.models import AuditEntry
from countersign.server.ceremonies.models import Consent, EnrolmentSession, ReferenceSet
from countersign.server.console.read_only import ReadOnlyAdmin, link_to
from countersign.server.oidc.models import Application, Grant


class OfAPerson(ReadOnlyAdmin):
    """Rows that belong to somebody."""

    list_select_related = ("account",)
    search_fields = ("account__username", "account__email", "account__account_number")

    @admin.display(description=_("person"), ordering="account__username")
    def person(self, row: Any) -> SafeString | str:
        """Whose it is."""
        return link_to(row.account)


@admin.register(ReferenceSet)
class ReferenceSetAdmin(OfAPerson):
    """That there are references, since when. They rest sealed in the vault and are not opened here."""

    list_display = ("person", "created_at", "changed_at", "version")
    fields: ClassVar[Any] = ("person", "created_at", "changed_at", "compared_at", "version", "profile_version")
    readonly_fields = fields


@admin.register(EnrolmentSession)
class EnrolmentSessionAdmin(OfAPerson):
    """Enrolments that go on, and that are complete."""

    list_display = ("begun_at", "person", "kind", "expires_at", "completed_at")
    list_filter = ("kind",)
    ordering = ("-begun_at",)
    fields: ClassVar[Any] = ("id", "person", "kind", "language", "begun_at", "expires_at", "completed_at")
    readonly_fields = fields


@admin.register(Consent)
class ConsentAdmin(OfAPerson):
    """Who consented to what, when, and until when."""

    list_display = ("given_at", "person", "version", "language", "withdrawn_at")
    list_filter = ("version",)
    ordering = ("-given_at",)
    fields: ClassVar[Any] = ("person", "version", "language", "given_at", "withdrawn_at")
    readonly_fields = fields


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    """Applications that log people in here. `countersign applications` changes them."""

    list_display = ("client", "name", "active", "restricted", "least_acr", "logins")
    list_select_related = ("client",)
    fields: ClassVar[Any] = ("client", "name", "active", "restricted", "least_acr", "addresses", "logins")
    readonly_fields = fields

    @admin.display(description=_("name"))
    def name(self, application: Application) -> str:
        """As people see it."""
        return str(application.client.name)

    @admin.display(description=_("people are sent back to"))
    def addresses(self, application: Application) -> str:
        """Its registered addresses."""
        return ", ".join(application.client.get_redirect_uris())

    @admin.display(description=_("logins that go on"))
    def logins(self, application: Application) -> int:
        """Grants that nobody ended."""
        return Grant.objects.live().filter(client=application.client_id).count()


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The log. It names nobody; who the accounts are is looked up here."""

    list_display = ("sequence", "at", "kind", "person", "actor", "details")
    list_filter = ("kind",)
    search_fields = ("account", "actor", "kind")
    date_hierarchy = "at"
    ordering = ("-sequence",)
    fields: ClassVar[Any] = ("sequence", "at", "kind", "person", "actor", "details", "key_id", "previous_mac", "mac")
    readonly_fields = fields
    show_full_result_count = False

    @admin.display(description=_("account"))
    def person(self, entry: AuditEntry) -> SafeString | str:
        """Whom it concerns, as long as the account is there."""
        if not entry.account:
            return "-"
        person = User.objects.filter(pk=entry.account).first()
        return link_to(person) if person else entry.account
