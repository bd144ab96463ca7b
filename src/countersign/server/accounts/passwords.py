"""What may be a password or a PIN: SP 800-63B-4, 3.1.1.2. Length and a blocklist, no rules of composition, no expiry."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from countersign.server.accounts.models import User
from countersign.server.project.current import configuration

LONGEST_PASSWORD = 128
SHORTEST_PIN, LONGEST_PIN = 6, 12
_SHORTEST_CONTEXT_WORD = 4
_LONGEST_ADDITION = 6
_DATES = {6: ("%d%m%y", "%m%d%y", "%y%m%d"), 8: ("%d%m%Y", "%m%d%Y", "%Y%m%d")}


class SecretPolicy:
    """The one password validator of the project."""

    def __init__(self) -> None:
        self._common = CommonPasswordValidator()

    def validate(self, password: str, user: User | None = None) -> None:
        """Accept a password, or a PIN where the configuration allows one.

        Raises:
            ValidationError: with every reason.
        """
        password = unicodedata.normalize("NFKC", password)
        if configuration().accounts.allow_pin and is_pin(password):
            problems = pin_problems(password)
        else:
            problems = self._password_problems(password)
        words = context_words(user) if user is not None else ()
        problems += context_problems(password, words)
        if problems:
            raise ValidationError(problems)

    def get_help_text(self) -> str:
        """One sentence for the form."""
        least = configuration().least_password_length
        if configuration().accounts.allow_pin:
            return _("At least %(least)d characters, or a PIN of 6 to 12 digits.") % {"least": least}
        return _("At least %(least)d characters. A few words that only you would put together are best.") % {
            "least": least
        }

    def _password_problems(self, password: str) -> list[ValidationError]:
        least = configuration().least_password_length
        if len(password) < least:
            message = _("This password is too short: it needs at least %(least)d characters.") % {"least": least}
            return [ValidationError(message, code="password_too_short")]
        if len(password) > LONGEST_PASSWORD:
            message = _("This password is too long: %(most)d characters at most.") % {"most": LONGEST_PASSWORD}
            return [ValidationError(message, code="password_too_long")]
        if is_repetitive(password):
            return [ValidationError(_("This password repeats itself."), code="password_repetitive")]
        try:
            self._common.validate(password)
        except ValidationError:
            return [ValidationError(_("This password is one of the most common ones."), code="password_too_common")]
        return []


def is_pin(text: str) -> bool:
    """Whether this is meant as a PIN."""
    return re.fullmatch(rf"[0-9]{{{SHORTEST_PIN},{LONGEST_PIN}}}", text) is not None


def pin_problems(pin: str) -> list[ValidationError]:
    """What people choose most and thieves try first: repetitions, runs, dates (Wang et al., 2017)."""
    if is_repetitive(pin):
        return [ValidationError(_("This PIN repeats itself."), code="pin_repetitive")]
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if steps in ({1}, {9}):
        return [ValidationError(_("This PIN counts up or down."), code="pin_sequential")]
    if any(_is_date(pin, order) for order in _DATES.get(len(pin), ())):
        return [ValidationError(_("This PIN is a date."), code="pin_date")]
    return []


def is_repetitive(text: str) -> bool:
    """Whether the whole is a piece of 1 to 4 characters, over and over."""
    return any(len(text) > size and text == (text[:size] * len(text))[: len(text)] for size in range(1, 5))


def context_words(user: User) -> tuple[str, ...]:
    """What everybody knows about the person."""
    email = user.email or ""
    local, _at, domain = email.partition("@")
    numbers = ((user.phone or "").lstrip("+"), user.account_number or "")
    return (user.name, *user.name.split(), user.username, email, local, *local.split("."), domain, *numbers)


def context_problems(password: str, words: Iterable[str]) -> list[ValidationError]:
    """The person's own name, address or number is no secret, nor is the name of this software; not with a year added."""
    left = folded = password.casefold()
    known = {word.casefold() for word in (*words, "countersign") if len(word) >= _SHORTEST_CONTEXT_WORD}
    for word in sorted(known, key=len, reverse=True):
        left = left.replace(word, "")
    if any(folded in word for word in known) or (left != folded and len(left) <= _LONGEST_ADDITION):
        return [ValidationError(_("This is too close to your name, address or number."), code="password_too_similar")]
    return []


def _is_date(digits: str, order: str) -> bool:
    try:
        return 1900 <= datetime.strptime(digits, order).year <= 2099  # noqa: DTZ007 - a day in a PIN has no time zone
    except ValueError:
        return False
