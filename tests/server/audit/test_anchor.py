"""The anchor only moves forward, whoever writes it, and is read back as it was written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from countersign.server.audit.anchor import advance_anchor, anchor_line, parse_anchor, read_anchor
from tests.server.audit.chains import chain


def test_there_is_no_anchor_before_the_first_entry(tmp_path: Path) -> None:
    assert read_anchor(tmp_path / "anchor.json") is None


def test_an_anchor_never_goes_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "anchor.json"
    heads = [chain(length)[1] for length in (3, 5, 4)]
    for head in heads:
        advance_anchor(path, head)
    assert read_anchor(path) == heads[1]


def test_many_writers_leave_the_furthest(tmp_path: Path) -> None:
    heads = [chain(length)[1] for length in range(1, 31)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda head: advance_anchor(tmp_path / "anchor.json", head), reversed(heads)))
    assert read_anchor(tmp_path / "anchor.json") == heads[-1]


def test_a_line_is_read_back(tmp_path: Path) -> None:
    head = chain(7)[1]
    assert parse_anchor(anchor_line(head)) == head


@pytest.mark.parametrize(
    "line", ["", "{}", "[]", "nonsense", '{"sequence": "1", "mac": "", "key_id": "", "signature": ""}']
)
def test_what_is_no_anchor_is_refused(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own error is one as well
        parse_anchor(line)
