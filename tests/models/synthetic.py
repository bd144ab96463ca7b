"""Inputs that are the same on every machine and show nobody: noise, gradients, a face drawn in ellipses.

The stream of a bit generator is fixed for good (NumPy's NEP 19), that of a distribution is not: so only raw bits are used.
"""

from __future__ import annotations

import numpy as np

from countersign.core.arrays import Float32Array, UInt8Array


def noise(seed: int, *shape: int) -> UInt8Array:
    """Bytes, each of the 256 values as likely as any other."""
    raw = np.random.PCG64(seed).random_raw(int(np.prod(shape)))
    return (np.asarray(raw) >> np.uint64(56)).astype(np.uint8).reshape(shape)


def fractions(seed: int, *shape: int) -> Float32Array:
    """Numbers in [0, 1), evenly spread."""
    raw = np.random.PCG64(seed).random_raw(int(np.prod(shape)))
    return ((np.asarray(raw) >> np.uint64(40)).astype(np.float32) / np.float32(2**24)).reshape(shape)


def gradient(side: int) -> UInt8Array:
    """`uint8[side, side, 3]`: red grows to the right, green downwards, blue along the diagonal."""
    down, right = np.mgrid[:side, :side]
    last = side - 1
    return np.stack([right * 255 // last, down * 255 // last, (right + down) * 127 // last], axis=-1).astype(np.uint8)


def drawn_face(side: int) -> UInt8Array:
    """`uint8[side, side, 3]`: an oval with eyes, nose and mouth. Detectors take it for a face."""
    down, right = np.mgrid[:side, :side] / side
    picture = np.full((side, side, 3), 90, dtype=np.uint8)
    picture[((right - 0.5) / 0.3) ** 2 + ((down - 0.5) / 0.4) ** 2 < 1] = (200, 160, 140)
    for eye in (0.36, 0.64):
        picture[(right - eye) ** 2 + (down - 0.42) ** 2 < 0.04**2] = (30, 30, 40)
    picture[(abs(down - 0.55) < 0.04) & (abs(right - 0.5) < 0.03)] = (170, 130, 110)
    picture[(abs(down - 0.7) < 0.02) & (abs(right - 0.5) < 0.13)] = (150, 60, 60)
    return picture


def pictures(seed: int, side: int) -> Float32Array:
    """`float32[3, 3, side, side]` in [0, 255]: noise, a gradient and a drawn face, channels first."""
    stacked = np.stack([noise(seed, side, side, 3), gradient(side), drawn_face(side)])
    return np.ascontiguousarray(stacked.transpose(0, 3, 1, 2)).astype(np.float32)


def mels(seed: int) -> Float32Array:
    """`float32[4, 160, 40]`: four windows that look like mel power spectra in their range and skew."""
    return fractions(seed, 4, 160, 40) ** 4 * np.float32(0.1)


def weights(shapes: dict[str, list[int]]) -> dict[str, Float32Array]:
    """Stand-ins for a network's weights, small enough that its signals neither vanish nor grow without bound."""
    made = {}
    for seed, (name, shape) in enumerate(sorted(shapes.items()), start=1000):
        spread = fractions(seed, *shape) - np.float32(0.5)
        if name.endswith(("running_var", "bn.weight")):
            spread += np.float32(1)
        elif len(shape) > 1:
            spread *= np.float32(3.5) / np.sqrt(np.float32(np.prod(shape[1:])))
        made[name] = spread.astype(np.float32)
    return made
