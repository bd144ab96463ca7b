"""Requests and answers without a network: what the calls yield and are sent."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file and the fields beside it."""

    media: bytes = field(repr=False)
    media_type: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request.

    Attributes:
        path: from the server's root.
        body: sent as JSON, where there is one.
        upload: sent as multipart/form-data, where there is one.
        accepted: status codes that are no problem.
    """

    method: str
    path: str
    body: Mapping[str, object] | None = None
    upload: Upload | None = None
    accepted: frozenset[int] = frozenset({200, 201, 204})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back.

    Attributes:
        body: of JSON; None where there is none.
    """

    status: int
    body: object


Call: TypeAlias = Generator[Ask, Answer, T]
"""A conversation with the server that ends in a value."""
