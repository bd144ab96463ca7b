"""The REST API under ``/api/v1/``: its root, its description (OpenAPI), and who serves which part."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from countersign.server.ceremonies import problems
from countersign.server.ceremonies.callers import as_either_client
from countersign.server.ceremonies.enrolment import endpoints as enrolment
from countersign.server.ceremonies.guidance import endpoints as guidance
from countersign.server.ceremonies.login import endpoints as login
from countersign.server.ceremonies.privacy import endpoints as privacy
from countersign.server.ceremonies.problem_schema import as_problems
from countersign.server.ceremonies.references import endpoints as references

DESCRIPTION = """
Accounts, passwords and the steps of a login are allauth's own API under `/_allauth/` (app and browser). While the flow
`biometric` is pending there, the login is completed here: a challenge, then one attempt.

A browser has the session's cookie and sends `X-CSRFToken`; an app sends `X-Session-Token`. Problems come as
`application/problem+json` (RFC 9457) with a stable `code`. Times are ISO 8601 in UTC, bytes are base64url without padding.
""".strip()


class _Api(NinjaAPI):
    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        description = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        as_problems(description)
        return description


def make_api() -> NinjaAPI:
    """The API with every part."""
    api = _Api(
        title="Countersign",
        version="1",
        description=DESCRIPTION,
        urls_namespace="api-v1",
        openapi_url="/openapi.json",
        docs_url="/docs",
    )
    problems.handle(api)
    for part in (login, enrolment, references, privacy, guidance):
        api.add_router("", part.router)
    return api


def urls(api: NinjaAPI) -> tuple[list[URLPattern | URLResolver], str, str]:
    """For `django.urls.path`: every view in the session of whoever asks."""
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = as_either_client(pattern.callback)
    return [*patterns, re_path("", _nothing)], app_name, namespace


@csrf_exempt
def _nothing(_request: HttpRequest) -> HttpResponse:
    return problems.Problem(problems.ProblemCode.NOT_FOUND).response()
