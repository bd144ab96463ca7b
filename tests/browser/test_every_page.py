"""Every page, and every screen of the capture component: on a phone and on a desk, light and dark, for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.browsers import look, size
from tests.browser.pages import PAGES, Page, visit
from tests.browser.people import Person
from tests.browser.serving import Site

pytestmark = pytest.mark.slow

AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text(encoding="utf-8")
_CHECK = """
const {violations} = await axe.run(document, {runOnly: given[0]});
return violations.filter(({impact}) => impact === "serious" || impact === "critical")
  .map(({id, nodes}) => id + ": " + nodes.map((node) => node.html + " " + (node.any[0]?.message ?? "")).join(" | "));
"""
_TOO_WIDE = """
const root = document.documentElement;
if (root.scrollWidth <= root.clientWidth) return [];
return [...document.querySelectorAll("body *")]
  .filter((each) => each.getBoundingClientRect().right > root.clientWidth + 1).map((each) => each.outerHTML.slice(0, 120));
"""
_TOO_SMALL = """
return [...document.querySelectorAll("main button, main .button, main select, header a")]
  .filter((each) => each.checkVisibility()).map((each) => [each.getBoundingClientRect(), each.outerHTML.slice(0, 100)])
  .filter(([box]) => box.height < 44).map(([box, html]) => box.height + " " + html);
"""


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_it_fits_can_be_read_and_asks_for_nothing_it_may_not_have(person: Person, site: Site, page: Page) -> None:
    person.hurries()
    try:
        visit(person, site, page)
        assert person.tells(_TOO_WIDE) == []
        assert person.tells(_TOO_SMALL) == [], "fingers need 44 px"
        person.browser.execute_script(AXE)
        assert person.tells(_CHECK, ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]) == []
        look(person.browser, dark=True)
        size(person.browser, 1280, 800)
        assert person.tells(_TOO_WIDE) == []
        assert person.tells(_CHECK, ["color-contrast"]) == []
        expected = ("404", "403", "429")
        assert [each for each in person.complaints() if not any(f"status of {code}" in each for code in expected)] == []
    finally:
        look(person.browser, dark=False)
        size(person.browser, 390, 844)
