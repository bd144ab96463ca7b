"""What a page says where camera or microphone cannot be had."""

from __future__ import annotations

import pytest

from tests.browser.browsers import ALWAYS_ALLOWED, ALWAYS_DENIED, FAKE_DEVICES, chromium, size
from tests.browser.people import Person
from tests.browser.serving import Site

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("arguments", "title", "help_given"),
    [
        ((FAKE_DEVICES, ALWAYS_DENIED), "Camera or microphone were not allowed", "Allow both in the site's settings"),
        ((f"{FAKE_DEVICES}=device-count=0", ALWAYS_ALLOWED), "No camera or no microphone found", "Connect both"),
    ],
    ids=["denied", "none"],
)
def test_no_camera_is_explained(site: Site, arguments: tuple[str, ...], title: str, help_given: str) -> None:
    site.script(consent="2026-01-01T00:00:00Z")
    with chromium(*arguments) as browser:
        size(browser, 390, 844)
        person = Person(browser)
        for path in ("/scripted/page/", "/scripted/enrol/"):
            person.goes_to(f"{site.url}{path}")
            person.reads("Your browser will now ask")
            person.presses("allow")
            person.reads(title)
            person.reads(help_given)
            heard = person.browser.find_element("css selector", "[data-alert]").get_attribute("textContent")
            assert title in str(heard), "screen readers hear it at once"
            assert person.tells("return document.activeElement.textContent") == title
            person.presses("again")
            person.reads(title)


def test_a_page_that_did_not_come_safely_says_so_at_once(person: Person, site: Site) -> None:
    person.goes_to(f"http://insecure.test:{site.port}/scripted/page/")
    person.reads("This page is not reached safely")
    assert site.asked("POST /challenges") == []


@pytest.mark.parametrize(
    ("spoil", "title"),
    [
        (
            "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotReadableError'); }",
            "are in use",
        ),
        ("delete window.MediaRecorder", "This browser cannot record"),
        ("MediaRecorder.isTypeSupported = () => false", "This browser cannot record"),
    ],
    ids=["in_use", "no_recorder", "no_codec"],
)
def test_what_a_browser_cannot_do_is_explained(person: Person, site: Site, spoil: str, title: str) -> None:
    person.hurries()
    added = person.browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": spoil})
    try:
        person.goes_to(f"{site.url}/scripted/page/")
        if "delete" not in spoil:
            person.presses("allow")
        if "isType" in spoil:
            person.presses("start")
        person.reads(title)
    finally:
        person.browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": added["identifier"]})


def test_a_camera_that_goes_away_is_noticed(person: Person, site: Site) -> None:
    person.goes_to(f"{site.url}/scripted/page/")
    person.presses("allow")
    person.sees('[data-action="start"]')
    person.tells("document.querySelector('video').srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    person.reads("The camera was switched off")
    person.presses("again")
    person.sees('[data-action="start"]')
