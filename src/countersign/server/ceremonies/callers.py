"""Who asks the API: one class for a browser's cookie and for an app's token, and how far the login has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac
from django.views.decorators.csrf import csrf_exempt
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from countersign.server.accounts.allauth_internals import (
    ImmediateHttpResponse,
    LoginStage,
    app_view,
    browser_view,
    current_stage,
    did_recently_reauthenticate,
    is_headless_request,
    is_mfa_enabled,
)
from countersign.server.accounts.models import User
from countersign.server.ceremonies.problems import Problem, ProblemCode
from countersign.server.ceremonies.references.holding import has_references

SESSION_HEADER = "X-Session-Token"
STAGE = "biometric"
"""Key of the login stage, and name of the flow that the headless API shows as pending."""


class Level(IntEnum):
    """How far a login has come."""

    PENDING = 1
    AUTHENTICATED = 2
    REAUTHENTICATED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks.

    Attributes:
        account: whose login it is.
        stage: the pending stage; None once the login is complete.
        binding: names this session or pending login, and cannot be turned back into it. What is issued for one is not
            good for another.
        is_app: an app with a token, not a browser with a cookie.
    """

    account: User
    level: Level
    stage: LoginStage | None
    binding: str
    is_app: bool


class SessionAuth(AuthBase):
    """Resolves both ways to come to the one Django session, and refuses who has not come far enough.

    Args:
        least: the level that is needed.
    """

    openapi_type = "apiKey"
    openapi_in = "header"
    openapi_name = SESSION_HEADER
    openapi_description = (
        "An app sends its session token in this header. A browser has its cookie instead, and sends X-CSRFToken with "
        "everything that changes something."
    )

    def __init__(self, least: Level) -> None:
        super().__init__()
        self.least = least

    def __call__(self, request: HttpRequest) -> Caller:
        """Who asks.

        Raises:
            Problem: SESSION_REQUIRED, SESSION_PENDING, REAUTHENTICATION_REQUIRED or CSRF.
        """
        is_app = is_headless_request(request) == "app"
        if not is_app and check_csrf(request) is not None:
            raise Problem(ProblemCode.CSRF)
        caller = find_caller(request, is_app=is_app)
        if caller is None:
            raise Problem(ProblemCode.SESSION_REQUIRED)
        if caller.level < self.least:
            pending = caller.level is Level.PENDING
            raise Problem(ProblemCode.SESSION_PENDING if pending else ProblemCode.REAUTHENTICATION_REQUIRED)
        return caller


class EnrollingAuth(SessionAuth):
    """Who may enrol: whoever proved again that it is them; and who has nothing enrolled yet.

    In a pending login that is only somebody without another second factor: who has one gives that first. So a stolen
    password alone neither replaces references nor comes past a second factor by enrolling another face.
    """

    def __init__(self) -> None:
        super().__init__(Level.PENDING)

    def __call__(self, request: HttpRequest) -> Caller:
        """Who asks.

        Raises:
            Problem: as `SessionAuth`.
        """
        caller = super().__call__(request)
        if caller.level is Level.REAUTHENTICATED or may_enrol_first(caller):
            return caller
        pending = caller.level is Level.PENDING
        raise Problem(ProblemCode.SESSION_PENDING if pending else ProblemCode.REAUTHENTICATION_REQUIRED)


def may_enrol_first(caller: Caller) -> bool:
    """Whether the person has nothing enrolled, and is as far as they can come without."""
    if has_references(caller.account):
        return False
    return caller.level is not Level.PENDING or not is_mfa_enabled(caller.account, ["totp", "webauthn"])


pending = SessionAuth(Level.PENDING)
authenticated = SessionAuth(Level.AUTHENTICATED)
reauthenticated = SessionAuth(Level.REAUTHENTICATED)
enrolling = EnrollingAuth()


def find_caller(request: HttpRequest, *, is_app: bool = False) -> Caller | None:
    """Whose session it is, or whose login is pending at our stage."""
    user = request.user
    if isinstance(user, User):
        level = Level.REAUTHENTICATED if did_recently_reauthenticate(request) else Level.AUTHENTICATED
        binding = _binding("session", request.session.session_key or "")
        return Caller(account=user, level=level, stage=None, binding=binding, is_app=is_app)
    stage = current_stage(request, STAGE)
    if stage is None or not _still_good(stage):
        return None
    return Caller(
        account=stage.login.user,
        level=Level.PENDING,
        stage=stage,
        binding=_binding("login", str(stage.state["id"])),
        is_app=is_app,
    )


def _still_good(stage: LoginStage) -> bool:
    """Whether the account is still there, switched on, and has the password that was held good."""
    user = stage.login.user
    return isinstance(user, User) and user.is_active and stage.state.get("auth_hash") == user.get_session_auth_hash()


def as_either_client(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """`view` in the session that the request's header or cookie names. An app is never given a cookie."""
    for_app, for_browser = app_view(view), browser_view(view)

    @wraps(view)
    def choose(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        chosen = for_app if SESSION_HEADER in request.headers else for_browser
        try:
            response: HttpResponseBase = chosen(request, *args, **kwargs)
        except ImmediateHttpResponse:
            return Problem(ProblemCode.SESSION_UNKNOWN).response()
        except Http404:  # the API's own root
            return Problem(ProblemCode.NOT_FOUND).response()
        if response.status_code == ProblemCode.METHOD.status:
            refused = Problem(ProblemCode.METHOD).response()
            refused.headers["Allow"] = response.headers.get("Allow", "")
            return refused
        return response

    return csrf_exempt(choose)


def _binding(kind: str, secret: str) -> str:
    return salted_hmac(f"countersign.binding.{kind}", secret, algorithm="sha256").hexdigest()


def caller_of(request: HttpRequest) -> Caller:
    """Who asks, in an endpoint: what `SessionAuth` found."""
    caller = request.auth  # type: ignore[attr-defined]  # set by the API
    assert isinstance(caller, Caller)  # noqa: S101 - every endpoint has one
    return caller
