"""Sign-up, enrolment, login: Chromium with a camera and a microphone that play real clips, a real server, the real engine.

What is not real, because no clip can answer what is drawn while it plays: the profile is `lab`, which compares face and
voice and asks for no liveness, and the words read at enrolment are not checked (`real_room`). The person is chimeric, a
head and a voice of two people, always the same two. Their turn to the right is their turn to the left, mirrored.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from countersign.models.runtime import Runtime
from tests.browser.browsers import chromium, playing, reason_against, size
from tests.browser.clips import other_head, speech, turning_head
from tests.browser.people import Person
from tests.browser.serving import PASSWORD, Site, serving

pytestmark = pytest.mark.slow

OWN_VOICE, OTHER_VOICE = "1688", "1998"
PICTURES, VOICES = 8, 5
SPEECH_S = 3.0
PATIENCE_S = 120.0
TRIES = 4
"""Which part of a clip is recorded is chance."""
REJECTED = "The recording was not accepted."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("real")


@pytest.fixture(scope="module")
def real_site(folder: Path, runtime: Runtime) -> Iterator[Site]:
    if (reason := reason_against()) is not None:
        pytest.skip(reason)
    with serving(
        folder,
        "tests.browser.real_settings",
        COUNTERSIGN_ACCOUNTS_BIOMETRIC_STEP="true",
        COUNTERSIGN_POLICY_PROFILE="lab",
        COUNTERSIGN_POLICY_INSECURE="true",
    ) as site:
        yield site


@pytest.fixture(scope="module")
def somebody(folder: Path, samples: Path) -> Iterator[Person]:
    camera = playing(turning_head(samples, folder), speech(samples, folder, OWN_VOICE))
    with chromium(*camera) as browser:
        size(browser, 390, 844)
        yield Person(browser)


@pytest.fixture(scope="module")
def stranger(folder: Path, samples: Path) -> Iterator[Person]:
    camera = playing(other_head(samples, folder), speech(samples, folder, OTHER_VOICE))
    with chromium(*camera) as browser:
        size(browser, 390, 844)
        yield Person(browser)


def give_password(person: Person, site: Site) -> None:
    person.goes_to(f"{site.url}/accounts/login/")
    person.sees("#id_login").send_keys("bob")
    person.sees("#id_password").send_keys(PASSWORD)
    person.sees("button.prominent").click()
    person.arrives("/accounts/biometric/")


def record(person: Person) -> None:
    if person.screen() == "explain":
        person.presses("allow")
    person.presses("start")


def test_a_person_signs_up_enrols_and_logs_in_and_nobody_else_does(
    real_site: Site, somebody: Person, stranger: Person, folder: Path
) -> None:
    sign_up(somebody, real_site)
    enrol(somebody)
    log_in(somebody)
    somebody.reads("pixels between the eyes")
    somebody.reads("Let in")
    somebody.sees(".plots svg")
    assert somebody.complaints() == []

    give_password(stranger, real_site)
    record(stranger)
    stranger.reads("Recording")
    expire_challenges(folder / "countersign.sqlite3")
    stranger.reads("The time ran out", within=PATIENCE_S)
    for _ in range(TRIES):
        stranger.presses("again")
        record(stranger)
        stranger.sees('[data-screen="problem"]', within=PATIENCE_S)
        if REJECTED in stranger.browser.find_element("tag name", "main").text:
            break
    stranger.reads(REJECTED)
    stranger.goes_to(f"{real_site.url}/account/")
    stranger.arrives("/accounts/biometric/")


def sign_up(person: Person, site: Site) -> None:
    person.goes_to(f"{site.url}/accounts/signup/")
    fields = {"name": "Bob Other", "username": "bob", "email": "bob@example.org", "password1": PASSWORD}
    for field, value in fields.items():
        person.sees(f"#id_{field}").send_keys(value)
    person.sees("button.prominent").click()
    person.arrives("/accounts/enrol/")


def enrol(person: Person) -> None:
    person.sees("#consent-given").click()
    person.presses("agree")
    person.presses("allow")
    for number in range(1, PICTURES + 1):
        until_it_will_do(person, f"Picture {number} of {PICTURES}", speaks=False)
    for number in range(1, VOICES + 1):
        until_it_will_do(person, f"Reading {number} of {VOICES}", speaks=True)
    person.reads("Your face and your voice are enrolled", within=PATIENCE_S)
    person.sees('[data-screen="done"] a').click()


def log_in(person: Person) -> None:
    person.arrives("/accounts/biometric/")
    for _ in range(TRIES):
        record(person)
        if person.arrives_or_sees("/account/", '[data-screen="problem"]', within=PATIENCE_S):
            return
        person.presses("again")
    raise AssertionError(person.browser.find_element("tag name", "main").text)


def until_it_will_do(person: Person, title: str, *, speaks: bool) -> None:
    """Take one sample, again where the server says what to change: a clip does not listen."""
    for _ in range(3 * TRIES):
        person.reads(title, within=PATIENCE_S)
        if speaks:
            person.presses("take")
            person.reads("then press Stop")
            time.sleep(SPEECH_S)
            person.presses("take")
        person.presses("use", within=PATIENCE_S)
        person.sees('[data-now]:not([data-now="waiting"], [data-now="review"])', within=PATIENCE_S)
        if person.screen() != "problem":
            return
        person.presses("again")
    raise AssertionError(person.browser.find_element("tag name", "main").text)


def expire_challenges(database: Path) -> None:
    """The server's own clock goes on: what was issued was issued longer ago."""
    with sqlite3.connect(database, timeout=20) as connection:
        connection.execute(
            "UPDATE ceremonies_challengerecord SET issued_at = '2020-01-01 00:00:00', expires_at = '2020-01-01 00:01:30'"
        )
    connection.close()
