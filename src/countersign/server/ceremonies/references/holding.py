"""Reading, writing and erasing the references of one account."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from django.utils import timezone

from countersign.core.biometrics import Enrolment, FaceReference, VoiceReference
from countersign.core.errors import ErrorCode, VaultError
from countersign.server.accounts.models import User
from countersign.server.audit.events import EventKind
from countersign.server.audit.record import record
from countersign.server.ceremonies.models import DuplicateAlarm, EnrolmentSession, ReferenceSet
from countersign.server.ceremonies.references import voice_profile
from countersign.server.ceremonies.references.opening import OpenVault, open_vault
from countersign.server.ceremonies.references.voice_profile import VoiceFigures
from countersign.vault.references import OpenedReferences

MOST_SAMPLES = 24
"""Of one modality; when more are added, the oldest go."""

_UNREADABLE = frozenset(
    {
        ErrorCode.VAULT_KEY_ERASED,
        ErrorCode.VAULT_KEY_UNKNOWN,
        ErrorCode.VAULT_NOT_AUTHENTIC,
        ErrorCode.VAULT_ROLLED_BACK,
        ErrorCode.VAULT_MALFORMED,
        ErrorCode.VAULT_UNKNOWN_FORMAT,
    }
)
"""References that nobody can be compared with any more; to enrol anew must still be possible."""


def has_references(account: User) -> bool:
    """Whether anything is enrolled, readable or not. Asks a table of the database, not the vault."""
    return ReferenceSet.objects.filter(account=account, version__gt=0).exists()


def enrolment_of(account: User) -> Enrolment | None:
    """Whom a login of this account is compared with; None where nothing is enrolled.

    Raises:
        VaultError: there should be references and they cannot be had, or are not those that were last written. Nobody is
            then let in by them.
    """
    held = ReferenceSet.objects.filter(account=account).first()
    opened = None if held is None else load_opened(held)
    return None if opened is None else opened.enrolment


def load_opened(held: ReferenceSet) -> OpenedReferences | None:
    """The references of one set, with version and time; None when none were ever finished.

    Raises:
        VaultError: as `enrolment_of`.
    """
    if held.version == 0:
        return None
    opened = open_vault().references.load(held.reference_id, least_version=held.version)
    if opened is None:
        raise VaultError(ErrorCode.VAULT_KEY_ERASED, "the references of an account are gone from the vault")
    return opened


def replace(account: User, enrolment: Enrolment, figures: Sequence[VoiceFigures]) -> ReferenceSet:
    """Make these the account's references, in place of any there were. Call it within `OpenVault.together`.

    Raises:
        VaultError: VAULT_CONFLICT when somebody else writes at the same time; VAULT_UNAVAILABLE.
    """
    vault = open_vault()
    held = _set_of(account)
    try:
        return _write(vault, held, enrolment, figures)
    except VaultError as error:
        if error.code not in _UNREADABLE:
            raise
    # What is there cannot be opened, so it cannot be replaced either: it is erased, and the new ones get ids of their own.
    erase_records(vault, held)
    held.reference_id, held.profile_id, held.version, held.profile_version = uuid4(), uuid4(), 0, 0
    held.save()
    return _write(vault, held, enrolment, figures)


def add(account: User, enrolment: Enrolment, figures: Sequence[VoiceFigures]) -> ReferenceSet:
    """Add samples to the account's references. Call it within `OpenVault.together`.

    Raises:
        VaultError: as `replace`, and where the present ones cannot be had.
    """
    vault, held = open_vault(), _set_of(account)
    opened = load_opened(held)
    if opened is None:
        return replace(account, enrolment, figures)
    before = voice_profile.load(vault.profiles, held.profile_id, least_version=held.profile_version)
    merged = _merged(opened.enrolment, enrolment)
    return _write(vault, held, merged, (*before, *figures)[-MOST_SAMPLES:])


def erase(account: User) -> bool:
    """Erase all references of an account, finished or not, for good. Whether there were any.

    Raises:
        VaultError: VAULT_UNAVAILABLE; nothing is then forgotten, and it can be asked again.
    """
    with open_vault().together():
        # The receivers of `references.receivers` erase what belongs to a row before the row goes.
        sessions = EnrolmentSession.objects.filter(account=account).delete()[0]
        sets = ReferenceSet.objects.filter(account=account).delete()[0]
        DuplicateAlarm.objects.filter(account=account).delete()
        DuplicateAlarm.objects.filter(other=account).delete()
        if sessions or sets:
            record(EventKind.REFERENCES_ERASED, account=account.pk)
    return bool(sets)


def erase_records(vault: OpenVault, held: ReferenceSet) -> None:
    """Crypto-erase what the vault has of one set."""
    vault.references.erase(held.reference_id)
    vault.profiles.erase(held.profile_id)


def _set_of(account: User) -> ReferenceSet:
    # The row comes first: a record of the vault that no row names could never be erased.
    held, _ = ReferenceSet.objects.get_or_create(account=account)
    return held


def _write(vault: OpenVault, held: ReferenceSet, enrolment: Enrolment, figures: Sequence[VoiceFigures]) -> ReferenceSet:
    present = vault.references.load(held.reference_id, least_version=held.version)
    # After a process was killed between the vault and this row, the vault is ahead of the row by a version.
    version = 0 if present is None else present.version
    held.version = vault.references.write(held.reference_id, enrolment, expected_version=version)
    held.profile_version = voice_profile.write(vault.profiles, held.profile_id, figures)
    held.changed_at = timezone.now()
    held.compared_at, held.compared_up_to = None, None
    still_there = ReferenceSet.objects.filter(pk=held.pk, reference_id=held.reference_id)
    if not still_there.update(
        version=held.version,
        profile_version=held.profile_version,
        changed_at=held.changed_at,
        compared_at=None,
        compared_up_to=None,
    ):
        erase_records(vault, held)
        raise VaultError(ErrorCode.VAULT_CONFLICT, "the references were erased while they were being written")
    return held


def _merged(before: Enrolment, added: Enrolment) -> Enrolment:
    """The samples of both, where they are of the same model; else the new ones alone."""
    face, voice = before.face, before.voice
    if added.face is not None:
        old_faces = face.samples if face is not None and face.model == added.face.model else ()
        face = FaceReference(samples=(*old_faces, *added.face.samples)[-MOST_SAMPLES:])
    if added.voice is not None:
        old_voices = voice.samples if voice is not None and voice.model == added.voice.model else ()
        voice = VoiceReference(samples=(*old_voices, *added.voice.samples)[-MOST_SAMPLES:])
    return Enrolment(face=face, voice=voice)
