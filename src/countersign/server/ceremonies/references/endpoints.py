"""References in the API: what is kept, and its erasure."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Status

from countersign.server.ceremonies.callers import authenticated, caller_of, reauthenticated
from countersign.server.ceremonies.problem_schema import PROBLEMS
from countersign.server.ceremonies.references import describing, holding
from countersign.server.ceremonies.references.schemas import ReferenceOut, VoiceProfileOut

router = Router(tags=["references"])


@router.get("/references", auth=authenticated, response={200: list[ReferenceOut], **PROBLEMS}, summary="What is kept")
def show(request: HttpRequest) -> list[ReferenceOut]:
    """When, by which model, and how good each sample is. The references themselves leave the server never."""
    return describing.references_of(caller_of(request).account)


@router.get(
    "/references/voice-profile", auth=authenticated, response={200: VoiceProfileOut, **PROBLEMS}, summary="Your voice"
)
def show_profile(request: HttpRequest) -> VoiceProfileOut:
    """Pitch, tone and cadence of every voice sample."""
    return describing.profile_of(caller_of(request).account)


@router.delete("/references", auth=reauthenticated, response={204: None, **PROBLEMS}, summary="Erase them")
def erase(request: HttpRequest) -> Status[None]:
    """Their keys are deleted first, so copies in backups cannot be read either. Erasing nothing is no error."""
    holding.erase(caller_of(request).account)
    return Status(204, None)
