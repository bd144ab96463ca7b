"""What can go wrong, as a tree.

::

    ClientError
    ├── ProblemError           the server refused, and says why (RFC 9457)
    ├── UnexpectedAnswerError  the answer is none of this API's
    ├── NoAnswerError          there is no answer
    └── SampleRefusedError     enrolment: a sample was not good enough, as often as it was tried
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class ClientError(Exception):
    """Base of all errors of the client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """What is wrong with one field of a form.

    Attributes:
        field: its name; empty for the whole form.
        code: stable.
    """

    field: str
    code: str
    message: str


class ProblemError(ClientError):
    """The server refused.

    Args:
        status: of HTTP.
        code: stable, as `docs/errors.md` lists them.
        title: one sentence.
        detail: more, or empty.
        errors: by field.
        retry_after_s: seconds after which to try again, where the server says so.
    """

    def __init__(
        self,
        *,
        status: int,
        code: str,
        title: str,
        detail: str = "",
        errors: Sequence[FieldError] = (),
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(f"{title} [{status} {code}]")
        self.status, self.code, self.title, self.detail = status, code, title, detail
        self.errors, self.retry_after_s = tuple(errors), retry_after_s


class UnexpectedAnswerError(ClientError):
    """The answer is none of this API's: another server, or another version."""


class NoAnswerError(ClientError):
    """There is no answer: no connection, or it broke off. Whether the request arrived is not known."""


def problem_of(status: int, headers: Mapping[str, str], body: object) -> ProblemError:
    """What an answer of 400 or more says; both our problems and allauth's lists of errors."""
    fields = body if isinstance(body, dict) else {}
    listed = fields.get("errors")
    errors = [_field_error(entry) for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    first = errors[0] if errors else None
    wait = headers.get("retry-after", "")
    return ProblemError(
        status=status,
        code=str(fields.get("code") or (first.code if first else f"http.{status}")),
        title=str(fields.get("title") or (first.message if first else f"The server answered {status}.")),
        detail=str(fields.get("detail") or ""),
        errors=errors,
        retry_after_s=int(wait) if wait.isdigit() else None,
    )


def _field_error(entry: Mapping[str, object]) -> FieldError:
    return FieldError(
        field=str(entry.get("field") or entry.get("param") or ""),
        code=str(entry.get("code", "")),
        message=str(entry.get("message", "")),
    )
