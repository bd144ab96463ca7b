"""Connected applications, for the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from countersign.server.accounts.models import User
from countersign.server.audit.events import Detail, EventKind
from countersign.server.audit.record import record
from countersign.server.oidc.models import Grant
from countersign.server.oidc.registration import audit_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One application that a person logged in to.

    Attributes:
        scopes: what it was given, sorted.
        sessions: how many logins of it go on.
    """

    client_id: str
    name: str
    scopes: tuple[str, ...]
    since: datetime
    used_at: datetime
    sessions: int


def connections(person: User) -> tuple[Connection, ...]:
    """The applications that a person is connected to, by name."""
    found: dict[str, list[Grant]] = {}
    for grant in Grant.objects.live().filter(account=person).select_related("client").order_by("client__name"):
        found.setdefault(grant.client_id, []).append(grant)
    return tuple(
        Connection(
            client_id=client_id,
            name=grants[0].client.name,
            scopes=tuple(sorted({scope for grant in grants for scope in grant.scopes.split()})),
            since=min(grant.granted_at for grant in grants),
            used_at=max(grant.used_at for grant in grants),
            sessions=len(grants),
        )
        for client_id, grants in found.items()
    )


def disconnect(person: User, client_id: str) -> int:
    """End every login to an application; its tokens are worth nothing from then on. In the caller's transaction."""
    count = Grant.objects.end(Grant.objects.filter(account=person, client=client_id))
    if count:
        details: dict[str, Detail] = {"client": audit_token(client_id), "count": count}
        record(EventKind.APPLICATION_DISCONNECTED, account=person.pk, details=details)
    return count


class ConnectedApplicationsView(LoginRequiredMixin, TemplateView):
    """GET shows them, POST with ``application`` disconnects one."""

    template_name = "oidc/connected_applications.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """``connections``: see `Connection`."""
        return super().get_context_data(connections=connections(self._person()), **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Disconnect."""
        if disconnect(self._person(), request.POST.get("application", "")):
            messages.success(request, _("Disconnected."))
        return redirect("connected_applications")

    def _person(self) -> User:
        assert isinstance(self.request.user, User)  # noqa: S101 - nobody else passes LoginRequiredMixin
        return self.request.user
