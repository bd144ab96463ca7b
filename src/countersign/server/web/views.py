"""Pages that are not allauth's."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.generic import TemplateView

from countersign.server.ceremonies.callers import find_caller
from countersign.server.ceremonies.models import EnrolmentKind


@method_decorator(ensure_csrf_cookie, name="dispatch")
class AccountView(LoginRequiredMixin, TemplateView):
    """What the server knows about the person, and where each of it is changed. Lists are fetched from the API."""

    template_name = "web/account.html"


@method_decorator(ensure_csrf_cookie, name="dispatch")
class EnrolmentView(TemplateView):
    """Consent, pictures, sentences: for who is logged in, and for who has yet to enrol before the first login."""

    template_name = "web/enrolment.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Nobody else: they log in first."""
        self._caller = find_caller(request)
        if self._caller is None:
            return redirect("account_login")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Whose key signs, what is made of the samples, and where it goes on."""
        assert self._caller is not None  # noqa: S101 - `dispatch` saw to it
        pending = self._caller.stage is not None
        return super().get_context_data(**kwargs) | {
            "account": str(self._caller.account.pk),
            "kind": str(EnrolmentKind.ADD if "add" in self.request.GET and not pending else EnrolmentKind.REPLACE),
            "layout": "allauth/layouts/entrance.html" if pending else "allauth/layouts/manage.html",
            "onward": reverse("account_biometric") if pending else reverse("account"),
        }


@cache
def _service_worker() -> bytes:
    return (Path(__file__).parent / "static/web/service-worker.js").read_bytes()


def service_worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """The script that keeps static files: from the root, because a worker reaches no further than its own folder."""
    answer = HttpResponse(_service_worker(), content_type="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer
