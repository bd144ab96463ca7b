"""An enrolment from its beginning to references. Whoever is cut off resumes it; whoever never finishes leaves nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from countersign.core.errors import ErrorCode, VaultError
from countersign.liveness.word_list import WordList
from countersign.server.accounts.models import User
from countersign.server.audit.events import Detail, EventKind
from countersign.server.audit.record import record
from countersign.server.ceremonies.callers import Caller, Level
from countersign.server.ceremonies.enrolment import gathered as gathering
from countersign.server.ceremonies.enrolment.gathered import Gathered
from countersign.server.ceremonies.enrolment.slots import PICTURES, VOICES, draw_other_prompt, draw_prompts
from countersign.server.ceremonies.models import EnrolmentKind, EnrolmentSession
from countersign.server.ceremonies.privacy import consent
from countersign.server.ceremonies.problems import Problem, ProblemCode
from countersign.server.ceremonies.references import holding
from countersign.server.ceremonies.references.opening import open_vault
from countersign.server.project.current import configuration

LIFETIME = timedelta(hours=1)
NONCE_BYTES = 32
_ATTEMPTS = 8


def begin(caller: Caller, kind: EnrolmentKind) -> tuple[EnrolmentSession, bool]:
    """The caller's open enrolment, resumed here, or a new one; and whether it is new.

    Whether the caller may enrol, `callers.enrolling` has asked; that nobody enrolled since, is asked again here. What
    follows is bound to this session.

    Raises:
        Problem: CONSENT_MISSING or CONSENT_OUTDATED; SESSION_PENDING or REAUTHENTICATION_REQUIRED.
    """
    account = caller.account
    consent.require(account)
    with transaction.atomic():
        present = EnrolmentSession.objects.filter(account=account, completed_at__isnull=True).first()
        if present is not None and present.kind == kind and present.expires_at > timezone.now():
            present.binding = caller.binding
            present.save(update_fields=["binding"])
            _require_proof(caller)
            return present, False
        if present is not None:
            _drop(present)
        session = _new(caller, kind)
        _require_proof(caller)
        return session, True


def _require_proof(caller: Caller) -> None:
    """References are replaced by whoever proved who they are, not by a second login that came as far at the same time.

    Asked once this enrolment is the account's only open one, so nobody else can complete one any more.
    """
    if caller.level < Level.REAUTHENTICATED and holding.has_references(caller.account):
        pending = caller.level is Level.PENDING
        raise Problem(ProblemCode.SESSION_PENDING if pending else ProblemCode.REAUTHENTICATION_REQUIRED)


def _new(caller: Caller, kind: EnrolmentKind) -> EnrolmentSession:
    language = configuration().policy.challenge_language
    now = timezone.now()
    with transaction.atomic():
        session = EnrolmentSession.objects.create(
            account=caller.account,
            kind=kind,
            binding=caller.binding,
            nonce=secrets.token_bytes(NONCE_BYTES),
            language=language,
            prompts=draw_prompts(WordList.words(language), secrets),
            begun_at=now,
            expires_at=now + LIFETIME,
        )
        details = {"enrolment": str(session.pk), "kind": str(kind)}
        record(EventKind.ENROLMENT_BEGUN, account=caller.account.pk, details=details)
    return session


def find(account: User, enrolment_id: UUID) -> EnrolmentSession:
    """One of the account's enrolments, finished or not.

    Raises:
        Problem: ENROLMENT_UNKNOWN.
    """
    session = EnrolmentSession.objects.filter(pk=enrolment_id, account=account).first()
    if session is None:
        raise Problem(ProblemCode.ENROLMENT_UNKNOWN)
    return session


def find_open(caller: Caller, enrolment_id: UUID) -> EnrolmentSession:
    """One that can go on, in this session.

    Raises:
        Problem: ENROLMENT_UNKNOWN, ENROLMENT_EXPIRED or ENROLMENT_ELSEWHERE; CONSENT_MISSING or CONSENT_OUTDATED.
    """
    session = find(caller.account, enrolment_id)
    if session.completed_at is not None:
        raise Problem(ProblemCode.ENROLMENT_UNKNOWN)
    if session.expires_at <= timezone.now():
        raise Problem(ProblemCode.ENROLMENT_EXPIRED)
    if session.binding != caller.binding:
        raise Problem(ProblemCode.ENROLMENT_ELSEWHERE)
    consent.require(caller.account)
    return session


def gathered(session: EnrolmentSession) -> Gathered:
    """What there is so far.

    Raises:
        VaultError: it cannot be had.
    """
    return gathering.load(open_vault().gathered, session.gathered_id)[0]


def keep(session: EnrolmentSession, change: Callable[[Gathered], Gathered]) -> Gathered:
    """Change what was gathered, again if another upload of the same enrolment comes between. What it is then.

    Raises:
        Problem: ENROLMENT_UNKNOWN when the enrolment was dropped meanwhile.
        VaultError: it cannot be kept.
    """
    envelopes = open_vault().gathered
    for _ in range(_ATTEMPTS):
        present, version = gathering.load(envelopes, session.gathered_id)
        changed = change(present)
        try:
            gathering.save(envelopes, session.gathered_id, changed, expected_version=version)
        except VaultError as error:
            if error.code is not ErrorCode.VAULT_CONFLICT:
                raise
            continue
        if not EnrolmentSession.objects.filter(pk=session.pk, completed_at__isnull=True).exists():
            envelopes.erase(session.gathered_id)  # dropped while this was being looked at: nobody else would erase it
            raise Problem(ProblemCode.ENROLMENT_UNKNOWN)
        return changed
    raise VaultError(ErrorCode.VAULT_CONFLICT, "an enrolment is being changed by too many at once")


def ask_other_words(session: EnrolmentSession, slot: int, refused: list[str]) -> EnrolmentSession:
    """Ask for other words where `refused` were not understood: with an accent some word may never be. The enrolment as it is now.

    Of several uploads that are refused at once, one changes the words.

    Raises:
        Problem: ENROLMENT_UNKNOWN when the enrolment was finished or dropped meanwhile.
    """
    with transaction.atomic():
        present = _locked(session)
        if present.prompts[slot] == refused:
            words = WordList.words(present.language)
            other = draw_other_prompt(words, secrets, prompts=present.prompts, withdrawn=present.withdrawn)
            present.prompts[slot] = other
            present.withdrawn = sorted({*present.withdrawn, *refused})
            present.save(update_fields=["prompts", "withdrawn"])
        return present


def count_short_turn(session: EnrolmentSession, slot: int) -> EnrolmentSession:
    """Remember that the head was not turned far enough: who cannot turn so far is asked for less. The enrolment as it is now.

    Raises:
        Problem: ENROLMENT_UNKNOWN when the enrolment was finished or dropped meanwhile.
    """
    with transaction.atomic():
        present = _locked(session)
        present.short_turns[str(slot)] = present.short_turns.get(str(slot), 0) + 1
        present.save(update_fields=["short_turns"])
        return present


def _locked(session: EnrolmentSession) -> EnrolmentSession:
    present = EnrolmentSession.objects.select_for_update().filter(pk=session.pk, completed_at__isnull=True).first()
    if present is None:
        raise Problem(ProblemCode.ENROLMENT_UNKNOWN)
    return present


def drop(session: EnrolmentSession) -> None:
    """End an enrolment and erase what it gathered. A finished one is only forgotten: its references stay.

    Raises:
        VaultError: VAULT_UNAVAILABLE.
    """
    with open_vault().together():
        _drop(session)


def _drop(session: EnrolmentSession) -> None:
    finished, expired = session.completed_at is not None, session.expires_at <= timezone.now()
    details: dict[str, Detail] = {"enrolment": str(session.pk), "expired": expired}
    account = session.account_id
    if session.delete()[0] and not finished:
        record(EventKind.ENROLMENT_DROPPED, account=account, details=details)


def complete(session: EnrolmentSession) -> None:
    """Seal the references and erase everything else. Of several who try at once, one does.

    Raises:
        Problem: ENROLMENT_INCOMPLETE; ENROLMENT_UNKNOWN when it was finished or dropped meanwhile.
        VaultError: the references could not be kept; the enrolment is still open.
    """
    try:
        _complete(session)
    except Problem:
        # Consent was withdrawn while this went on, where no transaction could hold the two apart.
        if consent.in_force(session.account) is None:
            holding.erase(session.account)
        raise


def _complete(session: EnrolmentSession) -> None:
    vault, kind = open_vault(), EnrolmentKind(session.kind)
    with vault.together():
        found = gathered(session)
        if not is_complete(found, kind):
            raise Problem(ProblemCode.ENROLMENT_INCOMPLETE)
        enrolment, figures = found.enrolment(), [found.figures[slot] for slot in sorted(found.figures)]
        write = holding.replace if kind is EnrolmentKind.REPLACE else holding.add
        write(session.account, enrolment, figures)
        with transaction.atomic():
            still_open = EnrolmentSession.objects.filter(pk=session.pk, completed_at__isnull=True)
            if still_open.update(completed_at=timezone.now()) != 1:
                raise Problem(ProblemCode.ENROLMENT_UNKNOWN)
            details: dict[str, Detail] = {
                "enrolment": str(session.pk),
                "kind": str(kind),
                "faces": len(found.pictures),
                "voices": len(found.voices),
            }
            vault.gathered.erase(session.gathered_id)
            record(EventKind.ENROLMENT_COMPLETED, account=session.account_id, details=details)


def is_complete(found: Gathered, kind: EnrolmentKind) -> bool:
    """Whether references can be made: of every picture and prompt, or, where samples are added, of any."""
    if kind is EnrolmentKind.ADD:
        return bool(found.pictures or found.voices)
    return len(found.pictures) == len(PICTURES) and len(found.voices) == VOICES
