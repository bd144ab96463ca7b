"""Addresses."""

from __future__ import annotations

from allauth import urls as account_urls
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.headless import urls as headless_urls
from allauth.idp.oidc.models import Client, Token
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from countersign.server.accounts.views import DetailsView, phone_endpoints
from countersign.server.ceremonies import api as ceremonies_api
from countersign.server.ceremonies.login.pages import page_urls
from countersign.server.oidc import urls as oidc_urls
from countersign.server.project.transactions import in_one_transaction
from countersign.server.web.views import AccountView, EnrolmentView, service_worker

_oidc = [*oidc_urls.own, *oidc_urls.provider] if settings.IDP_OIDC_PRIVATE_KEYS else []
in_one_transaction(oidc_urls.own)
in_one_transaction(account_urls.urlpatterns)
in_one_transaction(headless_urls.urlpatterns)

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # no door of its own, with all its stages

# What we show of these, and let operators change, is for the console to say; as they come they would show too much.
for model in (EmailAddress, Authenticator, UserSession, Client, Token, Group):
    admin.site.unregister(model)

ours: list[URLPattern | URLResolver] = [
    path("account/details/", DetailsView.as_view(), name="account_details"),
    # A page or an endpoint of ours that replaces one of allauth's goes before its include.
    path("accounts/phone/change/", RedirectView.as_view(pattern_name="account_details")),
    path("accounts/phone/verify/", RedirectView.as_view(pattern_name="account_details")),
    path("_allauth/", include(phone_endpoints())),
    *page_urls(),
]
in_one_transaction(ours)

urlpatterns = [
    *ours,
    *_oidc,
    path("", RedirectView.as_view(pattern_name="account"), name="start"),
    path("api/v1/", ceremonies_api.urls(ceremonies_api.make_api())),
    path("account/", AccountView.as_view(), name="account"),
    path("accounts/enrol/", EnrolmentView.as_view(), name="enrolment"),
    path("service-worker.js", service_worker, name="service_worker"),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("console/logout/", RedirectView.as_view(pattern_name="account_logout")),
    path("console/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("console/", admin.site.urls),
]

handler400 = "countersign.server.project.failed_requests.bad_request"
handler500 = "countersign.server.project.failed_requests.failure"
