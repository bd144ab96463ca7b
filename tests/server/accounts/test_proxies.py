"""Limits count clients, not proxies, and nobody counts as another by a header of their own."""

from __future__ import annotations

import pytest
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory


def address(proxies: int, monkeypatch: pytest.MonkeyPatch, forwarded: str | None) -> str:
    monkeypatch.setattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", proxies)
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    found = get_adapter().get_client_ip(RequestFactory().get("/", headers=headers))
    assert isinstance(found, str)
    return found


def test_without_a_proxy_the_header_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address(0, monkeypatch, "203.0.113.9") == "127.0.0.1"


def test_with_one_proxy_what_it_added_counts_and_not_what_the_client_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address(1, monkeypatch, "198.51.100.1, 203.0.113.9") == "203.0.113.9"


def test_with_two_the_one_before_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address(2, monkeypatch, "198.51.100.1, 203.0.113.9, 10.0.0.1") == "203.0.113.9"


@pytest.mark.parametrize("forwarded", ["203.0.113.9", "nonsense, 10.0.0.1"])
def test_a_request_around_the_proxies_is_refused(monkeypatch: pytest.MonkeyPatch, forwarded: str) -> None:
    with pytest.raises(PermissionDenied):
        address(2, monkeypatch, forwarded)
