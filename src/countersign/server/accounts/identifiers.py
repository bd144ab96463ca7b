"""What people log in with, in the one spelling that is stored and compared.

Four kinds share one field on the login page, so no text may be two of them: an e-mail address has an ``@``, a phone
number is stored with its ``+``, an account number has digits only, and a username has no ``@``, no leading ``+`` and
something besides digits. Digits typed without a ``+`` are looked up as account number first, then as a phone number of
the configured country.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

_USERNAME = re.compile(r"[\w.-]{3,40}")
_ACCOUNT_NUMBER = re.compile(r"[0-9]{4,20}")
_LOOKALIKE_SCRIPTS = {"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC"}
_LONGEST_EMAIL = 254


def normalise_username(text: str) -> str:
    """A username as it is shown: NFKC, without surrounding spaces.

    Raises:
        ValidationError: it is none.
    """
    name = unicodedata.normalize("NFKC", text).strip()
    if not _USERNAME.fullmatch(name) or name.isdecimal() or not any(map(str.isalnum, name)):
        raise ValidationError(
            _("A username has 3 to 40 letters, digits, dots, hyphens or underscores, and not only digits."),
            code="invalid_username",
        )
    scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in name if letter.isalpha()}
    if len(scripts & _LOOKALIKE_SCRIPTS) > 1:
        # "admin" with a Cyrillic first letter is not "admin" (Unicode Technical Standard 39, restriction levels).
        raise ValidationError(_("A username cannot mix alphabets that look alike."), code="mixed_scripts")
    return name


def username_key(text: str) -> str:
    """What usernames are compared by: caseless matching by Unicode 3.13, D146 (NFKC before and after folding)."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return unicodedata.normalize("NFKC", folded)


def normalise_email(text: str) -> str:
    """An e-mail address in lower case, its domain as it goes over the wire (IDNA).

    Raises:
        ValidationError: it is none.
    """
    address = unicodedata.normalize("NFKC", text).strip().lower()
    local, _at, domain = address.rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise ValidationError(_("Enter a valid e-mail address."), code="invalid_email") from None
    if len(address) > _LONGEST_EMAIL or not address.isascii():  # Django alone takes a dotless i for an i
        raise ValidationError(_("Enter a valid e-mail address."), code="invalid_email")
    validate_email(address)
    return address


def normalise_phone(text: str, region: str = "") -> str:
    """A phone number by E.164: ``+`` and at most 15 digits.

    Args:
        text: as typed.
        region: country of numbers without a country code; without one, such numbers are refused.

    Raises:
        ValidationError: it is none.
    """
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), region or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_possible_number(number):
        raise ValidationError(
            _("Enter a phone number with its country code, for example +31 6 12345678."), code="invalid_phone"
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise_account_number(text: str) -> str:
    """An account number: its digits, leading zeros kept, spaces and hyphens dropped.

    Raises:
        ValidationError: it is none.
    """
    digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
    if not _ACCOUNT_NUMBER.fullmatch(digits):
        raise ValidationError(_("An account number has 4 to 20 digits."), code="invalid_account_number")
    return digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Every way to read what was typed; None where it cannot be read so."""

    username_key: str | None
    email: str | None
    phone: str | None
    account_number: str | None

    @property
    def canonical(self) -> str:
        """One spelling for all that mean the same, to count guesses at a name that nobody has."""
        return self.email or self.account_number or self.phone or self.username_key or ""


def read(typed: str, region: str = "") -> Readings:
    """How the one field of a login page may be meant. Never raises: what cannot be read is nobody's."""
    typed = typed[:_LONGEST_EMAIL]
    return Readings(
        username_key=username_key(typed) if _or_none(normalise_username, typed) else None,
        email=_or_none(normalise_email, typed) if "@" in typed else None,
        phone=_or_none(partial(normalise_phone, region=region), typed),
        account_number=_or_none(normalise_account_number, typed),
    )


def _or_none(normalise: Callable[[str], str], typed: str) -> str | None:
    try:
        return normalise(typed)
    except ValidationError:
        return None
