"""Bad input is refused by a stable code, early; what is mostly there is used, with a warning."""

from __future__ import annotations

import io
import resource
import struct
import time
import zlib
from collections.abc import Callable
from functools import cache

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import Capture
from countersign.media.decode import decode
from countersign.media.limits import MIB, Limits
from tests.media import clips
from tests.media.clips import AudioSpec, VideoSpec, film, wav
from tests.media.scene import UInt8


def code_of(data: bytes, limits: Limits | None = None) -> ErrorCode:
    with pytest.raises(MediaError) as caught:
        decode(Capture(data=data), limits=limits or Limits())
    return caught.value.code


def test_an_empty_file_is_refused() -> None:
    assert code_of(b"") is ErrorCode.MEDIA_EMPTY


def test_text_renamed_to_webm_is_refused_whatever_it_is_called() -> None:
    with pytest.raises(MediaError) as caught:
        decode(Capture(data=b"not a film at all, but words", media_type="video/webm", name="me.webm"))
    assert caught.value.code is ErrorCode.MEDIA_UNSUPPORTED


def test_names_and_media_types_are_not_believed() -> None:
    recording = decode(Capture(data=clips.named("wav-pcm16"), media_type="video/mp4", name="me.mp4"))
    assert recording.facts.container == "wav"
    assert recording.video is None


def test_video_without_sound_is_a_recording() -> None:
    recording = decode(Capture(data=film("webm", seconds=0.5, video=VideoSpec(codec="libvpx"))))
    assert recording.video is not None
    assert recording.audio is None
    assert recording.facts.audio_codec is None


def test_sound_without_video_is_a_recording() -> None:
    recording = decode(Capture(data=clips.named("m4a")))
    assert recording.video is None
    assert recording.audio is not None


def test_the_facts_name_what_was_in_the_file() -> None:
    capture = Capture(data=clips.named("webm-av1-opus"))
    recording = decode(capture)
    assert recording.capture_sha256 == capture.sha256
    assert (recording.facts.container, recording.facts.video_codec, recording.facts.audio_codec) == (
        "matroska",
        "av1",
        "opus",
    )


def test_what_comes_out_cannot_be_written_to() -> None:
    recording = decode(Capture(data=clips.named("mp4-h264-aac")))
    assert recording.video is not None
    assert recording.audio is not None
    arrays: list[NDArray[np.generic]] = [
        recording.audio.samples,
        recording.video.timestamps_s,
        *(frame.image for frame in recording.video.frames),
    ]
    assert not any(array.flags.writeable for array in arrays)


MOSTLY_THERE = [
    "webm-vp8-opus",
    "webm-live",
    "mp4-fragmented",
    "avi-mjpeg-pcm",
    "wav-pcm16",
    "flac",
    "mp3",
]


@pytest.mark.parametrize("name", MOSTLY_THERE)
def test_a_file_that_is_mostly_there_is_decoded(name: str) -> None:
    data = clips.named(name)
    recording = decode(Capture(data=data[: int(0.8 * len(data))]))
    length = recording.video.duration_s if recording.video else recording.audio.duration_s if recording.audio else 0.0
    assert 1.2 < length < 1.95
    if name not in {"webm-live", "mp3"}:  # these do not say how long they should be
        assert recording.facts.warnings


@pytest.mark.parametrize(
    "name",
    ["webm-vp8-opus", "mp4-h264-aac", "mp4-fragmented", "avi-mjpeg-pcm", "wav-pcm16", "flac", "jpeg", "png", "webp"],
)
@pytest.mark.parametrize("share", [0.1, 0.3, 0.45])
def test_a_file_of_which_less_than_half_is_there_is_refused(name: str, share: float) -> None:
    data = clips.named(name)
    assert code_of(data[: int(share * len(data))]) is ErrorCode.MEDIA_TRUNCATED


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_an_mp4_without_its_index_is_refused(share: float) -> None:
    data = clips.named("mp4-h264-aac")
    assert code_of(data[: int(share * len(data))]) is ErrorCode.MEDIA_TRUNCATED


@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_a_torn_photo_is_refused_even_if_most_of_it_is_there(name: str) -> None:
    data = clips.named(name)
    assert code_of(data[: int(0.95 * len(data))]) is ErrorCode.MEDIA_TRUNCATED


def test_a_broken_picture_leaves_the_sound() -> None:
    data = _with_packets_overwritten("webm-vp8-opus", "video")
    recording = decode(Capture(data=data))
    assert recording.video is None
    assert recording.audio is not None
    assert "the picture could not be decoded" in recording.facts.warnings


def test_a_broken_sound_leaves_the_picture() -> None:
    data = _with_packets_overwritten("mp4-h264-aac", "audio")
    recording = decode(Capture(data=data))
    assert recording.video is not None
    assert len(recording.video.frames) == 20
    assert "the sound could not be decoded" in recording.facts.warnings or "damaged" in recording.facts.warnings[0]


def _with_packets_overwritten(name: str, kind: str) -> bytes:
    data = bytearray(clips.named(name))
    with av.open(io.BytesIO(bytes(data))) as container:
        stream = container.streams.video[0] if kind == "video" else container.streams.audio[0]
        payloads = [bytes(packet) for packet in container.demux(stream) if packet.size]
    position = 0
    for payload in payloads:
        position = bytes(data).index(payload, position)
        data[position : position + len(payload)] = b"\xff" * len(payload)
        position += len(payload)
    return bytes(data)


def ten_minutes(container: str, **options: str) -> bytes:
    spec = VideoSpec(codec="mpeg4" if container == "mp4" else "libvpx", rate=1, width=16, height=16)
    return film(container, seconds=600.0, video=spec, options=options)


TOO_LONG: dict[str, Callable[[], bytes]] = {
    "mp4 of ten minutes": lambda: ten_minutes("mp4"),
    "webm of ten minutes": lambda: ten_minutes("webm"),
    "webm of ten minutes that does not say so": lambda: ten_minutes("webm", live="1"),
    "G.711 of an hour": lambda: wav(np.zeros(3600 * 8000, np.uint8), rate=8_000, format_tag=7),
    "FLAC of ten minutes of silence": lambda: film(
        "flac",
        seconds=600.0,
        audio=AudioSpec(codec="flac", rate=8_000, make=lambda s, r: np.zeros(round(s * r), np.float32)),
    ),
    "MP3 of an hour that does not say so": lambda: _mp3_frames(3600.0),
    "GIF of 8,000 pictures": lambda: _gif(pictures=8_000, delay_cs=0),
    "animation of ten minutes": lambda: _gif(pictures=2, delay_cs=30_000),
}


@pytest.mark.parametrize("name", TOO_LONG)
def test_what_lasts_too_long_is_refused_before_it_is_decoded(name: str) -> None:
    data = TOO_LONG[name]()
    start = time.process_time()
    assert code_of(data) is ErrorCode.MEDIA_TOO_LONG
    assert time.process_time() - start < 1.0


def _mp3_frames(seconds: float) -> bytes:
    """MPEG-2 layer III, 8 kbit/s, 16 kHz: 36 bytes for each 36 ms, all of silence, no header of the whole."""
    return (b"\xff\xf3\x18\xc4" + bytes(32)) * round(seconds / 0.036)


def _gif(*, pictures: int, delay_cs: int = 10, width: int = 1, height: int = 1) -> bytes:
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\x00\x00\x00\xff\xff\xff"
    one = b"\x21\xf9\x04\x00" + struct.pack("<H", delay_cs) + b"\x00\x00"
    one += b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return screen + pictures * one + b"\x3b"


TOO_MANY_FRAMES: dict[str, Callable[[], bytes]] = {
    "MP4 of 8,000 pictures": lambda: film(
        "mp4", seconds=20.0, video=VideoSpec(codec="mpeg4", rate=400, width=16, height=16)
    ),
    "MPEG of 2,400 pictures": lambda: film(
        "matroska", seconds=24.0, video=VideoSpec(codec="mpeg4", rate=100, width=16, height=16)
    ),
}


@pytest.mark.parametrize("name", TOO_MANY_FRAMES)
def test_too_many_pictures_are_refused_before_they_are_decoded(name: str) -> None:
    data = TOO_MANY_FRAMES[name]()
    start = time.process_time()
    assert code_of(data) is ErrorCode.MEDIA_TOO_MANY_FRAMES
    assert time.process_time() - start < 1.0


def _plain(_time_s: float, width: int, height: int) -> UInt8:
    return np.full((height, width, 3), 128, np.uint8)


@cache
def _one_8k_picture(container: str, codec: str, pix_fmt: str) -> bytes:
    spec = VideoSpec(codec=codec, pix_fmt=pix_fmt, width=7_680, height=4_320, rate=1, draw=_plain)
    return film(container, seconds=1.0, video=spec)


def _png_bomb(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = zlib.compress(bytes(height * (1 + width // 8)), 1)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _patched(name: str, old: bytes, new: bytes) -> bytes:
    data = clips.named(name)
    assert old in data
    return data.replace(old, new)


TOO_MANY_PIXELS: dict[str, Callable[[], bytes]] = {
    "PNG of 30,000 x 30,000": lambda: _png_bomb(30_000, 30_000),
    "JPEG that declares 65,500 x 65,500": lambda: _patched(
        "jpeg", struct.pack(">HH", 48, 64), struct.pack(">HH", 65_500, 65_500)
    ),
    "WebP that declares 16,383 x 16,383": lambda: _patched(
        "webp", struct.pack("<HH", 64, 48), struct.pack("<HH", 16_383, 16_383)
    ),
    "GIF of 65,535 x 65,535": lambda: _gif(pictures=3, width=65_535, height=65_535),
    "Matroska of one 8K picture": lambda: _one_8k_picture("matroska", "mjpeg", "yuvj420p"),
    "AVI of one 8K picture": lambda: _one_8k_picture("avi", "mjpeg", "yuvj420p"),
    "MP4 of one 8K picture": lambda: _one_8k_picture("mp4", "libx264", "yuv420p"),
    "MP4 of one 8K picture that declares 64 x 48": lambda: _one_8k_picture("mp4", "libx264", "yuv420p").replace(
        struct.pack(">HH", 7_680, 4_320) + b"\x00\x48\x00\x00", struct.pack(">HH", 64, 48) + b"\x00\x48\x00\x00"
    ),
}


@pytest.mark.parametrize("name", TOO_MANY_PIXELS)
def test_too_many_pixels_are_refused_before_memory_is_taken_for_them(name: str) -> None:
    data = TOO_MANY_PIXELS[name]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    assert code_of(data) is ErrorCode.MEDIA_TOO_MANY_PIXELS
    assert time.process_time() - start < 1.0
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 40 * MIB


def test_a_photo_from_a_telephone_is_not_too_large() -> None:
    photo = clips.still("mjpeg", _plain(0.0, 4_032, 3_024), pix_fmt="yuvj420p")
    video = decode(Capture(data=photo)).video
    assert video is not None
    assert video.frames[0].image.shape == (960, 1280, 3)


def test_too_many_bytes_are_refused() -> None:
    assert code_of(bytes(1001), Limits(bytes=1000)) is ErrorCode.MEDIA_TOO_MANY_BYTES


def test_decoding_stops_when_its_time_is_up() -> None:
    data = film("mp4", seconds=4.0, video=VideoSpec(width=640, height=480))
    start = time.process_time()
    assert code_of(data, Limits(wall_s=0.02)) is ErrorCode.MEDIA_TOO_SLOW
    assert time.process_time() - start < 0.5
