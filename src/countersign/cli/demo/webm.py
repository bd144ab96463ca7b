"""Pictures and sound into a WebM file (VP8 and Opus), as a browser's MediaRecorder makes them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from fractions import Fraction

import av
import numpy as np

from countersign.core.arrays import Float32Array, UInt8Array
from countersign.core.samples import SAMPLE_RATE_HZ


def write_webm(frames: Iterable[UInt8Array], sound: Float32Array, *, frames_per_second: int) -> bytes:
    """Encode.

    Args:
        frames: each `uint8[height, width, 3]`, RGB, all of one even size.
        sound: `float32[n]`, 16 kHz mono in [-1, 1].
        frames_per_second: of the pictures.
    """
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as container:
        # Speed and bit rate of a browser that films and encodes at once.
        options = {"deadline": "realtime", "cpu-used": "16", "lag-in-frames": "0"}
        video = container.add_stream("libvpx", rate=frames_per_second, options=options)
        video.pix_fmt = "yuv420p"
        video.bit_rate = 1_500_000
        # libvpx's threads wait for each other in a loop: on a busy machine one is faster than two.
        video.codec_context.thread_count = 1
        audio = container.add_stream("libopus", rate=48_000)
        audio.layout = "mono"
        audio.bit_rate = 64_000
        for index, picture in enumerate(frames):
            if index == 0:
                video.height, video.width = picture.shape[:2]
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(video.encode(None))

        pcm = np.round(np.clip(sound, -1.0, 1.0) * 32767.0).astype(np.int16)[None, :]
        spoken = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        spoken.sample_rate = SAMPLE_RATE_HZ
        spoken.time_base = Fraction(1, SAMPLE_RATE_HZ)
        spoken.pts = 0
        container.mux(audio.encode(spoken))
        container.mux(audio.encode(None))
    return file.getvalue()
