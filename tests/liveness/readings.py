"""Real people reading digits (AN4, develop side), for the tests of this folder."""

from __future__ import annotations

from pathlib import Path

from countersign.core.samples import AudioClip, Capture
from countersign.media.decode import decode

DIGITS = {
    "fash/cen7-fash-b": "two six eight four four one eight",
    "fjam/cen6-fjam-b": "one five one three three",
    "fjmd/cen6-fjmd-b": "one seven three six eight",
    "mgah/cen7-mgah-b": "six eight three five zero four one",
    "mnfe/cen7-mnfe-b": "two six eight five five two four",
    "msrb/cen7-msrb-b": "two seven nine two three two four",
}


def words(name: str) -> tuple[str, ...]:
    """What was said."""
    return tuple(DIGITS[name].split())


def sound(samples: Path, name: str) -> AudioClip:
    """How it was said."""
    data = (samples / "voice" / "an4" / f"{name}.opus").read_bytes()
    audio = decode(Capture(data=data)).audio
    assert audio is not None
    return audio
