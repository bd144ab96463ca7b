"""How problems stand in the API's description."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from ninja.responses import codes_4xx, codes_5xx


class FieldErrorOut(Schema):
    """What is wrong with one field."""

    field: str
    code: str
    message: str


class ProblemOut(Schema):
    """RFC 9457. Clients go by `code`; docs/errors.md has all."""

    type: str
    status: int
    title: str
    code: str
    detail: str | None = None
    errors: list[FieldErrorOut] | None = None


PROBLEMS: dict[Any, Any] = {codes_4xx: ProblemOut, codes_5xx: ProblemOut}
"""For `response=` of every endpoint."""
