"""References as the person may see them: when, by which model, how good. The vectors stay where they are."""

from __future__ import annotations

from uuid import UUID, uuid5

from countersign.core.biometrics import FaceReference, Modality, VoiceReference
from countersign.server.accounts.models import User
from countersign.server.ceremonies.models import ReferenceSet
from countersign.server.ceremonies.references import voice_profile
from countersign.server.ceremonies.references.holding import load_opened
from countersign.server.ceremonies.references.opening import open_vault
from countersign.server.ceremonies.references.schemas import (
    QualityOut,
    ReferenceOut,
    SampleOut,
    VoiceFiguresOut,
    VoiceProfileOut,
)
from countersign.vault.references import OpenedReferences


def references_of(account: User) -> list[ReferenceOut]:
    """What is kept, by modality; empty where nothing is.

    Raises:
        VaultError: it cannot be had.
    """
    held = ReferenceSet.objects.filter(account=account).first()
    opened = None if held is None else load_opened(held)
    if held is None or opened is None:
        return []
    found = [_face(held, opened, opened.enrolment.face), _voice(held, opened, opened.enrolment.voice)]
    return [each for each in found if each is not None]


def profile_of(account: User) -> VoiceProfileOut:
    """Pitch, tone and cadence of every voice sample; none where nothing is kept.

    Raises:
        VaultError: they cannot be had.
    """
    held = ReferenceSet.objects.filter(account=account, version__gt=0).first()
    if held is None:
        return VoiceProfileOut(samples=[])
    figures = voice_profile.load(open_vault().profiles, held.profile_id, least_version=held.profile_version)
    step = voice_profile.CONTOUR_STEP_S
    return VoiceProfileOut(
        samples=[VoiceFiguresOut.model_validate({"contour_step_s": step, **each.as_json()}) for each in figures]
    )


def _face(held: ReferenceSet, opened: OpenedReferences, reference: FaceReference | None) -> ReferenceOut | None:
    if reference is None:
        return None
    samples = [
        SampleOut(
            yaw_deg=round(sample.pose.yaw, 1),
            quality=QualityOut(
                inter_eye_px=round(sample.quality.inter_eye_px, 1),
                sharpness=round(sample.quality.sharpness, 1),
                brightness=round(sample.quality.brightness, 3),
                contrast=round(sample.quality.contrast, 3),
            ),
        )
        for sample in reference.samples
    ]
    return _described(held, opened, Modality.FACE, str(reference.model), samples)


def _voice(held: ReferenceSet, opened: OpenedReferences, reference: VoiceReference | None) -> ReferenceOut | None:
    if reference is None:
        return None
    samples = [
        SampleOut(
            yaw_deg=None,
            quality=QualityOut(
                speech_s=round(sample.quality.speech_s, 2),
                snr_db=None if sample.quality.snr_db is None else round(sample.quality.snr_db, 1),
                level_dbfs=round(sample.quality.level_dbfs, 1),
            ),
        )
        for sample in reference.samples
    ]
    return _described(held, opened, Modality.VOICE, str(reference.model), samples)


def _described(
    held: ReferenceSet, opened: OpenedReferences, modality: Modality, model: str, samples: list[SampleOut]
) -> ReferenceOut:
    return ReferenceOut(
        id=_shown_id(held.reference_id, modality),
        modality=modality.value,
        created_at=opened.sealed_at,
        model=model,
        samples=samples,
    )


def _shown_id(reference_id: UUID, modality: Modality) -> UUID:
    """An id that says nothing about the one in the vault, which leads from the vault to the account."""
    return uuid5(reference_id, modality.value)
