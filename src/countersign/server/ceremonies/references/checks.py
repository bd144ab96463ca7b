"""Checks that Django runs at every start: whether references could be kept."""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register

from countersign.core.errors import ConfigurationError
from countersign.server.ceremonies.references.opening import key_environment
from countersign.server.project.current import configuration
from countersign.vault.key_sources import key_ring


@register(Tags.security)
def check_keys(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:  # noqa: ARG001 - Django's
    """A server that asks for face and voice needs keys to keep references under."""
    current = configuration()
    if not current.accounts.biometric_step:
        return []
    try:
        key_ring(key_environment(current))
    except ConfigurationError as error:
        return [Error(error.message, id="countersign.E003")]
    return []
