"""What a setting's value may be, how it is read from text or TOML, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import get_args, get_origin

_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "text", Path: "a path"}


class SourceKind(StrEnum):
    """Where a setting's value came from."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    GENERATED = "generated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where one setting's value came from.

    Attributes:
        where: the file or variable; empty for a default.
    """

    kind: SourceKind
    where: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.where}".strip()


@dataclass(frozen=True, slots=True)
class Secret:
    """Text that does not show itself in logs, tracebacks or pages."""

    _text: str

    def reveal(self) -> str:
        """The text itself: only at the edge that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __len__(self) -> int:
        return len(self._text)


def parse(value: object, annotation: object) -> object:
    """`value`, from TOML or as text from the environment, as what `annotation` says.

    Raises:
        ValueError: it is not that; the message says what was expected and does not repeat the value.
    """
    if isinstance(annotation, UnionType):
        (annotation,) = (option for option in get_args(annotation) if option is not type(None))
    if get_origin(annotation) is tuple:
        return _parse_tuple(value, get_args(annotation)[0])
    if not isinstance(annotation, type):
        raise TypeError(f"no setting can be a {annotation}")
    if issubclass(annotation, StrEnum):
        return _parse_choice(value, annotation)
    if annotation is bool:
        return _parse_bool(value)
    if annotation in {int, float}:
        return _parse_number(value, annotation)
    if not isinstance(value, str):
        raise ValueError(f"expected {_NAMES.get(annotation, 'text')}")  # noqa: TRY004 - what `parse` promises
    if annotation is Path:
        return Path(value).expanduser()
    return Secret(value) if annotation is Secret else value


def _parse_tuple(value: object, item: object) -> tuple[object, ...]:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list):
        raise ValueError("expected a list")  # noqa: TRY004 - what `parse` promises
    return tuple(parse(part, item) for part in value)


def _parse_choice(value: object, choices: type[StrEnum]) -> StrEnum:
    if isinstance(value, str) and value in {choice.value for choice in choices}:
        return choices(value)
    raise ValueError(f"expected one of {', '.join(choice.value for choice in choices)}")


def _parse_bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    known = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    if isinstance(value, str) and value.lower() in known:
        return known[value.lower()]
    raise ValueError("expected true or false")


def _parse_number(value: object, kind: type) -> object:
    if (
        isinstance(value, bool)
        or not isinstance(value, str | int | float)
        or (kind is int and isinstance(value, float))
    ):
        raise ValueError(f"expected {_NAMES[kind]}")
    try:
        return kind(value)
    except ValueError:
        raise ValueError(f"expected {_NAMES[kind]}") from None
