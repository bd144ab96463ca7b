"""People who have face and voice enrolled, on a server that asks for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.conf import settings

from countersign.server.accounts.models import User
from countersign.server.configuration import ServerConfiguration
from countersign.server.configuration.schema import Policy
from tests.server.ceremonies.people import enrol
from tests.server.ceremonies.scripted import ENGINE, ScriptedEngine


@pytest.fixture(autouse=True)
def biometric_step(configured: Callable[..., ServerConfiguration]) -> None:
    """Face and voice are asked for."""
    configured(biometric_step=True)


@pytest.fixture
def engine() -> ScriptedEngine:
    """The scripted engine, with nothing judged yet."""
    ENGINE.judged.clear()
    ENGINE.most_at_once = 0
    return ENGINE


@pytest.fixture
def enrolled(person: User, engine: ScriptedEngine) -> User:
    """Somebody with references."""
    enrol(person)
    return person


@pytest.fixture
def with_policy(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change settings of the policy for one test."""

    def change(**values: object) -> None:
        current: ServerConfiguration = settings.COUNTERSIGN
        policy: Policy = replace(current.policy, **values)  # type: ignore[arg-type]  # named by the test
        monkeypatch.setattr(settings, "COUNTERSIGN", replace(current, policy=policy))

    return change
