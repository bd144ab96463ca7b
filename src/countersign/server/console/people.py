"""People: looked at; locked, logged out and erased, never edited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from countersign.core.errors import VaultError
from countersign.server.accounts.models import User
from countersign.server.console.read_only import ReadOnlyAdmin
from countersign.server.operation import people
from countersign.server.operation.people import Door


@admin.register(User)
class PersonAdmin(ReadOnlyAdmin):
    """Who there is. What an operator may do is done to those that are ticked, and is in the audit log."""

    list_display = ("username", "name", "email", "is_active", "is_staff", "enrolled", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff")
    list_select_related = ("reference_set",)
    search_fields = ("username", "name", "email", "phone", "account_number")
    fields: ClassVar[Any] = (
        *("id", "name", "username", "email", "phone", "account_number"),
        *("is_active", "is_staff", "is_superuser", "enrolled", "date_joined", "last_login"),
    )
    readonly_fields = fields
    actions: ClassVar[Any] = ("lock", "unlock", "end_sessions", "erase")

    @admin.display(boolean=True, description=_("enrolled"))
    def enrolled(self, person: User) -> bool:
        """Whether there are references."""
        return hasattr(person, "reference_set")

    @admin.action(description=_("Lock: no login, and sessions and tokens end"))
    def lock(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Switch accounts off. One's own stays on."""
        self._each(request, _others(request, chosen), people.lock)

    @admin.action(description=_("Unlock"))
    def unlock(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Switch accounts on."""
        self._each(request, chosen, people.unlock)

    @admin.action(description=_("End sessions and tokens"))
    def end_sessions(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Log people out everywhere."""
        self._each(request, chosen, people.end_sessions)

    @admin.action(description=_("Erase, for good"))
    def erase(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        """Delete accounts with everything that belongs to them, after asking. One's own stays."""
        chosen = _others(request, chosen)
        if request.POST.get("confirmed") != "yes":
            context = self.admin_site.each_context(request) | {"title": _("Erase, for good"), "people": chosen}
            return TemplateResponse(request, "console/erase.html", context)
        self._each(request, chosen, people.erase)
        return None

    def _each(self, request: HttpRequest, chosen: QuerySet[User], act: Callable[..., object]) -> None:
        done = 0
        for person in chosen:
            try:
                act(person, door=Door.CONSOLE, actor=request.user.pk)
            except VaultError as error:
                self.message_user(request, f"{person.username}: {error}", messages.ERROR)
            else:
                done += 1
        self.message_user(request, ngettext("Done for %(n)d account.", "Done for %(n)d accounts.", done) % {"n": done})


def _others(request: HttpRequest, chosen: QuerySet[User]) -> QuerySet[User]:
    assert request.user.pk is not None  # noqa: S101 - nobody else passes `ConsoleSite.has_permission`
    return chosen.exclude(pk=request.user.pk)
