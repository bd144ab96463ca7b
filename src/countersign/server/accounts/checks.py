"""Checks that Django runs at every start: settings that would switch off what the rest relies on."""

from __future__ import annotations

from collections.abc import Sequence

from allauth.account.adapter import get_adapter
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from countersign.server.project.current import configuration


@register(Tags.security)
def check_one_door(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:  # noqa: ARG001 - Django's
    """Every password goes through the one backend that counts guesses."""
    ours = ["countersign.server.accounts.backends.IdentifierBackend"]
    if list(settings.AUTHENTICATION_BACKENDS) != ours:
        return [Error("another authentication backend would not count guesses", id="countersign.E001")]
    return []


@register(Tags.security)
def check_biometric_step(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:  # noqa: ARG001 - Django's
    """Who relies on the biometric step, with shorter passwords or PINs, must have it."""
    stages = get_adapter().get_login_stages()
    has_stage = any(stage.rsplit(".", 1)[-1] == "BiometricStage" for stage in stages)
    if configuration().accounts.biometric_step and not has_stage:
        return [Error("accounts.biometric_step is on, and no login stage carries it out", id="countersign.E002")]
    return []
