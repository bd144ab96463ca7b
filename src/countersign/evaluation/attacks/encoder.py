"""Encodes one clip and ends: ``python -m countersign.evaluation.attacks.encoder PATH WIDTH HEIGHT COUNT FPS BIT_RATE < RAW``.

A process of its own, because an encoder may change the process that it runs in, and because a crash is then one failed clip.
The input is COUNT pictures of RGB, then 16-bit samples at 16 kHz.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import BinaryIO

import av
import numpy as np

from countersign.core.samples import SAMPLE_RATE_HZ


def encode(source: BinaryIO, path: str, *, width: int, height: int, count: int, fps: int, bit_rate: int) -> None:
    """Write VP8 and Opus as a browser does, with one thread.

    Args:
        source: raw pictures, then samples.
        path: of the new file.
        width: pixels, even.
        height: pixels, even.
        count: of pictures.
        fps: pictures a second.
        bit_rate: of the pictures, bits a second.
    """
    with av.open(path, "w", format="webm") as container:
        options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
        video = container.add_stream("libvpx", rate=fps, options=options)
        video.width, video.height, video.pix_fmt, video.bit_rate = width, height, "yuv420p", bit_rate
        video.codec_context.thread_count = 1
        size = width * height * 3
        pictures = [source.read(size) for _ in range(count)]
        samples = np.frombuffer(source.read(), "<i2")
        audio = None
        if len(samples):
            audio = container.add_stream("libopus", rate=48_000)
            audio.layout, audio.bit_rate = "mono", 64_000
        for raw in pictures:
            picture = np.frombuffer(raw, np.uint8).reshape(height, width, 3)
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(video.encode(None))
        if audio is not None:
            spoken = av.AudioFrame.from_ndarray(samples[None].astype(np.int16), format="s16", layout="mono")
            spoken.sample_rate, spoken.time_base, spoken.pts = SAMPLE_RATE_HZ, Fraction(1, SAMPLE_RATE_HZ), 0
            container.mux(audio.encode(spoken))
            container.mux(audio.encode(None))


if __name__ == "__main__":
    _width, _height, _count, _fps, _bit_rate = (int(value) for value in sys.argv[2:7])
    encode(sys.stdin.buffer, sys.argv[1], width=_width, height=_height, count=_count, fps=_fps, bit_rate=_bit_rate)
