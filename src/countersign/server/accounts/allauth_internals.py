"""What we use of allauth beyond its documented interface, in one place: look here first when it is upgraded.

`tests/server/accounts/test_allauth_internals.py` holds each to what we rely on.
"""

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.flows.reauthentication import (
    did_recently_reauthenticate,
    raise_if_reauthentication_required,
    resume_request,
)
from allauth.account.internal.stagekit import get_pending_stage
from allauth.account.signals import _add_email as email_about_to_be_added
from allauth.account.stages import LoginStage, LoginStageController
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import headed_redirect_response, is_headless_request
from allauth.headless.account.response import PhoneNumbersResponse
from allauth.headless.base.response import ReauthenticationResponse
from allauth.headless.internal.decorators import app_view, browser_view
from allauth.headless.internal.restkit.response import ErrorResponse
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.internal.flows import did_use_passwordless_login
from django.http import HttpRequest

__all__ = [
    "ErrorResponse",
    "ImmediateHttpResponse",
    "LoginStage",
    "PhoneNumbersResponse",
    "ReauthenticationResponse",
    "app_view",
    "browser_view",
    "current_stage",
    "did_recently_reauthenticate",
    "did_use_passwordless_login",
    "email_about_to_be_added",
    "get_authentication_records",
    "get_pending_stage",
    "headed_redirect_response",
    "is_headless_request",
    "is_mfa_enabled",
    "login_stage_required",
    "raise_if_reauthentication_required",
    "record_authentication",
    "resume_request",
]


def current_stage(request: HttpRequest, key: str) -> LoginStage | None:
    """The stage of that key, if a login is pending at it."""
    return LoginStageController.enter(request, key)
