"""What an accepted recording leads to: a session, or the proof that it is still the same person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_login_redirect_url
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from countersign.server.accounts import guard
from countersign.server.accounts.allauth_internals import LoginStage, get_pending_stage, record_authentication
from countersign.server.accounts.models import KnownDevice, User
from countersign.server.audit.events import EventKind
from countersign.server.audit.record import record
from countersign.server.ceremonies.callers import Caller
from countersign.server.ceremonies.login import profile
from countersign.server.ceremonies.models import Attempt, AttemptState, SigningDevice
from countersign.server.ceremonies.problems import Problem, ProblemCode
from countersign.server.ceremonies.references.holding import has_references
from countersign.server.configuration.schema import LoginProfile
from countersign.server.project.current import configuration

METHOD = "biometric"
"""Of the authentication record in the session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """Where to go.

    Attributes:
        next: path.
        session_token: for an app whose login is complete, or whose session has a new key.
    """

    next: str
    session_token: str | None


@contextmanager
def whole_or_nothing(request: HttpRequest) -> Iterator[None]:
    """One transaction with the session in it. If it fails, what the request holds of the session is not saved later."""
    try:
        with transaction.atomic():
            yield
    except BaseException:
        request.session = type(request.session)()
        raise


def complete(request: HttpRequest, caller: Caller, attempt: Attempt, signer: SigningDevice) -> Completed:
    """Begin the session, or renew it. Call it within `whole_or_nothing`."""
    if caller.stage is None:
        next_ = _renew(request, caller.account, attempt)
    else:
        record_authentication(request, caller.account, method=METHOD, attempt=str(attempt.pk), profile=attempt.profile)
        caller.stage.state["passed"] = str(attempt.pk)
        next_ = _go_on(request, caller.stage)
    _settle_device(request, caller.account, signer)
    return Completed(next=next_, session_token=request.session.session_key if caller.is_app else None)


def fallbacks_now(caller: Caller) -> tuple[str, ...]:
    """What may stand in for face and voice in this login, now: only after attempts that failed, or where none can be made.

    With `nist-63b4` a device that is not registered can make none, and a passkey is no less than a face: it may come first.
    """
    if caller.stage is None:
        return ()
    strict = configuration().policy.profile is LoginProfile.NIST_63B4
    if has_references(caller.account) and not strict:
        failed = Attempt.objects.filter(binding=caller.binding).exclude(state=AttemptState.ACCEPTED).count()
        if failed < configuration().policy.fallback_after:
            return ()
    return profile.fallbacks_of(caller.account)


def choose_fallback(request: HttpRequest, caller: Caller) -> str:
    """Go on to the other second factor. Returns its page.

    Raises:
        Problem: FALLBACK_UNAVAILABLE.
    """
    kinds = fallbacks_now(caller)
    if caller.stage is None or not kinds:
        raise Problem(ProblemCode.FALLBACK_UNAVAILABLE)
    with whole_or_nothing(request):
        caller.stage.state["fallback"] = True
        next_ = _go_on(request, caller.stage)
        request.session.save()
        record(EventKind.FALLBACK_CHOSEN, account=caller.account.pk, details={"types": ".".join(kinds)})
    return next_


def _go_on(request: HttpRequest, stage: LoginStage) -> str:
    """Leave the stage; the next one, or the session. Returns the page."""
    stage.exit()
    if request.user.is_authenticated:
        return str(get_login_redirect_url(request, stage.login.redirect_url, signup=stage.login.signup))
    pending = get_pending_stage(request)
    return reverse(pending.urlname if pending and pending.urlname else "account_login")


def _renew(request: HttpRequest, account: User, attempt: Attempt) -> str:
    """It is still them: say so in the session, under a new key."""
    record_authentication(request, account, method=METHOD, profile=attempt.profile, reauthenticated=True)
    before = request.session.session_key
    request.session.cycle_key()
    request.session.save()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)
    record(EventKind.REAUTHENTICATED, account=account.pk, details={"method": METHOD})
    return reverse("account")


def _settle_device(request: HttpRequest, account: User, signer: SigningDevice) -> None:
    token = getattr(request, "device_token_to_give", None) or guard.device_token.get()
    known = KnownDevice.objects.recognise(account.pk, token) if token else None
    if SigningDevice.objects.settle(signer, known_device=known):
        record(EventKind.SIGNING_DEVICE_ADDED, account=account.pk, details={"device": str(signer.pk)})
        get_adapter(request).send_notification_mail("ceremonies/email/device_added", account, {"device": signer.name})
