"""Who may come in, and what stands beside the tables."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.sites import UnfoldAdminSite

from countersign.server.accounts.allauth_internals import get_authentication_records
from countersign.server.accounts.models import User
from countersign.server.oidc.facts import Acr, facts
from countersign.server.oidc.steps import way_to


class ConsoleSite(UnfoldAdminSite):
    """For operators who logged in with two factors, or by face and voice."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether this session may see the console."""
        if not super().has_permission(request):
            return False
        found = facts(get_authentication_records(request, request.user))
        return found is not None and found.acr.satisfies(Acr.TWO_FACTORS)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002 - Django's
        """What somebody should look into comes first."""
        from countersign.server.console import pages  # noqa: PLC0415 - the site is made before the models are loaded

        return pages.alarms(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002 - Django's
        """No form of its own: the way to a second factor, for operators who came without. Others are sent away before."""
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        assert isinstance(request.user, User)  # noqa: S101 - `secure_admin_login` lets in nobody else
        way = way_to(request.user, Acr.TWO_FACTORS)
        if way is not None:
            return HttpResponseRedirect(f"{way}?{urlencode({'next': reverse('admin:index')})}")
        return TemplateResponse(request, "console/second_factor.html", status=403)

    def extra_urls(self) -> list[URLPattern]:
        """Pages that are no tables."""
        from countersign.server.console import pages  # noqa: PLC0415 - the site is made before the models are loaded

        views = {
            "scores": pages.scores,
            "failures": pages.failures,
            "alarms": pages.alarms,
            "verification": pages.verification,
            "settings_in_force": pages.settings_in_force,
        }
        return [path(f"{name.replace('_', '-')}/", self.admin_view(view), name=name) for name, view in views.items()]
