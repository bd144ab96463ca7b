"""An operator who came in with two factors, and something to look at."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from django.test import Client

from countersign.server.accounts.models import User
from countersign.server.ceremonies.models import Attempt, AttemptState, Purpose
from tests.server.accounts.test_pages import log_in
from tests.server.conftest import PASSWORD

FINDINGS: dict[str, Any] = {
    "version": 1,
    "outcome": "rejected",
    "reasons": ["face_below_floor"],
    "failed_checks": ["replay"],
    "face": {
        "status": "compared",
        "score": 0.41,
        "llr": -3.25,
        "calibration": "face-core-1",
        "measures": {"yaw": 12.5},
    },
    "voice": {"status": "failed", "reason": "too_quiet"},
    "fused": {"status": "not_assessed", "reason": "voice was not compared"},
    "checks": {
        "replay": {"status": "assessed", "score": 0.98, "llr": -9.0, "calibration": "replay-1", "measures": {}},
        "turn": {"status": "assessed", "score": 0.1, "llr": 4.5, "calibration": "turn-1", "measures": {}},
        "lips": {"status": "failed", "reason": "no_speech"},
    },
    "timings_ms": {"decode": 210.0, "face": 480.5},
}


@pytest.fixture
def operator(db: None) -> User:
    """Somebody with a role."""
    return User.objects.create_superuser("root", "root@example.org", PASSWORD)


def with_second_factor(client: Client) -> Client:
    """As if a code of an authenticator app had been given as well."""
    session = client.session
    record = {"method": "mfa", "type": "totp", "at": time.time()}
    session["account_authentication_methods"] = [*session["account_authentication_methods"], record]
    session.save()
    return client


@pytest.fixture
def console(operator: User) -> Client:
    """The operator's browser."""
    client = Client()
    log_in(client, "root")
    return with_second_factor(client)


def attempt(account: User, state: AttemptState = AttemptState.REJECTED, **changes: Any) -> Attempt:
    """One that is settled."""
    return Attempt.objects.create(
        account=account,
        purpose=Purpose.LOGIN,
        binding="b" * 64,
        challenge=uuid.uuid4(),
        profile="standard",
        state=state,
        findings=FINDINGS | changes,
    )
