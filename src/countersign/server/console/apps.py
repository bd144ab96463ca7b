"""The console as a Django application."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AppConfig):
    """Pages and their templates."""

    name = "countersign.server.console"
    label = "console"


class SiteConfig(AdminConfig):
    """Django's admin, on our site."""

    default_site = "countersign.server.console.site.ConsoleSite"
