"""Which memory this server has, and what it is given to remember."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import lru_cache
from uuid import UUID

from django.utils import timezone

from countersign.core.replay import Fingerprint
from countersign.server.accounts.models import User
from countersign.server.ceremonies.models import RecordingFingerprint
from countersign.server.ceremonies.replay.tables import TableReplayMemory
from countersign.server.configuration import Secrets
from countersign.server.project.current import configuration


def replay_memory(account: User) -> TableReplayMemory:
    """The memory, in which recordings of `account` are looked up and remembered."""
    return TableReplayMemory(_key(configuration().secrets), account=account)


def remember(account: User, recording_id: UUID, fingerprint: Fingerprint | None) -> None:
    """Remember a recording once it was judged, whatever became of it, and forget what is older than the retention.

    To be called in the transaction that settles the attempt or keeps the enrolment sample.

    Args:
        account: whose recording it is said to be.
        recording_id: of the attempt or the sample.
        fingerprint: `Evidence.fingerprint` or what `Engine.fingerprint` gave; one without tokens is not worth keeping.
    """
    memory, now = replay_memory(account), timezone.now()
    memory.forget_before(now - timedelta(days=configuration().policy.replay_days))
    if fingerprint is not None and fingerprint.tokens:
        memory.remember(recording_id, fingerprint, at=now)


def forget_account(account: User) -> None:
    """Forget all recordings of an account."""
    RecordingFingerprint.objects.filter(account=account).delete()


@lru_cache(maxsize=4)
def _key(secrets: Secrets) -> bytes:
    """From the secret key: whoever changes that, starts with an empty memory."""
    assert secrets.secret_key is not None  # noqa: S101 - no configuration is loaded without one
    secret = secrets.secret_key.reveal().encode()
    return hashlib.blake2b(hashlib.sha512(secret).digest(), digest_size=32, person=b"replay-memory").digest()
