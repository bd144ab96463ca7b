"""What changes an account happens in one transaction, its audit rows with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver

CHECK_PASSWORDS = frozenset(
    {"account_login", "account_reauthenticate", "account_change_password", "login", "reauthenticate", "change_password"}
)
"""Views that ask `guard`: a guess is counted for good, so it cannot be part of what may be rolled back."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def in_one_transaction(patterns: Iterable[URLPattern | URLResolver]) -> None:
    """Give every view below these patterns, but those that check passwords, one transaction for each change."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            in_one_transaction(pattern.url_patterns)
        elif pattern.name not in CHECK_PASSWORDS and not hasattr(pattern.callback, "in_one_transaction"):
            pattern.callback = _atomic(pattern.callback)


def _atomic(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def in_transaction(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in _SAFE_METHODS:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            return view(request, *args, **kwargs)

    in_transaction.in_one_transaction = True  # type: ignore[attr-defined]  # so that nothing is wrapped twice
    return in_transaction
