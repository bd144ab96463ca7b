"""Is this face enrolled under another account already? For the operator: an alarm, never a refusal.

The search is bounded: right after an enrolment it takes a second at most, and what is left the housekeeping goes on with.
How far it has come stands beside the references, so a killed process loses nothing.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from countersign.core.biometrics import FaceReference, Modality
from countersign.core.errors import CountersignError
from countersign.policy.profiles import profile_by_name
from countersign.server.accounts.models import User
from countersign.server.audit.events import Detail, EventKind
from countersign.server.audit.record import record
from countersign.server.ceremonies.engine_room import engine_room
from countersign.server.ceremonies.enrolment.examiner import Examiner, examiner_of
from countersign.server.ceremonies.models import DuplicateAlarm, ReferenceSet
from countersign.server.ceremonies.references.holding import load_opened

LEAST_LLR = math.log(100)
"""Nats. Not the floor of a login, which compares one pair: here as many are compared as there are people."""
SECONDS = 1.0
_BATCH = 50

_LOG = logging.getLogger("countersign.enrolment")


def search_now(account: User, *, seconds: float = SECONDS) -> None:
    """Begin the search for an account that has just enrolled. A failure never fails the enrolment: it is tried again."""
    held = ReferenceSet.objects.filter(account=account, compared_at__isnull=True).first()
    if held is not None:
        _search_safely(held, time.monotonic() + seconds)


def search_pending(*, seconds: float) -> int:
    """Go on with searches that are not done. Returns how many sets were looked at."""
    until, looked_at = time.monotonic() + seconds, 0
    for held in ReferenceSet.objects.filter(compared_at__isnull=True, version__gt=0).order_by("changed_at")[:_BATCH]:
        if time.monotonic() >= until:
            break
        _search_safely(held, until)
        looked_at += 1
    return looked_at


def _search_safely(held: ReferenceSet, until: float) -> None:
    try:
        _search(held, examiner_of(engine_room().engine), until)
    except CountersignError as error:
        _LOG.warning("search for duplicates failed", extra={"error": error.code.value})


def _search(held: ReferenceSet, examiner: Examiner, until: float) -> None:
    """Compare with every other account, in the order of their ids, until time is up."""
    opened = load_opened(held)
    face = None if opened is None else opened.enrolment.face
    unchanged = ReferenceSet.objects.filter(pk=held.pk, version=held.version)
    if face is not None:
        for other in _others(held):
            if time.monotonic() >= until:
                unchanged.update(compared_up_to=held.compared_up_to)
                return
            _compare(held, face, other, examiner)
            held.compared_up_to = other.pk
    unchanged.update(compared_at=timezone.now(), compared_up_to=None)


def _others(held: ReferenceSet) -> Iterator[ReferenceSet]:
    """Those that were enrolled before: who enrols later is compared with this one then."""
    rows = ReferenceSet.objects.filter(version__gt=0, changed_at__lte=held.changed_at).exclude(pk=held.pk)
    after = held.compared_up_to
    while True:
        page = list((rows if after is None else rows.filter(pk__gt=after)).order_by("pk")[:_BATCH])
        yield from page
        if len(page) < _BATCH:
            return
        after = page[-1].pk


def _compare(held: ReferenceSet, face: FaceReference, other: ReferenceSet, examiner: Examiner) -> None:
    try:
        opened = load_opened(other)
    except CountersignError as error:  # that person's logins fail closed; this search goes on
        _LOG.warning("references could not be compared", extra={"error": error.code.value})
        return
    if opened is None or opened.enrolment.face is None:
        return
    llr = examiner.duplicate(face, opened.enrolment.face)
    floor = max(LEAST_LLR, profile_by_name("standard").floors[Modality.FACE])
    if llr is not None and llr >= floor:
        _raise_alarm(held, other, llr)


def _raise_alarm(held: ReferenceSet, other: ReferenceSet, llr: float) -> None:
    with transaction.atomic():
        alarm, new = DuplicateAlarm.objects.get_or_create(
            account_id=held.account_id, other_id=other.account_id, defaults={"llr": llr}
        )
        if new:
            details: dict[str, Detail] = {
                "alarm": str(alarm.pk),
                "other": str(other.account_id),
                "millinats": round(1000 * llr),
            }
            record(EventKind.DUPLICATE_SUSPECTED, account=held.account_id, details=details)
