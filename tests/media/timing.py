"""How long decoding takes: `python -m tests.media.timing [FILE ...]`.

Without files it makes its own: six seconds of 640x480 at 30 frames a second and about 2.5 Mbit/s, a moving texture with
sensor noise, with sound. Prints the median and the best of several runs, in this process and through a worker.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from countersign.core.samples import Capture, Recording
from countersign.media.decode import decode
from countersign.media.worker import DecodeWorker
from tests.media.clips import AudioSpec, VideoSpec, film
from tests.media.scene import UInt8

RUNS = 9
BITRATE = (("b", "2500k"),)


@cache
def _texture() -> UInt8:
    rng = np.random.default_rng(1)
    layers = [cv2.resize(rng.random((n, n, 3)).astype(np.float32), (900, 900)) for n in (6, 20, 60, 200)]
    return np.asarray(255 * sum(layers) / len(layers), np.uint8)


def _moving(time_s: float, width: int, height: int) -> UInt8:
    x, y = int(60 + 50 * np.sin(1.3 * time_s)), int(60 + 50 * np.cos(1.7 * time_s))
    noise = np.random.default_rng(int(time_s * 1000)).normal(0, 2.0, (height, width, 1))
    return np.clip(_texture()[y : y + height, x : x + width] + noise, 0, 255).astype(np.uint8)


def _clip(container: str, codec: str, audio: str, **options: str) -> bytes:
    video = VideoSpec(codec=codec, width=640, height=480, draw=_moving, options=(*BITRATE, *options.items()))
    return film(container, seconds=6.0, video=video, audio=AudioSpec(codec=audio, rate=48_000))


CLIPS: Mapping[str, Callable[[], bytes]] = {
    "WebM, VP8 + Opus": lambda: _clip("webm", "libvpx", "libopus"),
    "WebM, VP9 + Opus": lambda: _clip("webm", "libvpx-vp9", "libopus"),
    "WebM, AV1 + Opus": lambda: _clip("webm", "libsvtav1", "libopus"),
    "MP4, H.264 (no B-frames) + AAC": lambda: _clip("mp4", "libx264", "aac", bf="0"),
    "MP4, H.264 (3 B-frames) + AAC": lambda: _clip("mp4", "libx264", "aac", bf="3"),
    "MP4, HEVC + AAC": lambda: _clip("mp4", "libx265", "aac"),
    "MPEG-1 + MP2": lambda: _clip("mpeg", "mpeg1video", "mp2", bf="2"),
}


def _milliseconds(call: Callable[[Capture], Recording], capture: Capture) -> tuple[float, float, float]:
    """Median and best wall time and the median of this process's computing time."""
    wall, computing = [], []
    for _ in range(RUNS):
        start, start_computing = time.perf_counter(), time.process_time()
        call(capture)
        wall.append(1e3 * (time.perf_counter() - start))
        computing.append(1e3 * (time.process_time() - start_computing))
    return statistics.median(wall), min(wall), statistics.median(computing)


def main() -> None:
    """Print one row for each clip."""
    clips = {path: Path(path).read_bytes for path in sys.argv[1:]} or CLIPS
    print("| clip | bytes | 1 thread | 2 threads | best of 2 threads | computing | worker |")  # noqa: T201
    print("| --- | --- | --- | --- | --- | --- | --- |")  # noqa: T201
    with DecodeWorker(threads=2) as worker:
        for name, make in clips.items():
            capture = Capture(data=make())
            single, _, computing = _milliseconds(lambda c: decode(c, threads=1), capture)
            double, best, _ = _milliseconds(lambda c: decode(c, threads=2), capture)
            through, _, _ = _milliseconds(worker.decode, capture)
            figures = " | ".join(f"{value:.0f}" for value in (single, double, best, computing, through))
            print(f"| {name} | {len(capture.data):,} | {figures} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
