"""What the API answers when it does not do what was asked: RFC 9457 problems with stable codes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, Throttled, ValidationError

from countersign.core.errors import CountersignError, ErrorCode, MediaError, ModelError, VaultError
from countersign.server.ceremonies.problem_codes import ProblemCode

__all__ = ["FieldError", "Problem", "ProblemCode", "handle", "of_error", "respond"]

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """What is wrong with one field.

    Attributes:
        field: its name, with dots; empty for the whole.
    """

    field: str
    code: str
    message: str


class Problem(Exception):  # noqa: N818 - it is an answer
    """Ends a request with a problem.

    Args:
        code: stable.
        detail: a sentence of its own for this occurrence; no personal data, no score.
        retry_after: seconds, where waiting helps.
        errors: by field.
        request: the number under which the log has more.
    """

    def __init__(
        self,
        code: ProblemCode,
        detail: str = "",
        *,
        retry_after: int | None = None,
        errors: Sequence[FieldError] = (),
        request: str = "",
    ) -> None:
        super().__init__(code)
        self.code, self.detail, self.retry_after, self.errors = code, detail, retry_after, tuple(errors)
        self.request = request

    def response(self) -> HttpResponse:
        """The answer."""
        return respond(
            self.code.value,
            self.code.status,
            self.code.meaning,
            detail=self.detail,
            retry_after=self.retry_after,
            errors=self.errors,
            request=self.request,
        )


def respond(
    code: str,
    status: int,
    title: str,
    *,
    detail: str = "",
    retry_after: int | None = None,
    errors: Sequence[FieldError] = (),
    request: str = "",
) -> HttpResponse:
    """One problem, as `server.web.limits` writes them too."""
    body: dict[str, object] = {"type": "about:blank", "status": status, "title": title, "code": code}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = [asdict(error) for error in errors]
    if request:
        body["request"] = request
    response = HttpResponse(json.dumps(body), status=status, content_type=CONTENT_TYPE)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def handle(api: NinjaAPI) -> None:
    """Answer every exception that is raised on purpose with a problem."""
    for kind in (Problem, CountersignError, ValidationError, Http404, HttpError, Throttled):
        api.add_exception_handler(kind, _answer)


def _answer(_request: HttpRequest, error: object) -> HttpResponse:
    match error:
        case Problem():
            return error.response()
        case CountersignError():
            return of_error(error)
        case ValidationError():
            return _of_validation(error)
        case Throttled():
            return Problem(ProblemCode.TOO_MANY, retry_after=error.wait or 60).response()
        case HttpError():
            return _of_http_error(error)
        case _:
            return Problem(ProblemCode.NOT_FOUND).response()


def of_error(error: CountersignError) -> HttpResponse:
    """The problem that one of our own errors is. Its message may hold figures of the file, but nothing of a person."""
    if error.code is ErrorCode.MEDIA_BUSY:
        return Problem(ProblemCode.BUSY, retry_after=2).response()
    match error:
        case MediaError():
            return respond(error.code.value, 422, error.code.meaning, detail=error.message)
        case VaultError() | ModelError():  # nothing that the person could change
            return respond(error.code.value, 503, error.code.meaning, retry_after=30)
        case _:
            return respond(error.code.value, 500, error.code.meaning)


def _of_validation(error: ValidationError) -> HttpResponse:
    found = [
        FieldError(field=_field(each.get("loc", ())), code=str(each.get("type", "")), message=str(each.get("msg", "")))
        for each in error.errors
    ]
    return Problem(ProblemCode.INVALID, errors=found).response()


def _field(location: Sequence[object]) -> str:
    """What the client calls it: without where it was looked for, and without our name for the whole body."""
    return ".".join(str(part) for part in location[2 if len(location) > 2 else 1 :])


def _of_http_error(error: HttpError) -> HttpResponse:
    """Of the API's own machinery: a body that is no JSON is 422 as well, for every code has one status."""
    known = {401: ProblemCode.SESSION_REQUIRED, 404: ProblemCode.NOT_FOUND}
    return Problem(known.get(error.status_code, ProblemCode.INVALID)).response()
