"""The page of enrolment: consent, pictures, sentences. What is accepted is scripted, all else is real."""

from __future__ import annotations

import pytest

from tests.browser.pages import OTHER_SENTENCE, OTHER_WORDS
from tests.browser.people import Person
from tests.browser.scripted_answers import POSES, SENTENCES
from tests.browser.serving import Site

pytestmark = pytest.mark.slow

JPEG, WEBM = "ffd8ff", "1a45dfa3"
DONE = "Your face and your voice are enrolled"


def picture(person: Person, number: int) -> None:
    """Wait for one to be taken by itself, and use it."""
    person.reads(f"Picture {number} of {len(POSES)}")
    person.sees("[data-review-picture]")
    person.presses("use")


def sentence(person: Person, number: int) -> None:
    person.reads(f"Reading {number} of {len(SENTENCES)}")
    person.reads(SENTENCES[number - 1])
    person.presses("take")
    person.reads("then press Stop")
    person.presses("take")
    person.sees("[data-review-sound]")
    person.presses("use")


def test_a_person_agrees_shows_the_face_reads_five_sentences_and_is_enrolled(person: Person, site: Site) -> None:
    person.hurries()
    person.goes_to(f"{site.url}/scripted/enrol/")
    person.reads("Pictures and recordings are not kept.")
    person.presses("agree")
    person.reads("Without your consent nothing can be recorded")
    assert site.asked("POST /consent") == []
    person.sees("#consent-given").click()
    person.presses("agree")
    person.presses("allow")
    for number in range(1, len(POSES) + 1):
        picture(person, number)
    for number in range(1, len(SENTENCES) + 1):
        sentence(person, number)
    person.reads(DONE)
    samples = site.asked("POST /enrolments/")[:-1]
    assert len(samples) == len(POSES) + len(SENTENCES)
    assert all(sample["signed"] for sample in samples)
    kinds = [("picture", JPEG, "image/jpeg")] * len(POSES) + [("voice", WEBM, "audio/webm")] * len(SENTENCES)
    for sample, (kind, start, media_type) in zip(samples, kinds, strict=True):
        assert f"/{kind}s/" in sample["name"]
        assert sample["starts"].startswith(start)
        assert sample["type"] == media_type
    assert site.asked("POST /enrolments/")[-1]["name"].endswith("/completion")
    assert person.complaints() == []


def test_it_goes_on_where_it_was_left(person: Person, site: Site) -> None:
    site.script(consent="2026-01-01T00:00:00Z", accepted=[f"picture/{k}" for k in range(7)] + ["voice/0", "voice/1"])
    person.hurries()
    person.goes_to(f"{site.url}/scripted/enrol/")
    person.presses("allow")
    picture(person, 8)
    for number in (3, 4, 5):
        sentence(person, number)
    person.reads(DONE)
    assert len(site.asked("POST /enrolments/")) == 5


def test_what_is_seen_first_may_be_taken_again_and_what_will_not_do_says_why(person: Person, site: Site) -> None:
    site.script(
        consent="2026-01-01T00:00:00Z",
        accepted=[f"picture/{k}" for k in range(7)] + [f"voice/{k}" for k in range(4)],
        **{
            "POST /enrolments/pictures": [
                {
                    "status": 200,
                    "body": {"accepted": False, "advice": [{"code": "light", "text": "More light, please."}]},
                }
            ]
        },
    )
    person.hurries()
    person.goes_to(f"{site.url}/scripted/enrol/")
    person.presses("allow")
    person.sees("[data-review-picture]")
    person.presses("retake")
    person.sees("[data-video]")
    person.presses("use")
    person.reads("More light, please.")
    assert len(site.asked("POST /enrolments/")) == 1, "nothing was sent before it was looked at"
    person.presses("again")
    picture(person, 8)
    sentence(person, 5)
    person.reads(DONE)


def test_words_that_were_not_understood_give_way_to_others_which_are_shown_at_once(person: Person, site: Site) -> None:
    site.script(**OTHER_WORDS)
    person.hurries()
    person.goes_to(f"{site.url}/scripted/enrol/")
    person.presses("allow")
    person.reads(SENTENCES[4])
    for action in ("take", "take", "use"):
        person.presses(action)
    person.reads("Here are other words.")
    assert person.sees("[data-problem-words]").text == OTHER_SENTENCE
    person.presses("again")
    assert person.sees("[data-sentence]").text == OTHER_SENTENCE
    for action in ("take", "take"):
        person.presses(action)
    assert person.sees("[data-review-sentence]").text == OTHER_SENTENCE
    person.presses("use")
    person.reads(DONE)


def test_a_picture_may_be_taken_by_hand_where_guidance_is_silent(person: Person, site: Site) -> None:
    site.script(
        consent="2026-01-01T00:00:00Z",
        accepted=[f"picture/{k}" for k in range(7)],
        **{"POST /guidance": [{"status": 503, "body": {"code": "request.busy"}, "once": False}]},
    )
    person.hurries()
    person.goes_to(f"{site.url}/scripted/enrol/")
    person.presses("allow")
    person.presses("take")
    picture(person, 8)
    person.reads("Reading 1 of 5")


def test_an_enrolment_that_has_lapsed_begins_anew(person: Person, site: Site) -> None:
    gone = {"status": 404, "body": {"code": "enrolment.unknown"}}
    accepted = [f"picture/{k}" for k in range(7)]
    site.script(consent="2026-01-01T00:00:00Z", accepted=accepted, **{"POST /enrolments/pictures": [gone]})
    person.hurries()
    person.goes_to(f"{site.url}/scripted/enrol/")
    person.presses("allow")
    picture(person, 8)
    person.reads("This enrolment is no longer open")
    person.presses("again")
    picture(person, 8)
    person.reads("Reading 1 of 5")
    assert [each["name"] for each in site.asked("POST /enrolments")].count("POST /enrolments") == 2


def test_samples_may_be_added_as_many_as_one_likes(person: Person, site: Site) -> None:
    silent = {"POST /guidance": [{"status": 503, "body": {"code": "request.busy"}, "once": False}]}
    site.script(consent="2026-01-01T00:00:00Z", enrolled=True, **silent)
    person.hurries()
    person.goes_to(f"{site.url}/scripted/session/")
    person.sees("[data-add]").click()
    person.presses("allow")
    person.presses("take")
    picture(person, 1)
    person.reads("Picture 2 of 8")
    person.presses("finish")
    person.reads(DONE)
    opened, *others = site.asked("POST /enrolments")
    assert '"add"' in opened["body"]
    assert [each["name"].rsplit("/", 1)[-1] for each in others] == ["0", "completion"]
