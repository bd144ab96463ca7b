"""What the camera sees and the microphone hears: real clips, cut for Chromium's fake devices."""

from __future__ import annotations

import wave
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
FRAMES_PER_SECOND = 30
"""What Chromium plays a file of JPEG pictures at."""
HOLD_S = 2
TURNING = "av/head_turns/live/tranvanluyt_real.mp4"
STILL = "av/head_turns/live/lestari15_real.mp4"
_FRONT, _FRONT_AGAIN = range(30), range(372, 402)
_POSES = (60, 72, 132)
"""Frames of the turning clip in which the head is turned 15, 30 and 38 degrees to its left."""


def turning_head(samples: Path, folder: Path) -> Path:
    """A head that takes every pose of an enrolment in its order, two seconds each.

    The clip's person turns far to one side only: the turn to the other is the same frames mirrored. Poses are held frames.
    """
    wanted = {*_FRONT, *_FRONT_AGAIN, *_POSES}
    frames = _frames(samples / TURNING, wanted)
    held = [frames[at] for at in _POSES]
    poses = [[frames[at] for at in _FRONT], *([image] for image in held), *([image[:, ::-1]] for image in held)]
    poses.append([frames[at] for at in _FRONT_AGAIN])
    out = folder / "turning.mjpeg"
    _write(out, (image for pose in poses for image in _lasting(pose)))
    return out


def other_head(samples: Path, folder: Path) -> Path:
    """Somebody else, who looks into the camera."""
    frames = _frames(samples / STILL, set(range(60)))
    out = folder / "other.mjpeg"
    _write(out, (frames[at][:, 180:900] for at in sorted(frames)))
    return out


def speech(samples: Path, folder: Path, speaker: str) -> Path:
    """Fifteen seconds or more of one speaker, as PCM."""
    recordings = sorted((samples / "voice/librispeech-resemblyzer").glob(f"*/{speaker}/*.opus"))[:2]
    out = folder / f"{speaker}.wav"
    resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
    with wave.open(str(out), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        for recording in recordings:
            with av.open(str(recording)) as container:
                for frame in container.decode(audio=0):
                    file.writeframes(b"".join(each.to_ndarray().tobytes() for each in resampler.resample(frame)))
    return out


def _frames(clip: Path, wanted: set[int]) -> dict[int, Image]:
    found: dict[int, Image] = {}
    with av.open(str(clip)) as container:
        for at, frame in enumerate(container.decode(video=0)):
            if at in wanted:
                found[at] = frame.to_ndarray(format="rgb24")
            if len(found) == len(wanted):
                break
    return found


def _lasting(pose: Sequence[Image]) -> list[Image]:
    return [pose[at % len(pose)] for at in range(HOLD_S * FRAMES_PER_SECOND)]


def _write(out: Path, images: Iterable[Image]) -> None:
    """JPEG pictures one after another: equal pictures are encoded once."""
    encoded: dict[int, bytes] = {}
    with out.open("wb") as file:
        for image in images:
            if id(image) not in encoded:
                encoded[id(image)] = _jpeg(image)
            file.write(encoded[id(image)])


def _jpeg(image: Image) -> bytes:
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.height, encoder.width = image.shape[:2]
    encoder.pix_fmt, encoder.time_base = "yuvj420p", Fraction(1, FRAMES_PER_SECOND)
    encoder.options = {"q": "3", "flags": "+qscale", "global_quality": "354"}
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24").reformat(format="yuvj420p")
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
