"""What is answered to a request that Django itself cannot read: a form in pieces, of too many fields, or not in UTF-8."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from countersign.server.ceremonies.problems import Problem, ProblemCode


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """For `handler400`, which is called with these names. Django's own reads the form once more, and fails once more."""
    if request.path.startswith("/api/"):
        return Problem(ProblemCode.INVALID).response()
    return HttpResponseBadRequest("Bad request")
