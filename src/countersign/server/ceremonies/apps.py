"""The ceremonies as a Django application."""

from django.apps import AppConfig


class CeremoniesConfig(AppConfig):
    """Challenges, attempts, devices, consent and enrolments."""

    name = "countersign.server.ceremonies"
    label = "ceremonies"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what the ceremonies listen to, and the check of the vault's keys."""
        from countersign.server.ceremonies.login import receivers  # noqa: F401, PLC0415 - needs the loaded models
        from countersign.server.ceremonies.references import checks  # noqa: F401, PLC0415
        from countersign.server.ceremonies.references import receivers as erasing  # noqa: F401, PLC0415
