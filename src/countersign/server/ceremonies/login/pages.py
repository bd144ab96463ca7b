"""The pages of the login ceremony. What they do, they do through the API."""

from __future__ import annotations

from typing import Any, TypedDict
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url
from allauth.headless.account.views import ReauthenticateView
from allauth.headless.constants import Client
from allauth.headless.mfa.inputs import CreateWebAuthnInput
from allauth.headless.mfa.views import SignupWebAuthnView
from allauth.mfa.webauthn.views import signup_webauthn
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView, View

from countersign.server.accounts.allauth_internals import (
    ReauthenticationResponse,
    did_recently_reauthenticate,
    login_stage_required,
    resume_request,
)
from countersign.server.ceremonies.callers import STAGE, Caller, find_caller
from countersign.server.ceremonies.login import completion, profile
from countersign.server.ceremonies.login.adapter import needs_biometrics
from countersign.server.ceremonies.models import Purpose
from countersign.server.ceremonies.problems import Problem
from countersign.server.ceremonies.references.holding import has_references

_at_the_stage = method_decorator(login_stage_required(stage=STAGE, redirect_urlname="account_login"), name="dispatch")


class CaptureConfig(TypedDict):
    """What the page tells the capture component.

    ``account`` names the person's key in a browser that several people use.
    """

    purpose: str
    account: str
    next: str
    fallbacks: list[str]
    fallback_url: str


class _CapturePage(TemplateView):
    template_name = "ceremonies/biometric.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The component's configuration."""
        return super().get_context_data(**kwargs) | {"config": self.config()}

    def config(self) -> CaptureConfig:
        """What the page tells the capture component."""
        raise NotImplementedError


@_at_the_stage
class StagePage(_CapturePage):
    """Face and voice, after the password. With nothing enrolled it leads to the enrolment first."""

    caller: Caller

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Nobody whose password was changed meanwhile."""
        caller = find_caller(request)
        if caller is None:
            return redirect("account_login")
        if not has_references(caller.account):
            return redirect("enrolment")
        self.caller = caller
        return super().dispatch(request, *args, **kwargs)

    def config(self) -> CaptureConfig:
        """Of a login."""
        return CaptureConfig(
            purpose=Purpose.LOGIN.value,
            account=str(self.caller.account.pk),
            next="",
            fallbacks=list(completion.fallbacks_now(self.caller)),
            fallback_url=reverse("account_biometric_fallback"),
        )


@_at_the_stage
class FallbackPage(View):
    """Another second factor instead, where that was offered."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Go to its page, or back."""
        caller = find_caller(request)
        if caller is None:
            return redirect("account_login")
        try:
            return HttpResponseRedirect(completion.choose_fallback(request, caller))
        except Problem:
            return redirect("account_biometric")


class ReauthenticationPage(LoginRequiredMixin, _CapturePage):
    """Face and voice again, before something sensitive."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only who has them enrolled."""
        if request.user.is_authenticated and not needs_biometrics(request.user):
            return HttpResponseRedirect(_with_next(request, "account_reauthenticate"))
        return super().dispatch(request, *args, **kwargs)

    def config(self) -> CaptureConfig:
        """Of a re-authentication: the person's other second factors are there from the start, as in allauth."""
        user = self.request.user
        assert user.is_authenticated  # noqa: S101 - `LoginRequiredMixin` lets nobody else in
        fallbacks = list(profile.fallbacks_of(user))
        return CaptureConfig(
            purpose=Purpose.REAUTHENTICATION.value,
            account=str(user.pk),
            next=_with_next(self.request, "account_reauthenticate_resume"),
            fallbacks=fallbacks,
            fallback_url=_with_next(self.request, "account_reauthenticate_fallback") if fallbacks else "",
        )


class ReauthenticationFallbackPage(LoginRequiredMixin, View):
    """To the other second factors."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Go to allauth's page of the first that the person has."""
        methods = get_adapter(request).get_reauthentication_methods(request.user)
        others = [method["url"] for method in methods if method["id"] != "biometric"]
        return HttpResponseRedirect(_and_next(request, others[0]) if others else reverse("account"))


class ResumePage(LoginRequiredMixin, View):
    """Where the capture component goes after a re-authentication: on with what was broken off for it."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Take it up again."""
        if not did_recently_reauthenticate(request):
            return HttpResponseRedirect(_with_next(request, "account_reauthenticate"))
        resumed: HttpResponseBase | None = resume_request(request)
        return resumed or redirect("account")


class PasskeyEndpoint(SignupWebAuthnView):
    """Making a passkey while the login waits for one, by API. Signing up is by password."""

    http_method_names = ["get", "put", "options"]
    input_class = {"PUT": CreateWebAuthnInput}


class ReauthenticationEndpoint(ReauthenticateView):
    """Re-authentication by password through the headless API: not for people who are asked for face and voice."""

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse before the password is looked at, or go on as allauth does."""
        if needs_biometrics(request.user):
            refused: HttpResponseBase = _ByFaceAndVoice(request)
            return refused
        answered: HttpResponseBase = super().handle(request, *args, **kwargs)
        return answered


class _ByFaceAndVoice(ReauthenticationResponse):
    def _get_flows(self, request: HttpRequest, user: Any) -> list[dict[str, object]]:
        theirs = super()._get_flows(request, user)
        return [{"id": "biometric"}, *(flow for flow in theirs if flow["id"] != "reauthenticate")]


def _with_next(request: HttpRequest, name: str) -> str:
    return _and_next(request, reverse(name))


def _and_next(request: HttpRequest, url: str) -> str:
    next_ = get_next_redirect_url(request)
    return f"{url}?{urlencode({'next': next_})}" if next_ else url


def page_urls() -> list[URLPattern]:
    """All of them, and the endpoint that replaces allauth's own."""
    return [
        path("accounts/biometric/", StagePage.as_view(), name="account_biometric"),
        path("accounts/biometric/fallback/", FallbackPage.as_view(), name="account_biometric_fallback"),
        path(
            "accounts/reauthenticate/biometric/",
            ReauthenticationPage.as_view(),
            name="account_reauthenticate_biometric",
        ),
        path(
            "accounts/reauthenticate/fallback/",
            ReauthenticationFallbackPage.as_view(),
            name="account_reauthenticate_fallback",
        ),
        path("accounts/reauthenticate/resume/", ResumePage.as_view(), name="account_reauthenticate_resume"),
        # Allauth has these for signing up without a password alone; here they complete a login of `nist-63b4`.
        path("accounts/2fa/webauthn/signup/", signup_webauthn, name="mfa_signup_webauthn"),
        *(
            path(
                f"_allauth/{client.value}/v1/auth/webauthn/signup",
                PasskeyEndpoint.as_api_view(client=client),
                name="signup_webauthn",
            )
            for client in Client
        ),
        *(
            path(
                f"_allauth/{client.value}/v1/auth/reauthenticate",
                ReauthenticationEndpoint.as_api_view(client=client),
                name="reauthenticate",  # the name that keeps it out of a transaction: it looks at a password
            )
            for client in Client
        ),
    ]
