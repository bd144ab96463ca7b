"""The account page: what is known about a person, and what they may do with it."""

from __future__ import annotations

import pytest

from tests.browser.people import Person
from tests.browser.serving import Site

pytestmark = pytest.mark.slow


@pytest.fixture
def ann(person: Person, site: Site) -> Person:
    """Ann, logged in, on her account page, with face and voice enrolled."""
    site.script(enrolled=True, consent="2026-01-01T00:00:00Z")
    person.goes_to(f"{site.url}/scripted/session/")
    return person


def choose(person: Person, deed: str) -> None:
    person.sees(f'[data-do="{deed}"]').click()
    person.sees("dialog [data-dialog-yes]").click()


def test_a_person_sees_what_is_known_about_them(ann: Person) -> None:
    for seen in (
        "Ann Other",
        "70 to 77 pixels between the eyes",
        "25 seconds of speech, at least 27 decibels",
        "Let in",
        "Not let in",
        "Firefox, Android",
    ):
        ann.reads(seen)
    ann.reads("Chrome, Linux (this device)")
    ann.reads("You agreed to version 1 on 1 January 2026.")
    assert ann.complaints() == []


def test_the_voice_is_drawn_and_said_in_words(ann: Person) -> None:
    ann.sees(".plots svg")
    said = ann.tells(
        "return [...document.querySelectorAll('.plots svg')].map((each) => each.getAttribute('aria-label'))"
    )
    assert [each.split(".")[0] for each in said] == [
        "Pitch, hertz",
        "Tone, decibels an octave",
        "Cadence, syllables a second",
    ]
    assert "Sample 1: 118" in said[0]


def test_what_cannot_be_undone_is_asked_first(ann: Person, site: Site) -> None:
    ann.sees('[data-do="erase"]').click()
    ann.sees('dialog button[value="no"]').click()
    assert site.asked("DELETE") == []
    choose(ann, "erase")
    ann.tells(
        "while (!document.querySelector('[data-live]').textContent) await new Promise((go) => setTimeout(go, 50))"
    )
    assert [each["name"] for each in site.asked("DELETE")] == ["DELETE /references"]


def test_who_has_to_prove_themselves_again_is_taken_there(ann: Person, site: Site) -> None:
    refused = {"status": 403, "body": {"code": "session.reauthentication_required"}}
    site.script(enrolled=True, **{"DELETE /consent": [refused]})
    choose(ann, "withdraw")
    ann.arrives("/accounts/reauthenticate/?next=/account/")


def test_a_device_is_removed(ann: Person, site: Site) -> None:
    ann.sees('[data-source="devices"] button').click()
    ann.tells(
        "while (!document.querySelector('[data-live]').textContent) await new Promise((go) => setTimeout(go, 50))"
    )
    assert len(site.asked("DELETE /devices/")) == 1


def test_a_part_that_cannot_be_had_says_so_and_leaves_the_others(ann: Person, site: Site) -> None:
    site.script(enrolled=True, **{"GET /attempts": [{"status": 500, "body": {}}]})
    ann.browser.refresh()
    ann.reads("This could not be loaded")
    ann.reads("Firefox, Android")
