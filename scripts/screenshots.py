"""Pictures of every page, on a phone and on a desk, light and dark: `python scripts/screenshots.py OUT [NAME...]`.

Needs Chromium and its driver. What the server says is scripted, as in `tests/browser`; the pages are the real ones.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.browser.browsers import chromium, look, playing, reason_against, size
from tests.browser.pages import PAGES, visit
from tests.browser.people import Person
from tests.browser.serving import serving

WIDTHS = {"390": (390, 844), "1280": (1280, 800)}


def main(out: Path, names: list[str]) -> None:
    """Write `NAME-WIDTH-light.png` and `-dark.png`, each as long as its page."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as site, chromium(*playing()) as browser:
        person = Person(browser)
        person.hurries()
        for page in PAGES:
            if names and page.name not in names:
                continue
            size(browser, *WIDTHS["390"])
            visit(person, site, page)
            for width, shape in WIDTHS.items():
                for dark in (False, True):
                    look(browser, dark=dark)
                    size(browser, *shape)
                    whole = max(shape[1], int(browser.execute_script("return document.documentElement.scrollHeight")))
                    size(browser, shape[0], whole)
                    browser.save_screenshot(str(out / f"{page.name}-{width}-{'dark' if dark else 'light'}.png"))
            look(browser, dark=False)
            print(page.name)


if __name__ == "__main__":
    if len(sys.argv) < 2 or (reason := reason_against()) is not None:
        sys.exit(reason if len(sys.argv) > 1 else __doc__)
    main(Path(sys.argv[1]), sys.argv[2:])
