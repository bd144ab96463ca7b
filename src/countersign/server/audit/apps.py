"""The audit log as a Django application."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Two tables and their triggers."""

    name = "countersign.server.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
