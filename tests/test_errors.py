"""Errors keep their code wherever they travel."""

from __future__ import annotations

import pickle

import pytest

from countersign.core.errors import CountersignError, ErrorCode, MediaError


def test_an_error_survives_the_border_of_a_process() -> None:
    error = MediaError(ErrorCode.MEDIA_EMPTY, "the file is empty")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(copy) is MediaError
    assert copy.code is ErrorCode.MEDIA_EMPTY
    assert str(copy) == "the file is empty [media.empty]"


def test_one_except_clause_catches_every_room() -> None:
    with pytest.raises(CountersignError):
        raise MediaError(ErrorCode.MEDIA_TOO_LONG, "longer than 20 s")
