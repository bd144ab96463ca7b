"""What a person may change of their own account beyond allauth's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from allauth.account.decorators import reauthentication_required
from allauth.headless.account.views import ManagePhoneView
from allauth.headless.constants import Client
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.generic import UpdateView

from countersign.server.accounts.allauth_internals import (
    ErrorResponse,
    PhoneNumbersResponse,
    raise_if_reauthentication_required,
)
from countersign.server.accounts.forms import PhoneField
from countersign.server.accounts.models import User

if TYPE_CHECKING:
    UserForm: TypeAlias = ModelForm[User]
    UserView: TypeAlias = UpdateView[User, UserForm]
else:  # at run time Django's classes take no parameters
    UserForm, UserView = ModelForm, UpdateView


class DetailsForm(UserForm):
    """Name, username and phone number. The account number is for the operator to change, the address has a page of its own."""

    phone = PhoneField(label=_("Phone number (optional)"), required=False)

    class Meta:
        model = User
        fields = ("name", "username", "phone")

    def clean_phone(self) -> str | None:
        """NULL where there is none, so that many may have none."""
        return self.cleaned_data["phone"] or None


@method_decorator(reauthentication_required(app="allauth.account"), name="dispatch")
class DetailsView(LoginRequiredMixin, UserView):
    """Change them, after giving the password again: they are what the person logs in with."""

    form_class = DetailsForm
    template_name = "web/details.html"
    success_url = reverse_lazy("account")

    def get_object(self, queryset: Any = None) -> User:  # noqa: ARG002 - Django's signature
        """A fresh copy, so that a refused change does not show in the page's head."""
        return _fresh(self.request)

    def form_valid(self, form: UserForm) -> HttpResponse:
        """Save. A number that changed is no longer proved."""
        if "phone" in form.changed_data:
            form.instance.phone_verified = False
        messages.success(self.request, _("Changed."))
        return super().form_valid(form)


class PhoneEndpoint(ManagePhoneView):
    """Change the phone number by API. Allauth's own would send a code, and there is no gateway for text messages."""

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Store the number, unproved."""
        raise_if_reauthentication_required(request, app="allauth.account")
        user, phone = _fresh(request), self.input.cleaned_data["phone"]
        if User.objects.filter(phone=phone).exclude(pk=user.pk).exists():
            taken = ValidationError(_("There is an account with this phone number already."), code="phone_taken")
            self.input.add_error("phone", taken)
            refused: HttpResponse = ErrorResponse(request, input=self.input)
            return refused
        user.phone, user.phone_verified = phone, False
        user.save(update_fields=["phone", "phone_verified"])
        answer: HttpResponse = PhoneNumbersResponse(request, [{"phone": phone, "verified": False}])
        return answer


def _fresh(request: HttpRequest) -> User:
    assert request.user.pk is not None  # noqa: S101 - both views are for who is logged in
    return User.objects.get(pk=request.user.pk)


def phone_endpoints() -> list[URLPattern]:
    """The endpoint for apps and for browsers, at allauth's own addresses."""
    return [
        path(f"{client.value}/v1/account/phone", PhoneEndpoint.as_api_view(client=client), name=f"{client.value}_phone")
        for client in Client
    ]
