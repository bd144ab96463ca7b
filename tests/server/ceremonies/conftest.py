"""People who have face and voice enrolled, on a server that asks for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.conf import settings

from countersign.server.accounts.models import User
from countersign.server.ceremonies.guidance import endpoints as guidance
from countersign.server.ceremonies.guidance.pace import Pace
from countersign.server.configuration import ServerConfiguration
from countersign.server.configuration.schema import Policy
from tests.server.ceremonies.enrolment.enrollee import Enrollee
from tests.server.ceremonies.enrolment.scripted import ROOM
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


@pytest.fixture
def examining(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enrolments are looked at, as uploads are written."""
    monkeypatch.setattr(settings, "ENGINE_ROOM", ROOM)
    monkeypatch.setattr(guidance, "PACE", Pace(per_second=1000.0, burst=1000))


@pytest.fixture
def ann(person: User, examining: None) -> Enrollee:
    """Somebody with a session who has just proved who they are."""
    return Enrollee(person)
