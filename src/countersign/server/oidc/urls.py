"""Addresses. Not allauth's own list: what is not offered here (device flow, registration by strangers) has no address."""

from __future__ import annotations

from typing import NoReturn

from django.http import Http404, HttpRequest
from django.urls import URLPattern, URLResolver, include, path

from countersign.server.oidc.allauth_internals import ConfigurationView, IntrospectView, JwksView
from countersign.server.oidc.authorization import AuthorizationView
from countersign.server.oidc.tokens import LogoutView, RevokeView, TokenView, UserInfoView
from countersign.server.oidc.views import ConnectedApplicationsView


def not_offered(_request: HttpRequest) -> NoReturn:
    """There is no such thing here."""
    raise Http404


_provider: list[URLPattern | URLResolver] = [
    path(".well-known/openid-configuration", ConfigurationView.as_view(), name="configuration"),
    path(".well-known/jwks.json", JwksView.as_view(), name="jwks"),
    path("identity/o/authorize", AuthorizationView.as_view(), name="authorization"),
    path("identity/o/logout", LogoutView.as_view(), name="logout"),
    path("identity/o/api/token", TokenView.as_view(), name="token"),
    path("identity/o/api/revoke", RevokeView.as_view(), name="revoke"),
    path("identity/o/api/introspect", IntrospectView.as_view(), name="introspect"),
    path("identity/o/api/userinfo", UserInfoView.as_view(), name="userinfo"),
    path("identity/o/api/device/code", not_offered, name="device_code"),  # allauth's description looks for the name
]

own: list[URLPattern | URLResolver] = [
    path("account/applications/", ConnectedApplicationsView.as_view(), name="connected_applications"),
]
provider: list[URLPattern | URLResolver] = [path("", include(([path("", include((_provider, "oidc")))], "idp")))]
"""In the namespaces that allauth's own views and templates look in."""
