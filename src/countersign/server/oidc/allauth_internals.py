"""What we use of allauth's OpenID Connect provider beyond its documented interface, in one place.

`tests/server/oidc/test_allauth_internals.py` holds each to what we rely on.
"""

from allauth.core import context
from allauth.core.internal.ratelimit import consume
from allauth.core.internal.sessionkit import get_session_user
from allauth.idp.oidc.internal.oauthlib.server import get_server
from allauth.idp.oidc.internal.oauthlib.utils import extract_params, get_validator_context
from allauth.idp.oidc.views import (
    AuthorizationView,
    ConfigurationView,
    IntrospectView,
    JwksView,
    LogoutView,
    RevokeView,
    TokenView,
    UserInfoView,
)

__all__ = [
    "AuthorizationView",
    "ConfigurationView",
    "IntrospectView",
    "JwksView",
    "LogoutView",
    "RevokeView",
    "TokenView",
    "UserInfoView",
    "consume",
    "context",
    "extract_params",
    "get_server",
    "get_session_user",
    "get_validator_context",
]
