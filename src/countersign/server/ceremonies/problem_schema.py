"""How problems stand in the API's description."""

from __future__ import annotations

from typing import Any

from ninja import Schema

from countersign.server.ceremonies.problems import CONTENT_TYPE, ProblemCode


class FieldErrorOut(Schema):
    """What is wrong with one field."""

    field: str
    code: str
    message: str


class ProblemOut(Schema):
    """RFC 9457. Clients go by `code`; docs/errors.md has all. `request` is the number that the server's log has more under."""

    type: str
    status: int
    title: str
    code: str
    detail: str | None = None
    errors: list[FieldErrorOut] | None = None
    request: str | None = None


STATUSES = frozenset({code.status for code in ProblemCode})
"""Those of our codes; core errors have 422, 500 and 503 as well, and no others."""

PROBLEMS: dict[Any, Any] = {STATUSES: ProblemOut}
"""For `response=` of every endpoint."""


def as_problems(description: dict[str, Any]) -> None:
    """Let an API's description (OpenAPI) say in which type its problems come: ninja knows one type for everything."""
    for operations in description["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) in STATUSES:
                    answer["content"] = {CONTENT_TYPE: answer["content"].pop("application/json")}
