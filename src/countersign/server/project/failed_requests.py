"""What is answered where Django itself cannot read a request, or where something failed that nobody foresaw."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.views.defaults import server_error

from countersign.server.ceremonies.problems import Problem, ProblemCode
from countersign.server.web.logs import REQUEST_NUMBER

_FOR_PROGRAMS = ("/api/", "/_allauth/")
"""Below these addresses, everything is asked by scripts and apps, which cannot read pages."""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """For `handler400`, which is called with these names: a form in pieces, of too many fields, or not in UTF-8.

    Django's own reads the form once more, and fails once more.
    """
    if request.path.startswith("/api/"):
        return Problem(ProblemCode.INVALID).response()
    return HttpResponseBadRequest("Bad request")


def failure(request: HttpRequest) -> HttpResponse:
    """For `handler500`. The log has the places in the code that it went through, under the same number; the answer has no more."""
    if request.path.startswith(_FOR_PROGRAMS):
        return Problem(ProblemCode.INTERNAL, request=request.META.get(REQUEST_NUMBER, "")).response()
    return server_error(request)
