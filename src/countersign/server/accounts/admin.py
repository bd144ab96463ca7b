"""People in the console."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from countersign.server.accounts.models import User


@admin.register(User)
class UserAdmin(ModelAdmin):
    """Who there is. Passwords are neither shown nor set here: a person resets their own by mail."""

    list_display = ("username", "name", "email", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "name", "email", "phone", "account_number")
    fields = (
        "name",
        "username",
        "email",
        "phone",
        "account_number",
        "is_active",
        "is_staff",
        "is_superuser",
        "groups",
        "date_joined",
        "last_login",
    )
    readonly_fields = ("date_joined", "last_login")
    filter_horizontal = ("groups",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """People sign up themselves, with their own consent."""
        return False
