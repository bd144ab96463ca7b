"""Templates and static files as a Django application. It stands first, so that its templates win."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Base templates and style."""

    name = "countersign.server.web"
    label = "web"
