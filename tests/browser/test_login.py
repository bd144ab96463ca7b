"""The page of the login's stage: one recording that answers one challenge. The judge is scripted, all else is real."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest

from tests.browser.people import Person
from tests.browser.serving import Site

pytestmark = pytest.mark.slow

WEBM = "1a45dfa3"
"""The first bytes of a Matroska file (RFC 8794)."""


def problem(status: int, code: str, **headers: str) -> dict[str, Any]:
    return {"status": status, "body": {"type": "about:blank", "status": status, "code": code}, "headers": headers}


def ready(person: Person, site: Site) -> None:
    person.hurries()
    person.goes_to(f"{site.url}/scripted/page/")
    person.presses("allow")
    person.sees('[data-action="start"]')


def test_a_person_reads_the_words_and_is_let_in(person: Person, site: Site) -> None:
    ready(person, site)
    person.tells(
        """
        const cue = document.querySelector("[data-cue]");
        const see = () => { sessionStorage.cues = (sessionStorage.cues ?? "") + cue.textContent + "|"; };
        new MutationObserver(see).observe(cue, {childList: true});
        """
    )
    person.presses("start")
    person.arrives("?arrived")
    seen = [cue for cue in person.tells("return sessionStorage.cues").split("|") if cue]
    assert seen == ["Turn to your left", "Turn to your right", "Face the camera", "Read aloud", "garden", "copper"]
    attempt = site.asked("POST /attempts")[0]
    assert attempt["signed"], "the signature is over the purpose, the nonce and the bytes that came"
    assert (attempt["starts"][:8], attempt["type"]) == (WEBM, "video/webm")
    assert attempt["bytes"] > 10_000
    assert person.complaints() == []


def test_what_is_asked_comes_only_with_the_start(person: Person, site: Site) -> None:
    person.goes_to(f"{site.url}/scripted/page/")
    assert not person.tells("return document.querySelector('video').srcObject !== null"), (
        "nothing is on before it is explained"
    )
    person.presses("allow")
    person.sees('[data-action="start"]')
    assert site.asked("POST /challenges") == []


def test_guidance_asks_one_question_at_a_time(person: Person, site: Site) -> None:
    person.goes_to(f"{site.url}/scripted/page/")
    person.presses("allow")
    person.reads("Press Start when you are ready")
    times = person.tells(
        """
        const mine = () => performance.getEntriesByType("resource").filter((each) => each.name.endsWith("/guidance"));
        while (mine().length < 5) await new Promise((resolve) => setTimeout(resolve, 50));
        return mine().map((each) => [each.startTime, each.responseEnd]);
        """
    )
    assert all(later[0] >= earlier[1] for earlier, later in pairwise(times))
    assert (times[-1][0] - times[0][0]) / (len(times) - 1) > 300, "no more than three a second"
    assert max(each.get("bytes", 0) for each in site.asked("POST /guidance")) <= 65_536


def test_who_is_not_let_in_is_told_what_to_change_and_never_a_score(person: Person, site: Site) -> None:
    advice = {"code": "closer", "text": "Come closer."}
    site.script(
        **{
            "POST /attempts": [
                problem(503, "request.busy", **{"Retry-After": "1"}),
                problem(403, "device.unknown"),
                {"status": 200, "body": {"outcome": "retry", "advice": [advice], "attempts_left": 2, "score": 0.37}},
                problem(409, "challenge.expired"),
                {"status": 200, "body": {"outcome": "rejected", "attempts_left": 1, "fallbacks": ["totp"]}},
            ]
        }
    )
    ready(person, site)
    person.presses("start")
    person.reads("The server is busy")
    person.reads("Come closer.")
    person.reads("Attempts left: 2")
    first, second, third = site.asked("POST /attempts")
    assert first["bytes"] == second["bytes"] == third["bytes"], (
        "busy, and unknown to the server: the same recording again"
    )
    assert third["signed"]
    assert len(site.asked("POST /devices")) == 2, "a device that the server forgot is registered anew"
    person.presses("again")
    person.presses("start")
    person.reads("The time ran out")
    assert person.tells("return document.querySelector('[data-fallback]').hidden")
    person.presses("again")
    person.presses("start")
    person.reads("The recording was not accepted. Attempts left: 1.")
    assert len(site.asked("POST /challenges")) == 3, "each recording answers a challenge of its own"
    person.sees("[data-fallback] button")
    page = person.browser.page_source
    assert "0.37" not in page
    assert not re.search(r"\b(score|threshold|face match|likelihood)\b", page)


def test_who_is_held_up_is_told_for_how_long(person: Person, site: Site) -> None:
    site.script(**{"POST /challenges": [problem(429, "attempt.held_up", **{"Retry-After": "3"})]})
    ready(person, site)
    person.presses("start")
    person.reads("Too many attempts")
    assert not person.sees('[data-action="again"]').is_enabled()
    person.presses("again")
    person.sees('[data-action="start"]')


def test_what_could_not_be_sent_is_sent_when_there_is_a_connection_again(person: Person, site: Site) -> None:
    person.goes_to(f"{site.url}/scripted/page/")  # without hurry: the connection must be gone before the recording ends
    person.presses("allow")
    person.presses("start")
    person.sees("[data-recording]")
    offline = {"latency": 0, "downloadThroughput": 0, "uploadThroughput": 0, "connectionType": "none"}
    person.browser.execute_cdp_cmd("Network.enable", {})
    person.browser.execute_cdp_cmd("Network.emulateNetworkConditions", offline | {"offline": True})
    try:
        person.reads("There is no connection")
    finally:
        person.browser.execute_cdp_cmd(
            "Network.emulateNetworkConditions",
            offline | {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1},
        )
    person.presses("again")
    person.arrives("?arrived")
    assert len(site.asked("POST /challenges")) == 1


def test_the_devices_key_stays_in_the_browser_and_cannot_be_taken_out(person: Person, site: Site) -> None:
    person.goes_to(f"{site.url}/static/web/offline.html")
    registered = person.tells(
        """
        const {Signer} = await import("/static/web/capture/signer.js");
        const calls = [];
        const api = {post: async (path, body) => { calls.push(body); return {id: "device-" + calls.length}; }};
        const upload = {purpose: "login/x", nonce: "n", media: new Blob(["bytes"]), name: "recording.webm"};
        for (let page = 0; page < 2; page += 1) await new Signer(api, "one").form(upload);
        await new Signer(api, "another").form(upload);
        const opened = await new Promise((resolve) => {
          const request = indexedDB.open("countersign");
          request.onsuccess = () => resolve(request.result);
        });
        const kept = await new Promise((resolve) => {
          const request = opened.transaction("keys").objectStore("keys").get("one");
          request.onsuccess = () => resolve(request.result);
        });
        let taken = true;
        try { await crypto.subtle.exportKey("pkcs8", kept.keys.privateKey); } catch { taken = false; }
        return {calls: calls.length, taken, extractable: kept.keys.privateKey.extractable, name: calls[0].name};
        """
    )
    assert registered == {"calls": 2, "taken": False, "extractable": False, "name": "Chrome, Linux"}


@pytest.mark.parametrize("mode", ["words", "digits"])
@pytest.mark.parametrize("longest", [8, 12, 20])
@pytest.mark.parametrize("count", [4, 8])
def test_all_that_is_asked_fits_into_the_longest_recording(
    person: Person, site: Site, mode: str, longest: int, count: int
) -> None:
    person.goes_to(f"{site.url}/static/web/offline.html")
    pace = person.tells(
        "const {paceOf} = await import('/static/web/capture/prompt.js'); return paceOf(given[0])",
        {"mode": mode, "words": ["word"] * count, "longest_s": longest},
    )
    assert 1 + count * pace["word"] + sum(pace["legs"]) < longest
    assert pace["word"] >= 0.4
