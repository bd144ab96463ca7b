"""Every identifier has one spelling, and no text is two kinds of them."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from countersign.server.accounts.identifiers import (
    normalise_account_number,
    normalise_email,
    normalise_phone,
    normalise_username,
    read,
    username_key,
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ann", "ann"),
        (" Ann ", "Ann"),
        ("\uff41\uff4e\uff4e", "ann"),
        ("a.b-c_d", "a.b-c_d"),
        ("Zoë", "Zoë"),
        ("7of9", "7of9"),
        ("山田太郎", "山田太郎"),
    ],
)
def test_usernames_are_stored_composed_and_as_people_write_them(typed: str, stored: str) -> None:
    assert normalise_username(typed) == stored


@pytest.mark.parametrize("typed", ["", "ab", "12345", "٣٤٥٦", "a@b", "+31612345678", "a b", "...", "x" * 41, "a\nb"])
def test_what_could_be_mistaken_for_something_else_is_no_username(typed: str) -> None:
    with pytest.raises(ValidationError):
        normalise_username(typed)


@pytest.mark.parametrize("typed", ["\u0430dmin", "p\u0430ypal", "\u0391nn"])
def test_alphabets_that_look_alike_are_not_mixed(typed: str) -> None:
    with pytest.raises(ValidationError) as refused:
        normalise_username(typed)
    assert refused.value.code == "mixed_scripts"


@pytest.mark.parametrize(
    ("one", "other"), [("Ann", "ANN"), ("straße", "STRASSE"), ("Zoe\u0308", "ZOË"), ("ﬁnn", "FINN")]
)
def test_usernames_are_compared_without_case_and_composition(one: str, other: str) -> None:
    assert username_key(one) == username_key(other)


@given(st.text(max_size=60))
def test_a_username_that_is_accepted_is_its_own_spelling(text: str) -> None:
    try:
        name = normalise_username(text)
    except ValidationError:
        return
    assert normalise_username(name) == name
    assert username_key(name) == username_key(text)
    assert len(username_key(name)) <= 120


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Ann@Example.ORG", "ann@example.org"),
        (" ann@example.org ", "ann@example.org"),
        ("ann@b\u00fccher.example", "ann@xn--bcher-kva.example"),
        ("ann@\uff45xample.org", "ann@example.org"),
    ],
)
def test_addresses_are_stored_as_they_go_over_the_wire(typed: str, stored: str) -> None:
    assert normalise_email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "ann", "ann@", "@example.org", "a b@example.org", "m\u0131ke@example.org", "a@" + "b" * 64 + ".org", "a@.org"],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        normalise_email(typed)


@pytest.mark.parametrize(
    ("typed", "region", "stored"),
    [
        ("+31 6 12345678", "", "+31612345678"),
        ("+31 (0)6-1234.5678", "", "+31612345678"),
        ("06 12345678", "NL", "+31612345678"),
        ("0031612345678", "NL", "+31612345678"),
        ("+44 20 7946 0000", "NL", "+442079460000"),
    ],
)
def test_phone_numbers_are_stored_by_e164(typed: str, region: str, stored: str) -> None:
    assert normalise_phone(typed, region) == stored


@pytest.mark.parametrize(
    "typed", ["", "06 12345678", "+31", "+999 123", "phone", "+31612345678 ext. 5", "+" + "1" * 30]
)
def test_what_is_no_phone_number_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        normalise_phone(typed)


def test_account_numbers_keep_their_leading_zeros() -> None:
    assert normalise_account_number(" 0012-3456 78 ") == "0012345678"
    for typed in ("", "123", "12a4", "1" * 21):
        with pytest.raises(ValidationError):
            normalise_account_number(typed)


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("Ann", "username_key"),
        ("ann@example.org", "email"),
        ("+31612345678", "phone"),
        ("0012345678", "account_number"),
    ],
)
def test_what_is_typed_is_read_as_one_kind(typed: str, kind: str) -> None:
    readings = read(typed)
    assert [name for name in readings.__slots__ if getattr(readings, name) is not None] == [kind]


@given(st.text(max_size=400))
def test_nothing_that_can_be_typed_raises(text: str) -> None:
    readings = read(text, "NL")
    assert isinstance(readings.canonical, str)
