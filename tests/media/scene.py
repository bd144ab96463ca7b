"""What every clip shows and plays.

Four quadrants (red top left, green top right, blue bottom left, white bottom right) under a grey disc that wanders, and
one black flash; silence with one burst of 1 kHz that starts with the flash. So orientation, colours and clock can all be
checked from a decoded clip alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FLASH_S = 0.5
"""When the picture turns black and the burst starts."""
FLASH_LENGTH_S = 0.1

QUADRANTS = {
    "top left": (200, 40, 40),
    "top right": (40, 180, 60),
    "bottom left": (40, 60, 190),
    "bottom right": (230, 230, 230),
}
"""Colours as drawn, RGB."""

UInt8 = NDArray[np.uint8]
Float32 = NDArray[np.float32]


def picture(time_s: float, width: int = 64, height: int = 48, *, flash: bool = True) -> UInt8:
    """One picture: `uint8[height, width, 3]`, RGB."""
    if flash and FLASH_S - 1e-6 <= time_s < FLASH_S + FLASH_LENGTH_S - 1e-6:
        return np.zeros((height, width, 3), np.uint8)
    image = np.empty((height, width, 3), np.uint8)
    middle_y, middle_x = height // 2, width // 2
    image[:middle_y, :middle_x] = QUADRANTS["top left"]
    image[:middle_y, middle_x:] = QUADRANTS["top right"]
    image[middle_y:, :middle_x] = QUADRANTS["bottom left"]
    image[middle_y:, middle_x:] = QUADRANTS["bottom right"]
    rows, columns = np.ogrid[:height, :width]
    centre_y = height * (0.5 + 0.1 * np.sin(2.0 * time_s))
    centre_x = width * (0.5 + 0.1 * np.cos(2.0 * time_s))
    image[(rows - centre_y) ** 2 + (columns - centre_x) ** 2 < (0.15 * min(width, height)) ** 2] = 128
    return image


def sound(seconds: float, rate: int = 48_000, *, channels: int = 1, burst_s: float | None = FLASH_S) -> Float32:
    """Sound with one burst of 1 kHz, 0.3 s long: `float32[channels, n]`."""
    times = np.arange(round(seconds * rate)) / rate
    signal = 1e-3 * np.sin(2 * np.pi * 100 * times)
    if burst_s is not None:
        inside = (times >= burst_s) & (times < burst_s + 0.3)
        signal[inside] = 0.5 * np.sin(2 * np.pi * 1000 * (times[inside] - burst_s))
    return np.tile(signal.astype(np.float32), (channels, 1))
