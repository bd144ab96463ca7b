"""Password login by username, e-mail address, phone number or account number."""

from __future__ import annotations

import secrets
import unicodedata
from functools import lru_cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Q
from django.http import HttpRequest

from countersign.server.accounts import guard
from countersign.server.accounts.identifiers import Readings, read
from countersign.server.accounts.models import User
from countersign.server.accounts.passwords import LONGEST_PASSWORD, is_pin
from countersign.server.project.current import configuration


class IdentifierBackend(AuthenticationBackend):
    """The only backend: every door that asks Django to authenticate comes here, and through `guard`."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """The account whose password this is, or None.

        When there were too many wrong guesses, `request.held_up_until` says until when, and nothing is looked at.
        """
        typed = next((credentials[kind] for kind in ("email", "phone", "username") if credentials.get(kind)), "")
        password = credentials.get("password")
        if not isinstance(typed, str) or not typed or not isinstance(password, str) or not password:
            return None
        readings = read(typed, configuration().accounts.phone_region)
        account = find(readings)
        verdict = guard.attempt(
            account.pk if account else None,
            name=readings.canonical or typed,
            verify=lambda: _verify(account, password),
        )
        if isinstance(verdict, guard.NotLookedAt):
            if request is not None:
                request.held_up_until = verdict.until  # type: ignore[attr-defined]  # read by the adapter
            return None
        if account is None or not isinstance(verdict, guard.Correct):
            return None
        if request is not None:
            request.secret_was_pin = is_pin(password)  # type: ignore[attr-defined]  # read by oidc.receivers
        if not self.user_can_authenticate(account):
            self._stash_user(account)  # allauth tells who knows the password that the account is switched off
            return None
        return account


def find(readings: Readings) -> User | None:
    """The account that one of these readings names. One query, whatever was typed and whether or not anybody is found."""
    nobody = ""  # no identifier is empty: absent ones are NULL
    candidates = list(
        User.objects.filter(
            Q(username_key=readings.username_key or nobody)
            | Q(email=readings.email or nobody)
            | Q(account_number=readings.account_number or nobody)
            | Q(phone=readings.phone or nobody)
        )[:2]
    )
    if len(candidates) > 1:  # digits that are one person's account number and another's phone number
        return next((user for user in candidates if user.account_number == readings.account_number), None)
    return candidates[0] if candidates else None


def _verify(account: User | None, password: str) -> bool:
    password = password[: LONGEST_PASSWORD + 1]  # no stored password is longer, so this one is as wrong as it was
    if account is None or not account.has_usable_password():
        check_password(unicodedata.normalize("NFKC", password), _hash_of_nothing())
        return False
    return account.matches(password)


@lru_cache(maxsize=1)
def _hash_of_nothing() -> str:
    """A hash with the parameters of real ones, so that a name that nobody has takes as long."""
    return make_password(secrets.token_urlsafe(32))


def warm_up() -> None:
    """Make that hash now, not during the first guess."""
    _hash_of_nothing()
