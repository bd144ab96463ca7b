"""The login page's form. Apart from the other forms, which allauth's own are built on."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django.utils.translation import gettext_lazy as _


class LoginForm(AllauthLoginForm):
    """Says what may be typed into its one field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = _("Username, e-mail, phone or account number")
        login.max_length = 254
        login.widget.attrs |= {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        del login.widget.attrs["placeholder"]
        self.fields["remember"].label = _("Stay logged in on this device")
