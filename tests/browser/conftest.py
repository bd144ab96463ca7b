"""A browser and a site for each file of tests. Without Chromium these tests are skipped, with the reason."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.browsers import chromium, playing, reason_against, size
from tests.browser.people import Person
from tests.browser.serving import Site, serving


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Real pages over a scripted API."""
    if (reason := reason_against()) is not None:
        pytest.skip(reason)
    with serving(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="session")
def _browser(site: Site) -> Iterator[Person]:
    with chromium(*playing()) as browser:
        size(browser, 390, 844)
        yield Person(browser)


@pytest.fixture
def person(_browser: Person, site: Site) -> Iterator[Person]:
    """Somebody with a camera and a microphone that work, who has been to no page yet."""
    site.script()
    _browser.goes_to("about:blank")
    _browser.browser.delete_all_cookies()
    _browser.browser.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": site.url, "storageTypes": "all"})
    _browser.complaints()
    yield _browser
    _browser.takes_their_time()
