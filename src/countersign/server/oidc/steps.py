"""Where a person is sent to log in again, or further."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.urls import reverse

from countersign.server.accounts.models import User
from countersign.server.oidc.facts import Acr


def way_to(person: User, wanted: Acr | None) -> str | None:
    """The page that asks for what is wanted.

    Args:
        person: who is logged in.
        wanted: the class to reach; None for being asked again, by the strongest means that the person has.

    Returns:
        None if this person cannot reach that class.
    """
    match wanted:
        case Acr.BIOMETRIC:
            return _biometric(person)
        case Acr.TWO_FACTORS:
            return _biometric(person) or _second_factor(person)
        case _:
            return _biometric(person) or reverse("account_reauthenticate")


def _second_factor(person: User) -> str | None:
    return reverse("mfa_reauthenticate") if Authenticator.objects.filter(user=person).exists() else None


def _biometric(person: User) -> str | None:
    methods = get_adapter().get_reauthentication_methods(person)
    return next((str(method["url"]) for method in methods if method["id"] == "biometric"), None)
