"""Where allauth asks about the biometric step."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from countersign.server.accounts.adapters import AccountAdapter
from countersign.server.accounts.models import User
from countersign.server.ceremonies.references.holding import has_references
from countersign.server.project.current import configuration

_THEIRS = "allauth.mfa.stages.AuthenticateStage"
_OURS = (
    "countersign.server.ceremonies.login.stage.BiometricStage",
    "countersign.server.ceremonies.login.stage.SecondFactorStage",
    "countersign.server.ceremonies.login.stage.PasskeyStage",
)


class BiometricAdapter(AccountAdapter):
    """The same, with face and voice after the password and where a person has to prove again that it is them."""

    def get_login_stages(self) -> list[str]:
        """Allauth's stages, with ours in the place of its second factor."""
        stages: list[str] = super().get_login_stages()
        if not configuration().accounts.biometric_step:
            return stages
        place = stages.index(_THEIRS)
        return [*stages[:place], *_OURS, *stages[place + 1 :]]

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Face and voice first, where they are enrolled; the password is then no longer enough."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if not needs_biometrics(user):
            return methods
        url = reverse("account_reauthenticate_biometric")
        ours = {"id": "biometric", "description": _("Use face and voice"), "url": url}
        return [ours, *(method for method in methods if method["id"] != "reauthenticate")]


def needs_biometrics(user: User | AnonymousUser) -> bool:
    """Whether this person proves again who they are by face and voice."""
    return isinstance(user, User) and configuration().accounts.biometric_step and has_references(user)
