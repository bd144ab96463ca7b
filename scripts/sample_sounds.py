"""Sounds of the sample data, for the scripts that fit and measure on them."""

from __future__ import annotations

from pathlib import Path

from countersign.core.arrays import Float32Array
from countersign.core.samples import Capture
from countersign.media.decode import decode
from countersign.media.limits import Limits


def read_sound(file: Path) -> Float32Array:
    """`float32[n]` at 16 kHz, however long it is.

    Raises:
        ValueError: the file has no sound.
    """
    audio = decode(Capture(data=file.read_bytes()), limits=Limits(seconds=300.0, wall_s=300.0)).audio
    if audio is None:
        raise ValueError(f"{file} has no sound")
    return audio.samples
