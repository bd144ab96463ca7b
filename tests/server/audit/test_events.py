"""Events carry what they name, and nothing personal fits into them."""

from __future__ import annotations

import pytest

from countersign.server.audit.events import Detail, EventKind, check_details


def test_every_event_has_a_meaning_and_a_name_of_its_own() -> None:
    assert all(kind.meaning.endswith(".") for kind in EventKind)
    assert len({kind.value for kind in EventKind}) == len(EventKind)


@pytest.mark.parametrize("details", [{}, {"count": 1, "name": "x"}, {"number": 1}])
def test_details_are_exactly_those_of_the_event(details: dict[str, Detail]) -> None:
    with pytest.raises(ValueError, match="carries"):
        check_details(EventKind.SESSIONS_REVOKED, details)


@pytest.mark.parametrize("text", ["ann@example.org", "Ann Other", "+31612345678", "a/b", "", "x" * 65, "Ä"])
def test_no_detail_can_hold_a_name_an_address_or_a_number(text: str) -> None:
    with pytest.raises(ValueError, match="short token"):
        check_details(EventKind.DEVICE_REMEMBERED, {"device": text})


def test_tokens_numbers_and_truth_values_are_accepted() -> None:
    check_details(EventKind.DEVICE_REMEMBERED, {"device": "0b4f9c5e-1c2d-4e5f-8a9b-0c1d2e3f4a5b"})
    check_details(EventKind.PRIVILEGES_CHANGED, {"active": True, "staff": False, "superuser": False})
