"""Draw the icons of the installable site as PNG, from the shapes of icon.svg: `python scripts/make_icons.py`."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

OUT = Path(__file__).parent.parent / "src/countersign/server/web/static/web/icons"
GREEN, WHITE, BRASS = (0x0F, 0x5A, 0x52), (0xFF, 0xFF, 0xFF), (0xF0, 0xC9, 0x87)
VIEW = 32.0
"""Side of icon.svg's view box."""

Plane = NDArray[np.float64]


def _capsule(x: Plane, y: Plane, *, at: float, top: float, bottom: float) -> Plane:
    """Distance to an upright line."""
    return np.hypot(x - at, y - np.clip(y, top, bottom))


def _arc(x: Plane, y: Plane, *, radius: float, end: tuple[float, float]) -> Plane:
    """Distance to a circle around the middle that is open to the right, as far up and down as `end`."""
    dx, dy = x - VIEW / 2, np.abs(y - VIEW / 2)
    opening = np.arctan2(VIEW / 2 - end[1], end[0] - VIEW / 2)
    on_circle = np.abs(np.hypot(dx, dy) - radius)
    to_end = np.hypot(dx - radius * np.cos(opening), dy - radius * np.sin(opening))
    return np.where(np.arctan2(dy, dx) > opening, on_circle, to_end)


def draw(side: int, *, maskable: bool) -> NDArray[np.uint8]:
    """RGBA. A maskable icon fills its square and keeps the mark within the inner 80 % (W3C App Manifest)."""
    step = VIEW / side
    y, x = np.mgrid[0:side, 0:side] * step + step / 2
    half, corner = VIEW / 2, 8.5
    outside = np.maximum(np.abs(np.stack([x, y]) - half) - half + corner, 0)
    ground = np.ones((side, side)) if maskable else _cover(np.hypot(*outside) - corner, step)
    shrink = 0.86 if maskable else 1.0
    mx, my = ((plane - half) / shrink + half for plane in (x, y))
    bars = ((12.6, 14.6, 17.4), (16.0, 12.0, 20.0), (19.4, 14.6, 17.4))
    voice = np.min([_capsule(mx, my, at=at, top=top, bottom=bottom) for at, top, bottom in bars], axis=0)
    image = np.zeros((side, side, 4))
    image[..., :3], image[..., 3] = GREEN, 255 * ground
    for distance, colour in ((_arc(mx, my, radius=9.0, end=(22.7, 10.0)), WHITE), (voice, BRASS)):
        cover = _cover(distance - 1.15, step / shrink)[..., None]
        image[..., :3] = (1 - cover) * image[..., :3] + cover * np.array(colour)
    return np.rint(image).astype(np.uint8)


def _cover(distance: Plane, step: float) -> Plane:
    """How much of a pixel is inside, from the distance to the edge."""
    return np.clip(0.5 - distance / step, 0, 1)


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    for name, side, maskable in (("icon-192", 192, False), ("icon-512", 512, False), ("maskable-512", 512, True)):
        image = draw(side, maskable=maskable)
        cv2.imwrite(
            str(OUT / f"{name}.png"), cv2.cvtColor(image, cv2.COLOR_RGBA2BGRA), [cv2.IMWRITE_PNG_COMPRESSION, 9]
        )
        print(f"{name}.png")
