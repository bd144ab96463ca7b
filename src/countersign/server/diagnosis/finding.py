"""One finding."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    WELL = "well"
    NOTE = "note"
    UNSAFE = "unsafe"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was looked at, and what was seen.

    Attributes:
        subject: one or two words.
        message: one sentence.
        advice: what to do; empty when all is well.
    """

    level: Level
    subject: str
    message: str
    advice: str = ""


def well(subject: str, message: str) -> Finding:
    """Nothing to do."""
    return Finding(level=Level.WELL, subject=subject, message=message)


def note(subject: str, message: str, advice: str) -> Finding:
    """Fine in development, or a matter of taste."""
    return Finding(level=Level.NOTE, subject=subject, message=message, advice=advice)


def unsafe(subject: str, message: str, advice: str) -> Finding:
    """Somebody could make use of it."""
    return Finding(level=Level.UNSAFE, subject=subject, message=message, advice=advice)


def broken(subject: str, message: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(level=Level.BROKEN, subject=subject, message=message, advice=advice)
