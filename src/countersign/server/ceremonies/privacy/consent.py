"""Consent: what people are asked, and whether they said yes. Nothing of face or voice is looked at before."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from countersign.server.accounts.models import User
from countersign.server.audit.events import EventKind
from countersign.server.audit.record import record
from countersign.server.ceremonies.models import Consent
from countersign.server.ceremonies.problems import Problem, ProblemCode
from countersign.server.ceremonies.references import holding
from countersign.server.ceremonies.references.opening import open_vault
from countersign.server.ceremonies.replay.remembering import forget_account

LANGUAGE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentText:
    """What is asked. Any change of meaning needs another version, and everybody is asked anew when they next enrol.

    Attributes:
        version: the day from which it is asked.
    """

    version: str
    text: Promise


CURRENT = ConsentText(
    version="2026-11-21",
    text=_(
        "To log you in by face and voice, this server computes numbers from pictures of your face and recordings of your "
        "voice. It keeps these numbers encrypted, under a key of your own, until you erase them or delete your account. "
        "Pictures and recordings themselves are not kept.\n\n"
        "At every login a new recording is compared with these numbers, and checked for signs of deception. What was "
        "found is kept as figures for the operator, without picture or sound, and so are marks by which the same recording "
        "would be known again, for a time. When you enrol, your face is compared with "
        "those of other accounts, so that nobody enrols twice.\n\n"
        "You need not agree: you can use this account with other means of logging in, as far as the operator allows. You "
        "can withdraw your consent at any time on your account page. Your references are then erased; what was done "
        "before stays lawful."
    ),
)


def in_force(account: User) -> Consent | None:
    """The consent that was given and not withdrawn, to whichever version."""
    return Consent.objects.filter(account=account, withdrawn_at__isnull=True).first()


def require(account: User) -> None:
    """Go on only with consent to the present text.

    Raises:
        Problem: CONSENT_MISSING or CONSENT_OUTDATED.
    """
    consent = in_force(account)
    if consent is None:
        raise Problem(ProblemCode.CONSENT_MISSING)
    if consent.version != CURRENT.version:
        raise Problem(ProblemCode.CONSENT_OUTDATED)


def give(account: User, version: str) -> Consent:
    """Record consent. Saying yes twice to the same text is saying it once.

    Raises:
        Problem: CONSENT_OUTDATED when that is not the text that is asked now.
    """
    if version != CURRENT.version:
        raise Problem(ProblemCode.CONSENT_OUTDATED)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=account.pk)  # two at once would both find none
        present = in_force(account)
        if present is not None and present.version == version:
            return present
        now = timezone.now()
        Consent.objects.filter(account=account, withdrawn_at__isnull=True).update(withdrawn_at=now)
        given = Consent.objects.create(account=account, version=version, language=LANGUAGE, given_at=now)
        record(EventKind.CONSENT_GIVEN, account=account.pk, details={"version": version, "language": LANGUAGE})
    return given


def withdraw(account: User) -> None:
    """Erase all references, then record that consent is withdrawn. Nothing happens where there is neither.

    Raises:
        VaultError: VAULT_UNAVAILABLE; the consent then stays, and so does the duty to erase: ask again.
    """
    with open_vault().together():
        holding.erase(account)
        present = in_force(account)
        if present is not None:
            with transaction.atomic():
                forget_account(account)
                Consent.objects.filter(pk=present.pk).update(withdrawn_at=timezone.now())
                record(EventKind.CONSENT_WITHDRAWN, account=account.pk, details={"version": present.version})
