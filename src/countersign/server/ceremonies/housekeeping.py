"""What nobody asks for and still has to happen: forgetting in time, and searches that were not finished.

A thread in every server process does it every few minutes, beginning shortly after the start. Each step may be done by
several processes at once, or be broken off anywhere, and is simply done again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.idp.oidc.models import Token
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from countersign.core.errors import CountersignError
from countersign.server.audit.events import Detail, EventKind
from countersign.server.audit.record import record
from countersign.server.ceremonies.enrolment import ceremony, duplicates
from countersign.server.ceremonies.models import Attempt, ChallengeRecord, EnrolmentSession, ReferenceSet, SigningDevice
from countersign.server.ceremonies.models.challenge_record import KEPT_FOR
from countersign.server.ceremonies.models.signing_device import PENDING_FOR
from countersign.server.ceremonies.problems import Problem
from countersign.server.oidc.models import Grant
from countersign.server.project.current import configuration

EVERY = timedelta(minutes=5)
FIRST_AFTER = timedelta(seconds=20)
FINISHED_KEPT_FOR = timedelta(hours=1)
"""So that a client which lost the answer to a completion can ask again."""
SEARCH_SECONDS = 10.0
MOST_ATTEMPTS = 20_000
"""That are forgotten in one round."""
_BATCH = 1_000

_LOG = logging.getLogger("countersign.housekeeping")


def drop_expired_enrolments() -> int:
    """Erase what enrolments gathered that were not finished in time, and forget finished ones. How many."""
    now = timezone.now()
    expired = EnrolmentSession.objects.filter(completed_at__isnull=True, expires_at__lte=now)
    finished = EnrolmentSession.objects.filter(completed_at__lte=now - FINISHED_KEPT_FOR)
    dropped = 0
    for session in [*expired[:1000], *finished[:1000]]:
        ceremony.drop(session)
        dropped += 1
    return dropped


def erase_unfinished_references() -> int:
    """Erase what a process that was killed while it sealed the first references of an account left behind. How many."""
    long_ago = timezone.now() - 2 * ceremony.LIFETIME
    open_ones = EnrolmentSession.objects.filter(completed_at__isnull=True).values("account")
    left = ReferenceSet.objects.filter(version=0, changed_at__lt=long_ago).exclude(account__in=open_ones)
    return left.delete()[0]


def forget_old_challenges() -> int:
    """Challenges that nobody can answer any more. How many."""
    return ChallengeRecord.objects.filter(expires_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def forget_old_attempts() -> int:
    """Attempts, with what was found in them, that were kept long enough. What happened stays in the audit log. How many."""
    old = Attempt.objects.filter(at__lt=_kept_since()).order_by("at").values_list("pk", flat=True)
    forgotten = 0
    while batch := list(old[: min(_BATCH, MOST_ATTEMPTS - forgotten)]):  # not all at once: logins wait meanwhile
        forgotten += Attempt.objects.filter(pk__in=batch).delete()[0]
    return forgotten


def forget_unused_devices() -> int:
    """Keys registered in logins that were never completed, and keys that have never logged anybody in. How many."""
    pending = SigningDevice.objects.filter(created_at__lt=timezone.now() - PENDING_FOR).exclude(pending="")
    forgotten = pending.delete()[0]
    unused = SigningDevice.objects.filter(pending="", last_used_at__isnull=True, created_at__lt=_kept_since())
    for device in unused[:_BATCH]:
        with transaction.atomic():
            if unused.filter(pk=device.pk).delete()[0]:
                details: dict[str, Detail] = {"device": str(device.pk)}
                record(EventKind.SIGNING_DEVICE_REMOVED, account=device.account_id, details=details)
                forgotten += 1
    return forgotten


def _kept_since() -> datetime:
    return timezone.now() - timedelta(days=configuration().policy.kept_days)


def forget_ended_sessions() -> int:
    """Sessions that ran out, and what applications were granted in them; families of credentials that ended long ago. How many."""
    expired = Session.objects.filter(expire_date__lt=timezone.now())
    tokens: int = Token.objects.expired().delete()[0]
    return expired.delete()[0] + Grant.objects.tidy() + tokens


def search_duplicates() -> int:
    """Go on with searches for people who are enrolled twice. How many."""
    if not ReferenceSet.objects.filter(compared_at__isnull=True, version__gt=0).exists():
        return 0  # without loading an engine for it
    return duplicates.search_pending(seconds=SEARCH_SECONDS)


STEPS: tuple[Callable[[], int], ...] = (
    drop_expired_enrolments,
    erase_unfinished_references,
    forget_old_challenges,
    forget_old_attempts,
    forget_unused_devices,
    forget_ended_sessions,
    search_duplicates,
)


def tidy() -> dict[str, int]:
    """Do every step, one after the other; one that fails does not keep the others from being done. Counts by step."""
    done = {}
    for step in STEPS:
        try:
            done[step.__name__] = step()
        except (CountersignError, DatabaseError, Problem) as error:
            _LOG.warning("a step failed", extra={"step": step.__name__, "error": type(error).__name__})
    return done


def start(*, every: timedelta = EVERY, first_after: timedelta = FIRST_AFTER) -> Callable[[], None]:
    """Begin, in a thread of its own that ends with the process. Returns what ends it earlier."""
    ended = threading.Event()

    def run() -> None:
        wait = first_after
        while not ended.wait(wait.total_seconds()):
            tidy()
            connections.close_all()
            wait = every

    thread = threading.Thread(target=run, name="housekeeping", daemon=True)
    thread.start()

    def end() -> None:
        ended.set()
        thread.join()

    return end
