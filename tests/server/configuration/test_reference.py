"""The reference pages name every setting and every event."""

from __future__ import annotations

import pytest

from tests.test_repository import REPOSITORY, _reference_script


@pytest.mark.parametrize(("page", "function"), [("settings", "settings_page"), ("audit-events", "events_page")])
def test_the_generated_pages_are_up_to_date(page: str, function: str) -> None:
    expected: str = getattr(_reference_script(), function)()
    assert (REPOSITORY / f"docs/{page}.md").read_text(encoding="utf-8") == expected, "run `make docs`"
