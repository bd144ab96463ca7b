"""The authorization endpoint: who may, how they must have logged in, and what is remembered of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from allauth.idp.oidc.models import Client
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from oauthlib.oauth2.rfc6749 import errors

from countersign.server.accounts.allauth_internals import get_authentication_records
from countersign.server.accounts.models import User
from countersign.server.audit.events import EventKind
from countersign.server.audit.record import record
from countersign.server.oidc import asked as asking
from countersign.server.oidc.allauth_internals import AuthorizationView as AllauthView
from countersign.server.oidc.allauth_internals import extract_params, get_server
from countersign.server.oidc.asked import Asked
from countersign.server.oidc.facts import Acr, Facts, facts
from countersign.server.oidc.models import Application, Credential, CredentialKind, Grant, credential_hash
from countersign.server.oidc.registration import audit_token, is_registered
from countersign.server.oidc.steps import way_to


class UnmetAuthenticationRequirementsError(errors.OAuth2Error):
    """OpenID Connect Core Error Code unmet_authentication_requirements 1.0."""

    error = "unmet_authentication_requirements"


@method_decorator(csrf_exempt, name="dispatch")  # as allauth has it; overriding loses it
class AuthorizationView(AllauthView):
    """Allauth's, with PKCE for everybody, access control, fresh and strong logins on demand, and facts for the ID token."""

    _asked = Asked()
    _request_info: dict[str, Any]
    _scopes: list[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Serve one request; what goes back to the application is completed here."""
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        target = response.headers.get("Location", "")
        if not urlsplit(target).scheme:
            return response
        code = parse_qs(urlsplit(target).query).get("code", [""])[0]
        if code:
            self._remember(request, code)
        return self._back_to_the_application(request, target)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Validate, send the person to log in where that is asked, then go on as allauth does."""
        if "none" not in request.GET.get("prompt", "").split() and not request.user.is_authenticated:
            self._query = request.GET.copy()
            return self._send_away(reverse("account_login"), asking.marker_for_anybody())
        self._take_claims_out(request)
        try:
            sent_away = self._check(request)
        except (errors.FatalClientError, ValidationError) as error:
            return render(request, "idp/oidc/error.html", {"error": error}, status=400)
        except errors.OAuth2Error as error:
            error.response_mode = None  # answers are always in the query
            return _raw_redirect(error.in_uri(error.redirect_uri))
        answer: HttpResponse = sent_away or super().get(request, *args, **kwargs)
        return answer

    def _login_required(self, request: HttpRequest) -> HttpResponse | None:
        # Allauth would drop prompt=login unseen; `get` has seen to it. This is for POST.
        if request.method == "POST" and not request.user.is_authenticated:
            return HttpResponseRedirect(reverse("account_login"))
        return None

    def get_initial(self) -> dict[str, Any]:
        """What is asked of the login travels in the signed part of the consent form."""
        self._request_info["asked"] = self._asked.as_json()
        initial: dict[str, Any] = super().get_initial()
        return initial

    def form_valid(self, form: Any) -> HttpResponse:
        """Consent was given: look once more at what may have changed while the page was open."""
        if "asked" in self._request_info:
            self._asked = Asked.from_json(self._request_info.pop("asked"))
        self._scopes = form.cleaned_data["scopes"]
        application = Application.objects.filter(pk=self._request_info["client_id"]).first()
        found = self._facts()
        met = found is not None and (self._asked.met_by(found) or not self._asked.essential)
        if application is None or not application.admits(self.request.user) or not met:
            denied: HttpResponse = self._respond_with_access_denied()
            return denied
        answer: HttpResponse = super().form_valid(form)
        return answer

    def _take_claims_out(self, request: HttpRequest) -> None:
        # Allauth takes any request with claims but without a claim `sub` in it for one about another person.
        self._query = request.GET.copy()
        rest = request.GET.copy()
        self._claims = rest.pop("claims", [""])[-1]
        request.GET = rest  # type: ignore[assignment]  # Django's own views do the same
        request.META["QUERY_STRING"] = rest.urlencode()

    def _check(self, request: HttpRequest) -> HttpResponse | None:
        """Refuse by an exception, send the person away, or go on."""
        self._scopes, info = get_server().validate_authorization_request(*extract_params(request))
        asked_by = info["request"]
        self._request_info = info
        _check_form(request, asked_by)
        person = _person(request)
        application = Application.objects.filter(pk=asked_by.client.pk).first()
        if application is None or not application.admits(person):
            details = {"client": audit_token(asked_by.client.pk), "reason": "not_admitted"}
            record(EventKind.APPLICATION_REFUSED, account=person.pk, details=details)
            raise errors.AccessDeniedError(request=asked_by)
        least = Acr(application.least_acr) if application.least_acr else None
        try:
            claims = asking.parse_claims(self._claims)
            self._asked = asking.read(request.GET.dict(), claims, person.pk, least)
        except asking.UnreadableRequestError as error:
            raise errors.InvalidRequestError(description=str(error), request=asked_by) from None
        if claims.subject not in {None, str(person.pk)}:
            raise errors.LoginRequired(request=asked_by)
        silent = "none" in request.GET.get("prompt", "").split()
        sent_away = self._step(person, asked_by, silent=silent)
        if silent and not _consented(person, asked_by.client, self._scopes):
            raise errors.ConsentRequired(request=asked_by)
        return sent_away

    def _step(self, person: User, asked_by: Any, *, silent: bool) -> HttpResponse | None:
        found, asked = self._facts(), self._asked
        if found is None:
            way = way_to(person, asked.classes[0] if asked.classes else None) or way_to(person, None)
            if silent or way is None:
                raise errors.LoginRequired(request=asked_by)
            return self._send_away(way, asking.marker(person.pk, asked, tried=True))
        if asked.met_by(found):
            return None
        ways = [way for acr in asked.classes if (way := way_to(person, acr)) is not None]
        if ways and not asked.tried and not silent:
            return self._send_away(ways[0], asking.marker(person.pk, asked, tried=True))
        if asked.essential:
            raise UnmetAuthenticationRequirementsError(request=asked_by)
        return None

    def _send_away(self, way: str, marker: str) -> HttpResponse:
        back = self._query
        back[asking.MARKER] = marker
        prompts = [prompt for prompt in back.pop("prompt", [""])[-1].split() if prompt != "login"]
        if prompts:
            back["prompt"] = " ".join(prompts)
        return HttpResponseRedirect(f"{way}?{urlencode({'next': f'{self.request.path}?{back.urlencode()}'})}")

    def _facts(self) -> Facts | None:
        return facts(get_authentication_records(self.request, self.request.user), since=self._asked.since)

    def _remember(self, request: HttpRequest, code: str) -> None:
        found, client_id = self._facts(), self._request_info["client_id"]
        assert found is not None  # noqa: S101 - looked at before the code was made
        with transaction.atomic():
            grant = Grant.objects.create(
                account=_person(request),
                client_id=client_id,
                session_key=request.session.session_key or "",
                scopes=" ".join(self._scopes),
                claims=found.claims(self._asked.classes),
            )
            Credential.objects.create(hash=credential_hash(code), grant=grant, kind=CredentialKind.CODE)
            details = {"client": audit_token(client_id), "acr": found.acr.value}
            record(EventKind.APPLICATION_GRANTED, account=_person(request).pk, details=details)

    def _back_to_the_application(self, request: HttpRequest, target: str) -> HttpResponse:
        issuer = urlencode({"iss": request.build_absolute_uri("/").rstrip("/")})  # RFC 9207
        target = f"{target}{'&' if urlsplit(target).query else '?'}{issuer}"
        if request.headers.get("Sec-Fetch-Site") != "same-origin":
            return _raw_redirect(target)
        # The person comes from a form of ours, whose policy (form-action) would stop a redirect to another origin.
        return render(request, "oidc/continue.html", {"target": target})


def _check_form(request: HttpRequest, asked_by: Any) -> None:
    if not is_registered(asked_by.redirect_uri, asked_by.client):
        raise errors.MismatchingRedirectURIError(request=asked_by)
    if {"request", "request_uri"} & request.GET.keys():
        raise errors.CustomOAuth2Error("request_not_supported", request=asked_by)
    if asked_by.response_type != "code" or asked_by.response_mode not in {None, "query"}:
        raise errors.UnsupportedResponseTypeError(request=asked_by)
    if not asked_by.code_challenge or asked_by.code_challenge_method != "S256":
        description = "PKCE with S256 is required (RFC 7636)."
        raise errors.InvalidRequestError(description=description, request=asked_by)


def _consented(person: User, client: Client, scopes: list[str]) -> bool:
    """Allauth asks for tokens of any application; consent to one is not consent to another."""
    given = Grant.objects.live().filter(account=person, client=client).values_list("scopes", flat=True)
    return client.skip_consent or any(set(scopes) <= set(text.split()) for text in given)


def _raw_redirect(target: str) -> HttpResponse:
    response = HttpResponse(status=302)
    response["Location"] = target  # not HttpResponseRedirect: applications on phones have schemes of their own
    return response


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - every caller has looked
    return request.user
