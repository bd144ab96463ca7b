"""Length and a blocklist decide; there are no rules of composition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from countersign.server.accounts.models import User
from countersign.server.accounts.passwords import SecretPolicy, is_repetitive

PERSON = User(
    name="Ann Otherwise",
    username="annother",
    email="ann.otherwise@example.org",
    phone="+31612345678",
    account_number="0012345678",
)


def codes(secret: str, user: User | None = None) -> set[str | None]:
    try:
        SecretPolicy().validate(secret, user)
    except ValidationError as refused:
        return {error.code for error in refused.error_list}
    return set()


@pytest.fixture
def beside_face_and_voice(configured: Callable[..., Any]) -> None:
    configured(biometric_step=True)


@pytest.fixture
def with_pin(configured: Callable[..., Any]) -> None:
    configured(biometric_step=True, allow_pin=True)


def test_alone_a_password_needs_fifteen_characters() -> None:
    assert codes("fourteen-chars") == {"password_too_short"}
    assert codes("fifteen-charact") == set()


@pytest.mark.usefixtures("beside_face_and_voice")
def test_beside_face_and_voice_eight_are_enough() -> None:
    assert codes("seven-c") == {"password_too_short"}
    assert codes("eight-ch") == set()


@pytest.mark.parametrize(
    "secret",
    [
        "quietly lowercase only",
        "ALL CAPITALS AND SPACES",
        "384750293847502",
        "ツツジの花が咲いた庭で猫が寝ている",
        "\U0001f600\U0001f408\U0001f33b\U0001f4a1\U0001f6f6 five pictures",
    ],
)
def test_no_kind_of_character_is_demanded_or_refused(secret: str) -> None:
    assert codes(secret) == set()


def test_a_hundred_and_twenty_eight_characters_are_the_most() -> None:
    long = "".join(chr(0x4E00 + number) for number in range(129))
    assert codes(long[:128]) == set()
    assert codes(long) == {"password_too_long"}


@pytest.mark.usefixtures("beside_face_and_voice")
@pytest.mark.parametrize("secret", ["password1", "PassWord1", "iloveyou1", "trustno1", "ｐａｓｓｗｏｒｄ１"])  # noqa: RUF001
def test_common_passwords_are_refused_however_they_are_written(secret: str) -> None:
    assert codes(secret) & {"password_too_common", "password_repetitive"}


@pytest.mark.parametrize("secret", ["aaaaaaaaaaaaaaaa", "abcabcabcabcabcabc", "1234123412341234"])
def test_a_password_that_repeats_itself_is_refused(secret: str) -> None:
    assert codes(secret) == {"password_repetitive"}


@pytest.mark.parametrize(
    "secret", ["ann.otherwise@example.org", "Otherwise-2026", "0012345678", "countersign1", "31612345678!"]
)
@pytest.mark.usefixtures("beside_face_and_voice")
def test_what_everybody_knows_of_the_person_is_refused(secret: str) -> None:
    assert "password_too_similar" in codes(secret, PERSON)


@pytest.mark.usefixtures("beside_face_and_voice")
def test_a_name_inside_a_longer_password_is_fine() -> None:
    assert codes("otherwise we would be late", PERSON) == set()


@pytest.mark.usefixtures("with_pin")
@pytest.mark.parametrize("pin", ["385027", "9402857", "730194852067"])
def test_a_pin_is_accepted_where_the_configuration_allows_one(pin: str) -> None:
    assert codes(pin) == set()


def test_elsewhere_it_is_a_password_that_is_too_short() -> None:
    assert codes("385027") == {"password_too_short"}


@pytest.mark.usefixtures("with_pin")
@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("111111", "pin_repetitive"),
        ("121212", "pin_repetitive"),
        ("123123", "pin_repetitive"),
        ("12341234", "pin_repetitive"),
        ("123456", "pin_sequential"),
        ("890123", "pin_sequential"),
        ("987654", "pin_sequential"),
        ("240785", "pin_date"),
        ("072485", "pin_date"),
        ("850724", "pin_date"),
        ("24071985", "pin_date"),
    ],
)
def test_pins_that_thieves_try_first_are_refused(pin: str, code: str) -> None:
    assert code in codes(pin)


@pytest.mark.usefixtures("with_pin")
def test_a_pin_of_the_persons_own_numbers_is_refused() -> None:
    assert "password_too_similar" in codes("612345", PERSON)
    assert "password_too_similar" in codes("0012345", PERSON)


@pytest.mark.usefixtures("with_pin")
@pytest.mark.parametrize("pin", ["12345", "385 02"])
def test_what_is_neither_pin_nor_password_is_refused(pin: str) -> None:
    assert codes(pin) == {"password_too_short"}


def test_only_whole_repetition_counts() -> None:
    assert is_repetitive("abab")
    assert is_repetitive("ababa")
    assert not is_repetitive("abac")
    assert not is_repetitive("a")


def test_the_form_says_what_is_asked(configured: Callable[..., Any]) -> None:
    assert "15 characters" in SecretPolicy().get_help_text()
    configured(biometric_step=True, allow_pin=True)
    assert "PIN" in SecretPolicy().get_help_text()
