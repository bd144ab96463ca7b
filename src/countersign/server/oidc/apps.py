"""The OpenID Connect provider as a Django application."""

from django.apps import AppConfig


class OIDCConfig(AppConfig):
    """Applications, and what people granted them; the protocol is allauth's."""

    name = "countersign.server.oidc"
    label = "oidc"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what ends tokens together with sessions."""
        from countersign.server.oidc import receivers  # noqa: F401, PLC0415 - needs the loaded models
