"""Where allauth asks us."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from countersign.server.accounts.allauth_internals import (
    ErrorResponse,
    ImmediateHttpResponse,
    get_authentication_records,
    is_headless_request,
)
from countersign.server.accounts.forms import PhoneField
from countersign.server.accounts.identifiers import normalise_email, normalise_username, username_key
from countersign.server.accounts.models import User
from countersign.server.audit.events import EventKind
from countersign.server.audit.record import record
from countersign.server.project.current import configuration


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up, login and log-out by our rules, with their audit rows. `ceremonies.login` adds the biometric step."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_taken": _("There is an account with this e-mail address already."),
        "phone_taken": _("There is an account with this phone number already."),
        "username_taken": _("There is an account with this username already."),
        "email_password_mismatch": _("These do not belong together. Check both, and try again."),
        "phone_password_mismatch": _("These do not belong together. Check both, and try again."),
        "username_password_mismatch": _("These do not belong together. Check both, and try again."),
        "too_many_login_attempts": _("Too many wrong passwords. Wait a while, or reset your password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Whether anybody may sign up."""
        return configuration().accounts.sign_up_open

    def clean_username(self, username: str, shallow: bool = False) -> str:  # noqa: FBT001, FBT002 - allauth's signature
        """A username in its one spelling, that nobody has."""
        username = normalise_username(username)
        if not shallow and User.objects.filter(username_key=username_key(username)).exists():
            raise self.validation_error("username_taken")
        return username

    def clean_email(self, email: str) -> str:
        """An e-mail address in its one spelling."""
        return normalise_email(email) if email else email

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        """A field that takes numbers as people write them."""
        label = _("Phone number") if kwargs.get("required", True) else _("Phone number (optional)")
        return PhoneField(**(kwargs | {"label": label}))

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - allauth's
        """Save a new account whole, or tell that somebody else just took one of its identifiers."""
        user.name = form.cleaned_data.get("name") or ""
        user.account_number = form.cleaned_data.get("account_number") or None
        user.phone = form.cleaned_data.get("phone") or None
        try:
            with transaction.atomic():
                super().save_user(request, user, form, commit=commit)
        except IntegrityError:
            raise ImmediateHttpResponse(self._just_taken(request)) from None
        return user

    def _just_taken(self, request: HttpRequest) -> HttpResponse:
        error = ValidationError(_("Somebody just took one of these. Try again."), code="just_taken")
        if is_headless_request(request):
            conflict: HttpResponse = ErrorResponse(request, exception=error, status=409)
            return conflict
        self.add_message(request, messages.ERROR, message=error.message)
        return redirect("account_signup")

    # Guessing is counted by `guard`, for each account; allauth would count for each spelling of a name.

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing: see `guard`."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The account, or None; an error if nothing was looked at."""
        user: User | None = super().authenticate(request, **credentials)
        if user is None and hasattr(request, "held_up_until"):
            raise self.validation_error("too_many_login_attempts")
        return user

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing: `User.save` forgets wrong guesses when a password is set."""

    def login(self, request: HttpRequest, user: User) -> None:
        """Begin the session, and record it, or neither."""
        with transaction.atomic():
            super().login(request, user)
            request.session.save()
            records = get_authentication_records(request, user)
            methods = ".".join(sorted({str(entry["method"]) for entry in records})) or "none"
            record(EventKind.SESSION_BEGAN, account=user.pk, details={"methods": methods})

    def logout(self, request: HttpRequest) -> None:
        """End the session, and record it, or neither."""
        account = request.user.pk
        with transaction.atomic():
            super().logout(request)
            if account is not None:
                record(EventKind.SESSION_ENDED, account=account)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The client's address, as far as the trusted proxies vouch for it."""
        try:
            address: str = super().get_client_ip(request)
        except ImproperlyConfigured:
            raise PermissionDenied("the request did not come through the trusted proxies") from None
        return address

    # Phone numbers are identifiers here. Proving one needs a gateway for text messages, which the project has none of.

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        """The number, and whether it was proved."""
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:  # noqa: FBT001 - allauth's signature
        """Store a number."""
        user.phone, user.phone_verified = phone, verified
        user.save(update_fields=["phone", "phone_verified"])

    def set_phone_verified(self, user: User, phone: str) -> None:
        """The number was proved."""
        self.set_phone(user, phone, verified=True)

    def get_user_by_phone(self, phone: str) -> User | None:
        """Whose number it is."""
        return User.objects.filter(phone=phone).first()

    def send_verification_code_sms(self, user: User, phone: str, code: str, **_kwargs: Any) -> None:
        """Never asked while `ACCOUNT_PHONE_VERIFICATION_ENABLED` is off."""
        raise NotImplementedError("there is no gateway for text messages")


class SessionsAdapter(DefaultUserSessionsAdapter):
    """Ending other sessions, with the audit row."""

    def end_sessions(self, sessions: list[UserSession]) -> None:
        """End them all, and record it, or neither."""
        if not sessions:
            return
        with transaction.atomic():
            super().end_sessions(sessions)
            record(EventKind.SESSIONS_REVOKED, account=sessions[0].user_id, details={"count": len(sessions)})
