"""What signing up asks beyond allauth's own fields. Pages and API both build on it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from countersign.server.accounts.identifiers import normalise_account_number, normalise_phone
from countersign.server.accounts.models import User
from countersign.server.accounts.passwords import context_problems, context_words
from countersign.server.project.current import configuration


class PhoneField(forms.CharField):
    """A phone number, given back by E.164."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Phone number"))
        kwargs.setdefault("max_length", 40)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """The number, or empty where none is required."""
        text = super().clean(value)
        return normalise_phone(text, configuration().accounts.phone_region) if text else ""


class SignUpFields(forms.Form):
    """Name and account number, and what allauth would not tell by field."""

    field_order = ["name", "username", "email", "phone", "account_number", "password1"]

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    account_number = forms.CharField(
        label=_("Account number (optional)"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_account_number(self) -> str:
        """Its digits; empty where there is none."""
        text: str = self.cleaned_data["account_number"]
        if not text:
            return ""
        number = normalise_account_number(text)
        if User.objects.filter(account_number=number).exists():
            raise ValidationError(
                _("There is an account with this account number already."), code="account_number_taken"
            )
        return number

    def clean(self) -> dict[str, Any]:
        """What concerns several fields, each told at the field that has to change."""
        super().clean()
        data = self.cleaned_data
        phone = data.get("phone")
        if phone and User.objects.filter(phone=phone).exists():
            self.add_error(
                "phone", ValidationError(_("There is an account with this phone number already."), code="phone_taken")
            )
        for field in {"password", "password1"} & data.keys():
            person = User(
                name=data.get("name", ""),
                username=data.get("username") or "",
                email=data.get("email"),
                phone=phone,
                account_number=data.get("account_number"),
            )
            problems = context_problems(data[field] or "", context_words(person))
            if problems:
                self.add_error(field, problems)
        return data

    def signup(self, request: HttpRequest, user: User) -> None:
        """Nothing: the adapter saves these fields together with the others."""
