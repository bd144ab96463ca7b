"""The ceremonies as a Django application."""

from django.apps import AppConfig


class CeremoniesConfig(AppConfig):
    """Challenges, attempts, devices, consent and enrolments."""

    name = "countersign.server.ceremonies"
    label = "ceremonies"
    default_auto_field = "django.db.models.BigAutoField"
