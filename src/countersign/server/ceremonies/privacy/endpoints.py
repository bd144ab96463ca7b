"""Consent, access and erasure in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.contrib.auth import logout
from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field, JsonValue

from countersign.server.ceremonies.callers import caller_of, pending, reauthenticated
from countersign.server.ceremonies.privacy import consent, deletion, export
from countersign.server.ceremonies.problem_schema import PROBLEMS

router = Router(tags=["privacy"])


class ConsentOut(Schema):
    """The text, and when the person agreed to this very version of it; null if they have not."""

    version: str
    language: str
    text: str
    given_at: datetime | None


class ConsentIn(Schema):
    """The version that the person was shown."""

    version: Annotated[str, Field(max_length=20)]


class ExportOut(Schema):
    """Everything that is stored about the person, by where it is stored; and what is left out, with the reason."""

    exported_at: datetime
    data: dict[str, list[dict[str, JsonValue]]]
    left_out: dict[str, str]


@router.get("/consent", auth=pending, response={200: ConsentOut, **PROBLEMS}, summary="What you are asked")
def show_consent(request: HttpRequest) -> ConsentOut:
    """Show the text to the person before anything is recorded."""
    given = consent.in_force(caller_of(request).account)
    current = given is not None and given.version == consent.CURRENT.version
    return ConsentOut(
        version=consent.CURRENT.version,
        language=consent.LANGUAGE,
        text=str(consent.CURRENT.text),
        given_at=given.given_at if given is not None and current else None,
    )


@router.post("/consent", auth=pending, response={201: ConsentOut, **PROBLEMS}, summary="Consent")
def give_consent(request: HttpRequest, wanted: ConsentIn) -> Status[ConsentOut]:
    """Recorded with its time. 409 `consent.outdated` when another text is asked now."""
    consent.give(caller_of(request).account, wanted.version)
    return Status(201, show_consent(request))


@router.delete("/consent", auth=reauthenticated, response={204: None, **PROBLEMS}, summary="Withdraw consent")
def withdraw_consent(request: HttpRequest) -> Status[None]:
    """All references are erased with it."""
    consent.withdraw(caller_of(request).account)
    return Status(204, None)


@router.get("/export", auth=reauthenticated, response={200: ExportOut, **PROBLEMS}, summary="Everything about you")
def export_everything(request: HttpRequest) -> ExportOut:
    """A copy of what is stored (GDPR, articles 15 and 20). Of references their description, not the references."""
    exported = export.export(caller_of(request).account)
    return ExportOut(exported_at=exported.at, data=exported.data, left_out=dict(exported.left_out))


@router.delete("/account", auth=reauthenticated, response={204: None, **PROBLEMS}, summary="Delete the account")
def delete_account(request: HttpRequest) -> Status[None]:
    """References are erased, then the account and everything that belongs to it. It cannot be undone."""
    deletion.delete_account(caller_of(request).account)
    logout(request)
    return Status(204, None)
