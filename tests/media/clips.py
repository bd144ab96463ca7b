"""Small clips with known content, made with PyAV from the pictures and sound of `scene`. Any room's tests may use them."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from multiprocessing import get_context

import av
import numpy as np
from numpy.typing import NDArray

from countersign.media.limits import Limits
from tests.media.scene import FLASH_S, Float32, UInt8, picture, sound

os.environ.setdefault("SVT_LOG", "-1")  # or the AV1 encoder writes its settings to the terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSpec:
    """How to encode the picture. `times_s` overrides `rate` (variable frame rate); `start_s` shifts all of them."""

    codec: str = "libx264"
    width: int = 64
    height: int = 48
    rate: int = 30
    pix_fmt: str = "yuv420p"
    times_s: tuple[float, ...] | None = None
    start_s: float = 0.0
    rotation_ccw: int = 0
    mirrored: bool = False
    sample_aspect_ratio: Fraction | None = None
    options: tuple[tuple[str, str], ...] = ()
    colorspace: int | None = None
    color_range: int | None = None
    draw: Callable[[float, int, int], UInt8] = picture


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioSpec:
    """How to encode the sound. `make(seconds, rate)` gives it, `float32[n]` or `[channels, n]`, in place of `sound`."""

    codec: str = "aac"
    rate: int = 48_000
    layout: str = "mono"
    start_s: float = 0.0
    options: tuple[tuple[str, str], ...] = ()
    make: Callable[[float, int], Float32] | None = None


FAST: Mapping[str, tuple[tuple[str, str], ...]] = {
    "libvpx": (("deadline", "realtime"), ("cpu-used", "8"), ("b", "300k")),
    "libvpx-vp9": (("deadline", "realtime"), ("cpu-used", "8"), ("b", "300k")),
    "libx264": (("preset", "veryfast"),),
    "libx265": (("preset", "ultrafast"), ("x265-params", "log-level=none")),
    "libsvtav1": (("preset", "12"),),
}


def film(
    container: str,
    *,
    seconds: float = 2.0,
    video: VideoSpec | None = None,
    audio: AudioSpec | None = None,
    options: Mapping[str, str] | None = None,
    keep: Callable[[float], bool] = lambda _: True,
) -> bytes:
    """A file in memory.

    Args:
        container: FFmpeg's muxer name ("webm", "mp4", "mov", "avi", "mpeg", "gif", "ogg", ...).
        seconds: how long; where `video` has times of its own, of the sound alone.
        video: how to encode the picture, or None for none.
        audio: how to encode the sound, or None for none.
        options: of the muxer.
        keep: which packets to write, by their time in seconds.
    """
    sink = io.BytesIO()
    with av.open(sink, "w", format=container, options=dict(options or {})) as output:
        pairs: list[tuple[av.stream.Stream, VideoSpec | AudioSpec]] = []
        if video is not None:
            pairs.append((_video_stream(output, video), video))
        if audio is not None:
            pairs.append(
                (
                    output.add_stream(audio.codec, rate=audio.rate, layout=audio.layout, options=dict(audio.options)),
                    audio,
                )
            )
        packets = []
        for stream, spec in pairs:
            frames = _pictures(spec, seconds) if isinstance(spec, VideoSpec) else _sounds(spec, stream, seconds)
            for frame in frames:
                packets.extend(stream.encode(frame))
            packets.extend(stream.encode(None))
        packets.sort(key=lambda packet: float((packet.dts if packet.dts is not None else 0) * packet.time_base))
        for packet in packets:
            if keep(float((packet.pts if packet.pts is not None else 0) * packet.time_base)):
                output.mux(packet)
    return sink.getvalue()


def film_in_a_child(container: str, *, seconds: float = 2.0, video: VideoSpec, audio: AudioSpec) -> bytes:
    """As `film`, in a process that ends with it.

    SVT-AV1 makes the process that calls it a real-time one where it may, which a whole run of tests as root would stay.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(film, container, seconds=seconds, video=video, audio=audio).result()


def _video_stream(output: av.container.OutputContainer, spec: VideoSpec) -> av.VideoStream:
    stream = output.add_stream(spec.codec, rate=spec.rate, options=dict(FAST.get(spec.codec, ()) + spec.options))
    stream.width, stream.height, stream.pix_fmt = spec.width, spec.height, spec.pix_fmt
    if spec.times_s is not None or spec.codec in {"libvpx", "libvpx-vp9"}:
        stream.codec_context.time_base = Fraction(1, 1000)
    if spec.sample_aspect_ratio is not None:
        stream.codec_context.sample_aspect_ratio = spec.sample_aspect_ratio
    if spec.colorspace is not None:
        stream.codec_context.colorspace = spec.colorspace
    if spec.color_range is not None:
        stream.codec_context.color_range = spec.color_range
    if spec.rotation_ccw or spec.mirrored:
        stream.set_display_rotation(spec.rotation_ccw, hflip=spec.mirrored)
    return stream


def _pictures(spec: VideoSpec, seconds: float) -> Sequence[av.VideoFrame]:
    times = (
        spec.times_s if spec.times_s is not None else tuple(i / spec.rate for i in range(round(seconds * spec.rate)))
    )
    frames = []
    for time_s in times:
        frame = av.VideoFrame.from_ndarray(spec.draw(time_s + spec.start_s, spec.width, spec.height), format="rgb24")
        frame = frame.reformat(format=spec.pix_fmt, dst_colorspace=spec.colorspace, dst_color_range=spec.color_range)
        coarse = spec.times_s is not None or spec.codec in {"libvpx", "libvpx-vp9"}
        frame.time_base = Fraction(1, 1000) if coarse else Fraction(1, spec.rate)
        frame.pts = round((time_s + spec.start_s) / frame.time_base)
        frames.append(frame)
    return frames


def _sounds(spec: AudioSpec, stream: av.AudioStream, seconds: float) -> Sequence[av.AudioFrame]:
    channels = stream.layout.nb_channels
    if spec.make is not None:
        samples = np.atleast_2d(spec.make(seconds, spec.rate))
        samples = np.tile(samples, (channels // len(samples), 1))
    else:
        samples = sound(seconds, spec.rate, channels=channels, burst_s=FLASH_S - spec.start_s)
    frames = []
    for begin in range(0, samples.shape[1], 1024):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples[:, begin : begin + 1024]), format="fltp", layout=spec.layout
        )
        frame.rate = spec.rate
        frame.time_base = Fraction(1, spec.rate)
        frame.pts = begin + round(spec.start_s * spec.rate)
        frames.append(frame)
    return frames


def still(codec: str, image: UInt8, *, pix_fmt: str | None = None) -> bytes:
    """One picture as a file: codec "mjpeg" (JPEG), "png" or "libwebp"."""
    context = av.CodecContext.create(codec, "w")
    chosen = pix_fmt or {"mjpeg": "yuvj444p", "png": "rgb24", "libwebp": "yuv420p"}[codec]
    context.width, context.height, context.pix_fmt = image.shape[1], image.shape[0], chosen
    context.time_base = Fraction(1, 25)
    if codec == "mjpeg":
        context.qmin = context.qmax = 2
        context.color_range = 2
    frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=chosen)
    packets = [*context.encode(frame), *context.encode(None)]
    return b"".join(bytes(packet) for packet in packets)


def oriented(name: str, orientation: int) -> bytes:
    """The photo "jpeg", "png" or "webp" of `FORMATS` with an Exif orientation written into it."""
    data = named(name)
    tiff = b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    if name == "jpeg":
        body = b"Exif\x00\x00" + tiff
        return data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]
    if name == "png":
        chunk = b"eXIf" + tiff
        return data[:33] + struct.pack(">I", len(tiff)) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:]
    extended = b"VP8X" + struct.pack("<IB3x", 10, 0x08) + (63).to_bytes(3, "little") + (47).to_bytes(3, "little")
    body = b"WEBP" + extended + data[12:] + b"EXIF" + struct.pack("<I", len(tiff)) + tiff
    return b"RIFF" + struct.pack("<I", len(body)) + body


def wav(samples: NDArray[np.generic], *, rate: int = 16_000, format_tag: int | None = None) -> bytes:
    """A WAV file written by hand: `samples[n]` or `[n, channels]`, int16 or float32, or raw G.711 bytes with its tag."""
    data = np.atleast_2d(samples.T).T
    tag = format_tag if format_tag is not None else (3 if data.dtype.kind == "f" else 1)
    width = data.dtype.itemsize
    header = struct.pack(
        "<HHIIHH", tag, data.shape[1], rate, rate * data.shape[1] * width, data.shape[1] * width, 8 * width
    )
    body = (
        b"WAVEfmt "
        + struct.pack("<I", len(header))
        + header
        + b"data"
        + struct.pack("<I", data.nbytes)
        + data.tobytes()
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def limits_for(data: bytes) -> Limits:
    """The default limits, but no more bytes than this file has."""
    return Limits(bytes=len(data))


@cache
def named(name: str) -> bytes:
    """One of the formats that a login must take, two seconds long, 64x48 at 30 frames a second, by a short name."""
    return FORMATS[name]()


FORMATS: Mapping[str, Callable[[], bytes]] = {
    "webm-vp8-opus": lambda: film("webm", video=VideoSpec(codec="libvpx"), audio=AudioSpec(codec="libopus")),
    "webm-vp9-opus": lambda: film("webm", video=VideoSpec(codec="libvpx-vp9"), audio=AudioSpec(codec="libopus")),
    "webm-av1-opus": lambda: film_in_a_child(
        "webm", video=VideoSpec(codec="libsvtav1", height=64), audio=AudioSpec(codec="libopus")
    ),
    "webm-live": lambda: film(
        "webm", video=VideoSpec(codec="libvpx"), audio=AudioSpec(codec="libopus"), options={"live": "1"}
    ),
    "mkv-h264-vorbis": lambda: film(
        "matroska",
        video=VideoSpec(codec="libx264"),
        audio=AudioSpec(codec="vorbis", layout="stereo", options=(("strict", "-2"),)),
    ),
    "mp4-h264-aac": lambda: film("mp4", video=VideoSpec(), audio=AudioSpec()),
    "mp4-fragmented": lambda: film(
        "mp4", video=VideoSpec(), audio=AudioSpec(), options={"movflags": "frag_keyframe+delay_moov+default_base_moof"}
    ),
    "mp4-hevc-aac": lambda: film("mp4", video=VideoSpec(codec="libx265"), audio=AudioSpec()),
    "mp4-mpeg4-aac": lambda: film("mp4", video=VideoSpec(codec="mpeg4"), audio=AudioSpec()),
    "mov-h264-pcm": lambda: film("mov", video=VideoSpec(), audio=AudioSpec(codec="pcm_s16le", layout="stereo")),
    "3gp-h264-aac": lambda: film("3gp", video=VideoSpec(), audio=AudioSpec(rate=16_000)),
    "mpeg-mpeg1-mp2": lambda: film(
        "mpeg", video=VideoSpec(codec="mpeg1video"), audio=AudioSpec(codec="mp2", rate=44_100)
    ),
    "mpeg-mpeg2-mp2": lambda: film(
        "mpeg", video=VideoSpec(codec="mpeg2video"), audio=AudioSpec(codec="mp2", rate=44_100)
    ),
    "avi-mjpeg-pcm": lambda: film(
        "avi", video=VideoSpec(codec="mjpeg", pix_fmt="yuvj420p"), audio=AudioSpec(codec="pcm_s16le", rate=16_000)
    ),
    "avi-mpeg4-mp3": lambda: film(
        "avi",
        video=VideoSpec(codec="mpeg4", options=(("bf", "0"),)),
        audio=AudioSpec(codec="libmp3lame", rate=44_100),
        options={"avoid_negative_ts": "disabled"},
    ),
    "gif": lambda: film("gif", video=VideoSpec(codec="gif", pix_fmt="rgb8", rate=10)),
    "jpeg": lambda: still("mjpeg", picture(0.0)),
    "png": lambda: still("png", picture(0.0)),
    "webp": lambda: still("libwebp", picture(0.0)),
    "wav-pcm16": lambda: film("wav", audio=AudioSpec(codec="pcm_s16le", rate=16_000)),
    "wav-pcm24-stereo": lambda: film("wav", audio=AudioSpec(codec="pcm_s24le", layout="stereo")),
    "wav-float": lambda: film("wav", audio=AudioSpec(codec="pcm_f32le", rate=44_100)),
    "wav-alaw-8k": lambda: film("wav", audio=AudioSpec(codec="pcm_alaw", rate=8_000)),
    "wav-mulaw-8k": lambda: film("wav", audio=AudioSpec(codec="pcm_mulaw", rate=8_000)),
    "flac": lambda: film("flac", audio=AudioSpec(codec="flac", rate=44_100)),
    "ogg-opus": lambda: film("ogg", audio=AudioSpec(codec="libopus")),
    "ogg-vorbis": lambda: film("ogg", audio=AudioSpec(codec="vorbis", layout="stereo", options=(("strict", "-2"),))),
    "mp3": lambda: film("mp3", audio=AudioSpec(codec="libmp3lame", rate=44_100)),
    "m4a": lambda: film("ipod", audio=AudioSpec(codec="aac")),
}
