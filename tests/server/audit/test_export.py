"""An exported log is read back whole, and can be verified without the database."""

from __future__ import annotations

import pytest

from countersign.server.audit.export import export_lines, import_lines
from countersign.server.audit.verification import verify
from tests.server.audit.chains import KEYS, chain


def test_an_export_comes_back_as_it_was_and_intact() -> None:
    entries, head = chain(20)
    assert import_lines(export_lines(entries, head)) == (entries, head)
    assert verify(*import_lines(export_lines(entries, head)), KEYS).intact


def test_a_changed_line_is_found() -> None:
    lines = list(export_lines(*chain(5)))
    lines[2] = lines[2].replace("account-0", "account-1")
    assert not verify(*import_lines(lines), KEYS).intact


def test_an_export_without_its_last_line_is_refused() -> None:
    with pytest.raises(ValueError, match="last line"):
        import_lines(list(export_lines(*chain(5)))[:-1])


@pytest.mark.parametrize("line", ["nonsense", "5", '{"sequence": 1}', '{"head": {}}'])
def test_a_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        import_lines([next(export_lines(*chain(1))), line])
