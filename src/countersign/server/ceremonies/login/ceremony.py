"""The login ceremony: issue a challenge, take one recording, judge it, settle what it means.

In this order, so that a process that is killed at any moment leaves nothing better than a failed attempt:

1. the upload is what a device of the account signed for this challenge;
2. in one transaction of its own, on disk before anything is looked at: the challenge is burned, the attempt counted;
3. decode, compare, check, decide: outside of any transaction;
4. in one transaction: the outcome, the session or the new authentication record, and the audit row.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja.files import UploadedFile

from countersign.core.biometrics import Enrolment, Modality
from countersign.core.decisions import Accepted, Decision, Rejected, Retry
from countersign.core.errors import MediaError
from countersign.core.evidence import Evidence
from countersign.core.replay import Fingerprint
from countersign.core.samples import Capture, require
from countersign.media.decode import LOGIN_FPS
from countersign.policy.decide import decide
from countersign.server.accounts.models import Refusal, User
from countersign.server.audit.events import EventKind
from countersign.server.audit.record import record
from countersign.server.ceremonies.callers import Caller
from countersign.server.ceremonies.engine_room import engine_room
from countersign.server.ceremonies.login import allowance, completion, profile
from countersign.server.ceremonies.login.findings import Findings, findings
from countersign.server.ceremonies.models import (
    Attempt,
    AttemptState,
    ChallengeRecord,
    ChallengeState,
    Purpose,
    SigningDevice,
)
from countersign.server.ceremonies.problems import Problem, ProblemCode
from countersign.server.ceremonies.references.holding import enrolment_of, has_references
from countersign.server.ceremonies.replay.remembering import remember, replay_memory
from countersign.server.ceremonies.uploads import verified_capture


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an attempt.

    Attributes:
        decision: of the policy. Its reasons are for the operator, all but those of a retry.
        completed: what the acceptance led to; None without one.
        attempts_left: failed attempts that cost nothing yet.
        fallbacks: second factors that may be used instead, now.
    """

    decision: Decision
    completed: completion.Completed | None
    attempts_left: int
    fallbacks: tuple[str, ...]


def issue(caller: Caller, purpose: Purpose) -> ChallengeRecord:
    """A new challenge; the older one of the same session and purpose is no longer good.

    Raises:
        Problem: ENROLMENT_MISSING; HELD_UP; SESSION_PENDING or INVALID for a purpose that is not the session's.
    """
    if (purpose is Purpose.LOGIN) != (caller.stage is not None):
        raise Problem(ProblemCode.SESSION_PENDING if caller.stage is not None else ProblemCode.INVALID)
    if not has_references(caller.account):
        raise Problem(ProblemCode.ENROLMENT_MISSING)
    until = allowance.held_up_until(caller.account)
    if until is not None:
        raise _held_up(until)
    challenge = profile.draw_challenge(timezone.now())
    with transaction.atomic():
        return ChallengeRecord.objects.issue(challenge, account=caller.account, purpose=purpose, binding=caller.binding)


def answer(
    request: HttpRequest,
    caller: Caller,
    *,
    challenge: uuid.UUID,
    media: UploadedFile,
    device: uuid.UUID,
    signature: str,
) -> Outcome:
    """Judge one recording.

    Raises:
        Problem: CHALLENGE_UNKNOWN, CHALLENGE_USED, CHALLENGE_EXPIRED, DEVICE_UNKNOWN, SIGNATURE_INVALID,
            ENROLMENT_MISSING, ATTEMPT_HELD_UP, BUSY. After the last, nothing was used up.
        MediaError: the recording cannot be opened; the attempt counts as failed.
        VaultError: the references cannot be read; nothing was used up.
    """
    asked = _own_challenge(caller, challenge)
    capture, signer = verified_capture(
        caller,
        purpose=f"{asked.purpose}/{asked.pk}",
        nonce=bytes(asked.nonce),
        media=media,
        device=device,
        signature=signature,
    )
    enrolment = _enrolment(caller.account)
    with engine_room().place():
        attempt = _reserve(caller, asked, signer)
        try:
            evidence, timings = _look(capture, enrolment, asked, caller.account)
        except MediaError as error:
            _settle_unreadable(attempt, error)
            raise
    decision = decide(evidence, profile.rules())
    found = findings(evidence, decision, timings)
    completed = _settle(
        request, caller, attempt, decision=decision, found=found, signer=signer, fingerprint=evidence.fingerprint
    )
    return Outcome(
        decision=decision,
        completed=completed,
        attempts_left=allowance.left(caller.account),
        fallbacks=() if completed else completion.fallbacks_now(caller),
    )


def _own_challenge(caller: Caller, challenge: uuid.UUID) -> ChallengeRecord:
    asked = ChallengeRecord.objects.filter(pk=challenge, account=caller.account, binding=caller.binding).first()
    if asked is None:
        raise Problem(ProblemCode.CHALLENGE_UNKNOWN)
    if asked.state != ChallengeState.OPEN:
        raise Problem(ProblemCode.CHALLENGE_USED)
    if asked.as_challenge().expired(timezone.now()):
        raise Problem(ProblemCode.CHALLENGE_EXPIRED)
    return asked


def _enrolment(account: User) -> Enrolment:
    enrolment, models = enrolment_of(account), engine_room().engine.models
    if enrolment is None or enrolment.needs_reenrolment(
        face_model=models[Modality.FACE], voice_model=models[Modality.VOICE]
    ):
        raise Problem(ProblemCode.ENROLMENT_MISSING)
    return enrolment


def _reserve(caller: Caller, asked: ChallengeRecord, signer: SigningDevice) -> Attempt:
    """Burn and count, on disk before anything is looked at, whatever happens to the request or the process then."""
    with transaction.atomic(durable=True):
        if not ChallengeRecord.objects.burn(asked):
            raise Problem(ProblemCode.CHALLENGE_USED)
        reserved = allowance.reserve(caller.account)
        if isinstance(reserved, Refusal):
            raise _held_up(reserved.until)
        attempt = Attempt.objects.create(
            account=caller.account,
            purpose=asked.purpose,
            binding=caller.binding,
            challenge=asked.pk,
            device=signer,
            profile=profile.rules().name,
        )
        if reserved.delay.total_seconds() > 0:
            record(
                EventKind.ATTEMPTS_HELD_UP,
                account=caller.account.pk,
                details={
                    "failures": reserved.failures,
                    "seconds": int(min(reserved.delay.total_seconds(), 10 * 365 * 86_400)),
                    "device": str(signer.pk),
                },
            )
    return attempt


def _look(
    capture: Capture, enrolment: Enrolment, asked: ChallengeRecord, account: User
) -> tuple[Evidence, Mapping[str, float]]:
    """The one place where a login's recording is decoded and judged."""
    room, began = engine_room(), time.perf_counter()
    recording = require(room.decode(capture, keep_fps=LOGIN_FPS), Modality)
    decoded = time.perf_counter()
    memory = replay_memory(account)
    evidence = room.engine.judge(recording, enrolment, challenge=asked.as_challenge(), memory=memory)
    judged = time.perf_counter()
    return evidence, {"decode": 1000 * (decoded - began), "judge": 1000 * (judged - decoded)}


def _settle_unreadable(attempt: Attempt, error: MediaError) -> None:
    with transaction.atomic():
        _finish(attempt, AttemptState.UNREADABLE, None)
        record(
            EventKind.ATTEMPT_RETRY,
            account=attempt.account_id,
            details={"attempt": str(attempt.pk), "purpose": attempt.purpose, "reason": error.code.value},
        )


def _settle(
    request: HttpRequest,
    caller: Caller,
    attempt: Attempt,
    *,
    decision: Decision,
    found: Findings,
    signer: SigningDevice,
    fingerprint: Fingerprint | None,
) -> completion.Completed | None:
    about = {"attempt": str(attempt.pk), "purpose": attempt.purpose}
    judged = about | {"profile": decision.profile, "device": str(signer.pk)}
    completed = None
    with completion.whole_or_nothing(request):
        remember(caller.account, attempt.pk, fingerprint)
        match decision:
            case Accepted():
                _finish(attempt, AttemptState.ACCEPTED, found)
                allowance.release(caller.account)
                completed = completion.complete(request, caller, attempt, signer)
                record(EventKind.ATTEMPT_ACCEPTED, account=caller.account.pk, details=judged)
            case Rejected():
                _finish(attempt, AttemptState.REJECTED, found)
                reason = {"reason": decision.reasons[0].value}
                record(EventKind.ATTEMPT_REJECTED, account=caller.account.pk, details=judged | reason)
            case Retry():
                _finish(attempt, AttemptState.RETRY, found)
                reason = {"reason": decision.failures[0].reason.value}
                record(EventKind.ATTEMPT_RETRY, account=caller.account.pk, details=about | reason)
    return completed


def _finish(attempt: Attempt, state: AttemptState, found: Findings | None) -> None:
    reserved = Attempt.objects.filter(pk=attempt.pk, state=AttemptState.RESERVED)
    if reserved.update(state=state, settled_at=timezone.now(), findings=found) != 1:
        raise RuntimeError("an attempt is settled once")


def _held_up(until: datetime) -> Problem:
    seconds = max(ceil((until - timezone.now()).total_seconds()), 1)
    return Problem(ProblemCode.ATTEMPT_HELD_UP, retry_after=min(seconds, 86_400))
