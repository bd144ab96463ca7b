"""The enrolment's part of the API."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from countersign.server.ceremonies.callers import caller_of, enrolling, pending
from countersign.server.ceremonies.enrolment import ceremony, duplicates, receiving
from countersign.server.ceremonies.enrolment.gathered import Gathered
from countersign.server.ceremonies.enrolment.receiving import Received, Upload
from countersign.server.ceremonies.enrolment.schemas import (
    AdviceOut,
    BeginIn,
    CompletionOut,
    EnrolmentOut,
    SampleAnswer,
)
from countersign.server.ceremonies.models import EnrolmentSession
from countersign.server.ceremonies.problem_schema import PROBLEMS
from countersign.server.ceremonies.references import describing

Signature = Annotated[str, Field(max_length=200)]

router = Router(tags=["enrolment"])


@router.post(
    "/enrolments",
    auth=enrolling,
    response={200: EnrolmentOut, 201: EnrolmentOut, **PROBLEMS},
    summary="Begin an enrolment, or resume it here",
)
def begin(request: HttpRequest, wanted: BeginIn | None = None) -> Status[EnrolmentOut]:
    """201 for a new one; 200 for the one that is open already, which then goes on in this session alone."""
    session, new = ceremony.begin(caller_of(request), (wanted or BeginIn()).kind)
    return Status(201 if new else 200, _shown(session))


@router.get("/enrolments/{enrolment}", auth=pending, response={200: EnrolmentOut, **PROBLEMS}, summary="How far it is")
def show(request: HttpRequest, enrolment: UUID) -> EnrolmentOut:
    """What is taken, and what is still wanted."""
    return _shown(ceremony.find(caller_of(request).account, enrolment))


@router.delete("/enrolments/{enrolment}", auth=pending, response={204: None, **PROBLEMS}, summary="Drop an enrolment")
def drop(request: HttpRequest, enrolment: UUID) -> Status[None]:
    """What it gathered is erased. References are not touched."""
    ceremony.drop(ceremony.find(caller_of(request).account, enrolment))
    return Status(204, None)


@router.post(
    "/enrolments/{enrolment}/pictures/{slot}",
    auth=pending,
    response={200: SampleAnswer, **PROBLEMS},
    summary="Hand in one picture",
)
def add_picture(
    request: HttpRequest,
    enrolment: UUID,
    slot: int,
    *,
    device: Form[UUID],
    signature: Form[Signature],
    media: File[UploadedFile],
) -> SampleAnswer:
    """A still, or a short film of the head in that pose; signed for `enrolment/{id}/picture/{slot}`.

    A slot that has one takes another in its place.
    """
    upload = Upload(media=media, device=device, signature=signature)
    return _answer(receiving.picture(caller_of(request), enrolment, slot, upload))


@router.post(
    "/enrolments/{enrolment}/voices/{slot}",
    auth=pending,
    response={200: SampleAnswer, **PROBLEMS},
    summary="Hand in one text, read aloud",
)
def add_voice(
    request: HttpRequest,
    enrolment: UUID,
    slot: int,
    *,
    device: Form[UUID],
    signature: Form[Signature],
    media: File[UploadedFile],
) -> SampleAnswer:
    """A recording of the slot's text; signed for `enrolment/{id}/voice/{slot}`.

    Where it is not understood (advice `other_words`), the slot gets another text at once: read the one in the answer.
    """
    upload = Upload(media=media, device=device, signature=signature)
    return _answer(receiving.voice(caller_of(request), enrolment, slot, upload))


@router.post(
    "/enrolments/{enrolment}/completion",
    auth=pending,
    response={200: CompletionOut, **PROBLEMS},
    summary="Make references of what was gathered",
)
def complete(request: HttpRequest, enrolment: UUID) -> CompletionOut:
    """References are sealed, everything else is erased. Asked again, because the answer was lost, it answers the same."""
    caller = caller_of(request)
    session = ceremony.find(caller.account, enrolment)
    if session.completed_at is None:
        ceremony.complete(ceremony.find_open(caller, enrolment))
        get_adapter(request).send_notification_mail("ceremonies/email/enrolled", caller.account)
        duplicates.search_now(caller.account)
    return CompletionOut(references=describing.references_of(caller.account))


def _answer(received: Received) -> SampleAnswer:
    return SampleAnswer(
        accepted=not received.advice,
        advice=[AdviceOut.of(advice) for advice in received.advice],
        enrolment=EnrolmentOut.of(received.session, received.gathered),
    )


def _shown(session: EnrolmentSession) -> EnrolmentOut:
    found = Gathered() if session.completed_at is not None else ceremony.gathered(session)
    return EnrolmentOut.of(session, found)
