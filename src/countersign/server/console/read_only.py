"""Tables that are looked at."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from countersign.server.accounts.models import User


class ReadOnlyAdmin(ModelAdmin):
    """Nothing is added, changed or deleted here, by nobody."""

    actions: ClassVar[Any] = None

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        """Never."""
        return False


def link_to(person: User | None) -> SafeString | str:
    """A person's page in the console."""
    if person is None:
        return "-"
    return format_html('<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[person.pk]), person.username)
