"""What a print, a screen, a loudspeaker and a room do to a picture and a sound."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
from scipy.signal import butter, fftconvolve, sosfilt

from countersign.core.arrays import Float32Array, UInt8Array
from countersign.core.samples import SAMPLE_RATE_HZ

_SOUND_M_S = 343.0


def printed(picture: UInt8Array, random: np.random.Generator) -> UInt8Array:
    """On paper: fewer colours and less contrast, a halftone's grain, softer."""
    soft = cv2.GaussianBlur(picture, (0, 0), 0.9).astype(np.float32)
    grain = random.normal(0.0, 5.0, picture.shape[:2]).astype(np.float32)
    return _bytes((30 + 0.76 * soft) * np.array([1.0, 0.97, 0.92], np.float32) + grain[..., None])


def on_screen(picture: UInt8Array, *, time_s: float, random: np.random.Generator) -> UInt8Array:
    """Filmed from a screen: its gamma, the moire of two grids of pixels, bands of its refresh that wander, a faint reflection.

    Args:
        picture: what the screen shows.
        time_s: for the bands.
        random: of the screen, the same for all pictures of a clip: give a new generator of one seed.
    """
    height, width = picture.shape[:2]
    pitch, angle = random.uniform(2.1, 3.4), random.uniform(0, np.pi)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    beat = np.cos(2 * np.pi * (columns * np.cos(angle) + rows * np.sin(angle)) / pitch)
    beat += np.cos(2 * np.pi * (rows * np.cos(angle) - columns * np.sin(angle)) / (1.07 * pitch))
    bands = np.cos(2 * np.pi * (rows / (height * random.uniform(0.3, 0.8)) + random.uniform(0.5, 2.0) * time_s))
    light = 255.0 * (picture / 255.0) ** random.uniform(0.8, 1.25)
    shine = random.uniform(0, 12) * (columns / width)
    seen = light * (1 + 0.03 * bands)[..., None] + 5.0 * beat[..., None] + shine[..., None]
    return _bytes(cv2.GaussianBlur(seen.astype(np.float32), (0, 0), 0.6) * np.array([0.96, 1.0, 1.05], np.float32))


def from_loudspeaker(
    sound: Float32Array, random: np.random.Generator, *, response: Float32Array | None = None
) -> Float32Array:
    """Played by a small loudspeaker (no bass, a little distortion) in a room, and recorded again.

    Args:
        sound: `float32[n]`, 16 kHz.
        random: of loudspeaker and room.
        response: of a measured room, 16 kHz; one is made of image sources where there is none.
    """
    if not len(sound):
        return sound
    low = random.uniform(180, 320)
    speaker = sosfilt(butter(2, [low, 7000], "band", fs=SAMPLE_RATE_HZ, output="sos"), sound)
    speaker = np.tanh(1.5 * speaker) / 1.5
    room = room_response(random) if response is None else response
    heard = fftconvolve(speaker, room / max(float(np.sqrt(np.sum(room**2))), 1e-9))[: len(sound)]
    return np.asarray(heard + random.normal(0, 5e-4, len(sound)), np.float32)


def room_response(random: np.random.Generator, *, seconds: float = 0.25) -> Float32Array:
    """Of a rectangular room, by image sources (Allen and Berkley, 1979): `float32[n]` at 16 kHz."""
    size = random.uniform((2.5, 2.5, 2.3), (6.0, 5.0, 3.0))
    source, microphone = random.uniform(0.3, 0.7, 3) * size, random.uniform(0.3, 0.7, 3) * size
    kept = random.uniform(0.6, 0.85)
    response = np.zeros(round(seconds * SAMPLE_RATE_HZ), np.float32)
    for cell in itertools.product(range(-4, 5), repeat=3):
        for flip in itertools.product((0, 1), repeat=3):
            image = (1 - 2 * np.array(flip)) * source + 2 * np.array(cell) * size
            metres = float(np.linalg.norm(image - microphone))
            bounces = int(np.sum(np.abs(np.array(cell) - np.array(flip)) + np.abs(cell)))
            at = round(metres / _SOUND_M_S * SAMPLE_RATE_HZ)
            if at < len(response):
                response[at] += kept**bounces / max(metres, 0.1)
    return response


def _bytes(picture: Float32Array) -> UInt8Array:
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)
