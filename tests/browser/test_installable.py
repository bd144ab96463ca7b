"""The site as an application on a phone: a manifest, icons, and a worker that keeps static files and nothing else."""

from __future__ import annotations

import json
import urllib.request

import pytest

from tests.browser.people import Person
from tests.browser.serving import Site

pytestmark = pytest.mark.slow


def test_it_can_be_installed(person: Person, site: Site) -> None:
    person.goes_to(f"{site.url}/accounts/login/")
    found = person.browser.execute_cdp_cmd("Page.getAppManifest", {})
    assert found["errors"] == []
    manifest = json.loads(found["data"])
    assert (manifest["start_url"], manifest["display"]) == ("/", "standalone")
    sizes = {}
    for icon in manifest["icons"]:
        with urllib.request.urlopen(f"{site.url}/static/web/{icon['src']}", timeout=10) as answer:  # noqa: S310 - ours
            assert answer.headers["Content-Type"] == icon["type"]
            content = answer.read()
        if icon["type"] == "image/png":
            sizes[icon["src"]] = int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    assert sizes == {
        "icons/icon-192.png": (192, 192),
        "icons/icon-512.png": (512, 512),
        "icons/maskable-512.png": (512, 512),
    }
    assert person.browser.execute_cdp_cmd("Page.getInstallabilityErrors", {})["installabilityErrors"] == []


def test_the_worker_keeps_static_files_and_no_page(person: Person, site: Site) -> None:
    person.goes_to(f"{site.url}/accounts/login/")
    person.tells("await navigator.serviceWorker.ready")
    person.goes_to(f"{site.url}/scripted/session/")
    person.goes_to(f"{site.url}/account/details/")
    kept = person.tells(
        """
        const names = await caches.keys();
        const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
        return requests.flat().map((each) => new URL(each.url).pathname);
        """
    )
    assert "/static/web/style.css" in kept
    assert [path for path in kept if not path.startswith("/static/")] == []


def test_without_a_connection_a_page_of_ours_says_so(person: Person, site: Site) -> None:
    person.goes_to(f"{site.url}/accounts/login/")
    person.tells("await navigator.serviceWorker.ready")
    person.goes_to(f"{site.url}/accounts/login/")
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    worker = person.browser.execute_cdp_cmd("Network.enable", {})
    person.browser.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    try:
        answer = person.tells("return (await caches.match('/static/web/offline.html')).text()")
    finally:
        back = offline | {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
        person.browser.execute_cdp_cmd("Network.emulateNetworkConditions", back)
    assert worker is not None
    assert "There is no connection" in answer
