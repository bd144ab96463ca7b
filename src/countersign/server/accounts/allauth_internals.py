"""What we use of allauth beyond its documented interface, in one place: look here first when it is upgraded.

`tests/server/accounts/test_allauth_internals.py` holds each to what we rely on.
"""

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.account.signals import _add_email as email_about_to_be_added
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import is_headless_request
from allauth.headless.account.response import PhoneNumbersResponse
from allauth.headless.internal.restkit.response import ErrorResponse

__all__ = [
    "ErrorResponse",
    "ImmediateHttpResponse",
    "PhoneNumbersResponse",
    "email_about_to_be_added",
    "get_authentication_records",
    "is_headless_request",
    "raise_if_reauthentication_required",
]
