"""Accounts as a Django application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts, known devices and guess counters."""

    name = "countersign.server.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what the audit log listens to, and the checks of the settings."""
        from countersign.server.accounts import checks, receivers  # noqa: F401, PLC0415 - need the loaded models
