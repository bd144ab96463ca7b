"""Django refuses to start when a door would not count guesses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings

from countersign.server.accounts.checks import check_biometric_step, check_one_door
from countersign.server.configuration import ServerConfiguration


def test_one_backend_is_the_only_door(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_one_door(None) == []
    monkeypatch.setattr(settings, "AUTHENTICATION_BACKENDS", ["django.contrib.auth.backends.ModelBackend"])
    assert [message.id for message in check_one_door(None)] == ["countersign.E001"]


def test_the_biometric_step_needs_its_stage(
    configured: Callable[..., ServerConfiguration], monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(biometric_step=True)
    assert check_biometric_step(None) == []
    monkeypatch.setattr(settings, "ACCOUNT_ADAPTER", "countersign.server.accounts.adapters.AccountAdapter")
    assert [message.id for message in check_biometric_step(None)] == ["countersign.E002"]
    configured(biometric_step=False)
    assert check_biometric_step(None) == []
