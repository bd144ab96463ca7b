"""The token endpoint and its neighbours: used once, ended together."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from countersign.server.audit.events import EventKind
from countersign.server.audit.record import record
from countersign.server.oidc.access import grant_of, holds
from countersign.server.oidc.allauth_internals import LogoutView as AllauthLogoutView
from countersign.server.oidc.allauth_internals import RevokeView as AllauthRevokeView
from countersign.server.oidc.allauth_internals import TokenView as AllauthTokenView
from countersign.server.oidc.allauth_internals import UserInfoView as AllauthUserInfoView
from countersign.server.oidc.allauth_internals import consume
from countersign.server.oidc.models import Credential, CredentialKind, Grant, credential_hash
from countersign.server.oidc.registration import audit_token
from countersign.server.project.current import configuration

_CREDENTIALS = MappingProxyType(
    {"authorization_code": ("code", CredentialKind.CODE), "refresh_token": ("refresh_token", CredentialKind.REFRESH)}
)
_NOT_THE_CREDENTIALS_FAULT = frozenset({"invalid_client", "unauthorized_client", "unsupported_grant_type"})


@method_decorator(csrf_exempt, name="dispatch")  # as allauth has it; overriding loses it
class TokenView(AllauthTokenView):
    """Codes and refresh tokens are claimed by one conditional UPDATE before anything is made of them.

    Claim and tokens are one transaction: of several requests at once, the others wait for the first, then find the
    credential used, and that ends the whole family (RFC 6749, 4.1.2; RFC 9700, 4.14.2).
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Serve one request, if the address did not ask too often."""
        limit = {"token": f"{configuration().openid_connect.token_requests_per_minute}/m/ip"}
        if not consume(request, app="countersign.oidc", action="token", config=limit):
            response = _error("temporarily_unavailable", status=429)
            response["Retry-After"] = "60"
            return response
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer

    def post(self, request: HttpRequest) -> HttpResponse:
        """Exchange a code or a refresh token."""
        parameter, kind = _CREDENTIALS.get(request.POST.get("grant_type", ""), ("", None))
        if kind is None:
            return _error("unsupported_grant_type")
        with transaction.atomic():
            credential = _find(request.POST.get(parameter, ""), kind)
            if credential is None:
                return _error("invalid_grant")
            if not credential.claim():
                _end_family(credential)
                return _error("invalid_grant")
            if not holds(credential.grant):
                return _error("invalid_grant")
            request.grant_in_use = credential.grant  # type: ignore[attr-defined]  # read by the adapter
            response: HttpResponse = super().post(request)
            body = json.loads(response.content)
            if response.status_code == 200:
                _keep(credential.grant, body)
            elif body.get("error") in _NOT_THE_CREDENTIALS_FAULT:
                transaction.set_rollback(True)  # who does not know the application's secret cannot use up its codes
            return response


@method_decorator(csrf_exempt, name="dispatch")  # as allauth has it; overriding loses it
class UserInfoView(AllauthUserInfoView):
    """For tokens whose session goes on."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Serve one request."""
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        value = value if scheme.lower() == "bearer" else request.POST.get("access_token", "")
        grant = grant_of(value, CredentialKind.ACCESS) if value else None
        if grant is None or not holds(grant):
            response = _error("invalid_token", status=401)
            response["WWW-Authenticate"] = 'Bearer error="invalid_token"'
            return response
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer


class RevokeView(AllauthRevokeView):
    """Giving back a refresh token ends its family (RFC 7009, 2.1)."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Revoke a token."""
        with transaction.atomic():
            response: HttpResponse = super().post(request, *args, **kwargs)
            grant = grant_of(request.POST.get("token", ""), CredentialKind.REFRESH)
            if response.status_code == 200 and grant is not None:
                Grant.objects.end(Grant.objects.filter(pk=grant.pk))
        return response


class LogoutView(AllauthLogoutView):
    """Logging out at an application's wish ends what was granted to it, also where the person stays logged in here."""

    def _handle(self, form: Any, op_logout: bool) -> HttpResponse:  # noqa: FBT001 - allauth's signature
        client = form.cleaned_data["client"]
        with transaction.atomic():
            if client is not None and self.request.user.is_authenticated:
                Grant.objects.end(Grant.objects.filter(account=self.request.user, client=client))
            response: HttpResponse = super()._handle(form, op_logout)
        return response


def _find(value: str, kind: CredentialKind) -> Credential | None:
    found = Credential.objects.select_related("grant__account", "grant__client")
    return found.filter(pk=credential_hash(value), kind=kind).first()


def _end_family(credential: Credential) -> None:
    grant = credential.grant
    Grant.objects.end(Grant.objects.filter(pk=grant.pk))
    details = {"client": audit_token(grant.client_id), "credential": str(credential.kind)}
    record(EventKind.CREDENTIAL_REUSED, account=grant.account_id, details=details)


def _keep(grant: Grant, tokens: dict[str, Any]) -> None:
    kinds = {"access_token": CredentialKind.ACCESS, "refresh_token": CredentialKind.REFRESH}
    Credential.objects.bulk_create(
        Credential(hash=credential_hash(tokens[name]), grant=grant, kind=kind)
        for name, kind in kinds.items()
        if tokens.get(name)
    )
    Grant.objects.filter(pk=grant.pk).update(used_at=timezone.now())


def _error(code: str, *, status: int = 400) -> HttpResponse:
    return JsonResponse({"error": code}, status=status, headers={"Cache-Control": "no-store"})
