"""What the API takes and gives in an enrolment."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Schema

from countersign.server.ceremonies.enrolment.advice import Advice, text_of
from countersign.server.ceremonies.enrolment.gathered import Gathered
from countersign.server.ceremonies.enrolment.slots import asked_pictures
from countersign.server.ceremonies.models import EnrolmentKind, EnrolmentSession
from countersign.server.ceremonies.references.schemas import ReferenceOut
from countersign.server.ceremonies.uploads import to_base64url


class BeginIn(Schema):
    """`replace` makes new references in place of any there are; `add` adds samples to them."""

    kind: EnrolmentKind = EnrolmentKind.REPLACE


class AdviceOut(Schema):
    """What the person can do."""

    code: str
    text: str

    @classmethod
    def of(cls, advice: Advice) -> AdviceOut:
        """In the language of whoever asks."""
        return cls(code=advice.value, text=text_of(advice))


class PictureOut(Schema):
    """One picture. Yaw is positive to the person's own left; the range grows where the head was not turned far enough before."""

    slot: int
    pose: str
    yaw_deg: tuple[float, float]
    state: Literal["wanted", "accepted"]


class VoiceOut(Schema):
    """One text to be read aloud."""

    slot: int
    text: str
    state: Literal["wanted", "accepted"]


class EnrolmentOut(Schema):
    """An enrolment, and how far it is. `nonce` is part of what the device signs."""

    id: UUID
    kind: EnrolmentKind
    nonce: str
    expires_at: datetime
    state: Literal["open", "complete"]
    pictures: list[PictureOut]
    voices: list[VoiceOut]

    @classmethod
    def of(cls, session: EnrolmentSession, found: Gathered) -> EnrolmentOut:
        """One enrolment; of a finished one every sample counts as accepted."""
        finished = session.completed_at is not None
        pictures = [
            PictureOut(
                slot=slot.slot,
                pose=slot.pose.value,
                yaw_deg=(slot.low_deg, slot.high_deg),
                state="accepted" if finished or slot.slot in found.pictures else "wanted",
            )
            for slot in asked_pictures(session.short_turns)
        ]
        voices = [
            VoiceOut(
                slot=slot, text=" ".join(words), state="accepted" if finished or slot in found.voices else "wanted"
            )
            for slot, words in enumerate(session.prompts)
        ]
        return cls(
            id=session.pk,
            kind=EnrolmentKind(session.kind),
            nonce=to_base64url(bytes(session.nonce)),
            expires_at=session.expires_at,
            state="complete" if finished else "open",
            pictures=pictures,
            voices=voices,
        )


class SampleAnswer(Schema):
    """What became of an upload."""

    accepted: bool
    advice: list[AdviceOut]
    enrolment: EnrolmentOut


class CompletionOut(Schema):
    """What is enrolled now."""

    references: list[ReferenceOut]
