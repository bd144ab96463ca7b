"""Clips that attacks are made from and made into: pictures and sound in memory, read and written as files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from countersign.core.arrays import Float32Array, UInt8Array
from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import SAMPLE_RATE_HZ, AudioClip, Capture
from countersign.media.decode import decode

FPS = 25.0
LARGEST = 640
_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Pictures at `FPS` and sound that begins with them.

    Attributes:
        pictures: each `uint8[height, width, 3]`, RGB, all of one even size, at least one.
        sound: `float32[n]`, 16 kHz mono; may be empty.
    """

    pictures: tuple[UInt8Array, ...] = field(repr=False)
    sound: Float32Array = field(repr=False)

    @property
    def seconds(self) -> float:
        """Length of the pictures."""
        return len(self.pictures) / FPS

    @classmethod
    def read(cls, path: Path) -> Self:
        """A file, at most `LARGEST` pixels wide, brought to `FPS`; sound before or after the pictures is cut off.

        Raises:
            MediaError: it has no picture, or is no recording.
        """
        recording = decode(Capture(data=path.read_bytes(), name=path.name), keep_fps=FPS, max_side=LARGEST)
        if recording.video is None:
            raise MediaError(ErrorCode.MEDIA_NO_VIDEO, "an attack is made from a film")
        times_s = np.array([frame.time_s for frame in recording.video.frames])
        count = max(1, round(recording.video.duration_s * FPS))
        wanted = times_s[0] + np.arange(count) / FPS
        nearest = np.clip(np.searchsorted(times_s, wanted + 0.5 / FPS, side="right") - 1, 0, len(times_s) - 1)
        pictures = tuple(_even(recording.video.frames[int(index)].image) for index in nearest)
        return cls(pictures=pictures, sound=_sound_of(recording.audio, float(times_s[0]), count / FPS))

    def with_sound(self, sound: Float32Array) -> Self:
        """The same pictures with another sound, cut or padded to their length."""
        return replace(self, sound=fitted(sound, round(self.seconds * SAMPLE_RATE_HZ)))

    def with_pictures(self, pictures: Sequence[UInt8Array]) -> Self:
        """The same sound with other pictures, as many as there were: the last one stays, or the rest is cut off."""
        count = len(self.pictures)
        held = [*pictures[:count], *([pictures[-1]] * max(0, count - len(pictures)))]
        return replace(self, pictures=tuple(_even(picture) for picture in held))

    def write(self, path: Path, *, bit_rate: int = 1_500_000) -> None:
        """Write WebM (VP8 and Opus), encoded in a process of its own.

        Raises:
            MediaError: the encoder failed.
        """
        height, width = self.pictures[0].shape[:2]
        command = [sys.executable, "-m", "countersign.evaluation.attacks.encoder", str(path)]
        command += [str(number) for number in (width, height, len(self.pictures), int(FPS), bit_rate)]
        raw = b"".join(np.ascontiguousarray(picture).tobytes() for picture in self.pictures)
        sound = np.round(32767 * np.clip(self.sound, -1, 1)).astype("<i2").tobytes()
        done = subprocess.run(command, input=raw + sound, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
        if done.returncode != 0:
            raise MediaError(ErrorCode.MEDIA_WORKER_DIED, "the encoder of an attack ended unexpectedly")


def fitted(sound: Float32Array, count: int) -> Float32Array:
    """`count` samples: cut, or followed by silence."""
    return np.pad(sound[:count], (0, max(0, count - len(sound)))).astype(np.float32)


def _even(picture: UInt8Array) -> UInt8Array:
    height, width = picture.shape[:2]
    shrink = min(1.0, LARGEST / max(height, width))
    size = (int(width * shrink) // 2 * 2, int(height * shrink) // 2 * 2)
    if size == (width, height):
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _sound_of(audio: AudioClip | None, start_s: float, seconds: float) -> Float32Array:
    if audio is None:
        return np.zeros(0, np.float32)
    shift = round((start_s - audio.start_s) * SAMPLE_RATE_HZ)
    sound = audio.samples[shift:] if shift >= 0 else np.pad(audio.samples, (-shift, 0))
    return fitted(sound, round(seconds * SAMPLE_RATE_HZ))
