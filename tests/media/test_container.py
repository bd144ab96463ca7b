"""A file cannot make the decoder open another file or the network, and is measured before anything is decoded."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

import av
import numpy as np
import pytest

from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import Capture
from countersign.media.container import open_contents
from countersign.media.decode import decode
from countersign.media.limits import DEFAULT_LIMITS, Deadline
from countersign.media.sniff import Kind
from tests.media import clips
from tests.media.clips import AudioSpec, VideoSpec, film


def code_of(data: bytes) -> ErrorCode:
    with pytest.raises(MediaError) as caught:
        decode(Capture(data=data))
    return caught.value.code


@pytest.fixture
def other_file(tmp_path: Path) -> Path:
    """A film that a hostile file would like to show as its own."""
    path = tmp_path / "other.mov"
    path.write_bytes(film("mov", seconds=0.5, video=VideoSpec()))
    return path


def pictures_ffmpeg_would_read(path: Path, **arguments: object) -> int:
    """How many pictures plain FFmpeg shows: proof that the attack works where nothing guards against it."""
    with av.open(str(path), **arguments) as container:
        return sum(1 for _ in container.decode(video=0))


def test_a_concat_script_cannot_read_another_file(other_file: Path) -> None:
    script = other_file.with_suffix(".webm")
    script.write_text(f"ffconcat version 1.0\nfile '{other_file}'\n")
    assert pictures_ffmpeg_would_read(script, format="concat", options={"safe": "0"}) == 15
    assert code_of(script.read_bytes()) is ErrorCode.MEDIA_UNSUPPORTED


def test_a_playlist_cannot_read_the_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"
        playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n{url}\n#EXT-X-ENDLIST\n".encode()
        assert code_of(playlist) is ErrorCode.MEDIA_UNSUPPORTED
        # Not even behind the first bytes of something else.
        for disguise in (
            b"\x1a\x45\xdf\xa3",
            b"\x00\x00\x00\x18ftypisom",
            b"RIFF\xff\xff\xff\xffWAVE",
            b"GIF89a",
            b"ID3",
        ):
            with pytest.raises(MediaError):
                decode(Capture(data=disguise + playlist))
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_mov_file_cannot_take_its_pictures_from_another_file(other_file: Path) -> None:
    data = _pointing_at(other_file.read_bytes(), other_file)
    thief = other_file.with_name("thief.mov")
    thief.write_bytes(data)
    open_door = {"enable_drefs": "1", "use_absolute_path": "1"}
    assert pictures_ffmpeg_would_read(thief, options=open_door) == 15
    assert code_of(data) is ErrorCode.MEDIA_TRUNCATED


def _pointing_at(data: bytes, target: Path) -> bytes:
    """The same MOV with its samples blanked and its data reference (8.7.2 of ISO/IEC 14496-12) an alias of `target`."""
    name = target.name.encode()
    path = str(target).encode() + b"\x00" * (len(str(target)) % 2)
    alias = bytes(10) + b"\x04" + b"disk".ljust(27, b"\x00") + bytes(12) + bytes([len(name)]) + name.ljust(63, b"\x00")
    alias += bytes(16) + struct.pack(">hh", 1, 1) + bytes(16) + struct.pack(">hH", 2, len(path)) + path
    alias += struct.pack(">hh", -1, 0)
    entry = struct.pack(">I4sI", 12 + len(alias), b"alis", 0) + alias
    reference = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
    result = bytearray(data)
    path_to_it: list[int] = []
    start, end = 0, len(data)
    for wanted in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        position = _box(data, wanted, start, end)
        path_to_it.append(position)
        start, end = position + 8, position + int.from_bytes(data[position : position + 4], "big")
    old = end - path_to_it[-1]
    result[path_to_it[-1] : end] = reference
    for position in path_to_it[:-1]:
        size = int.from_bytes(data[position : position + 4], "big") + len(reference) - old
        result[position : position + 4] = struct.pack(">I", size)
    samples = _box(bytes(result), b"mdat", 0, len(result))
    size = int.from_bytes(result[samples : samples + 4], "big")
    result[samples + 8 : samples + size] = bytes(size - 8)
    return bytes(result)


def _box(data: bytes, wanted: bytes, start: int, end: int) -> int:
    while data[start + 4 : start + 8] != wanted:
        start += int.from_bytes(data[start : start + 4], "big")
        assert start < end
    return start


def test_streams_in_other_codecs_are_left_out_with_a_warning() -> None:
    data = film("matroska", seconds=0.5, video=VideoSpec(codec="ffv1"), audio=AudioSpec(codec="libopus"))
    recording = decode(Capture(data=data))
    assert recording.video is None
    assert recording.audio is not None
    assert recording.facts.warnings == ("the picture is in ffv1, which is not supported",)


def test_a_container_with_nothing_supported_is_refused() -> None:
    assert code_of(film("matroska", seconds=0.5, video=VideoSpec(codec="ffv1"))) is ErrorCode.MEDIA_UNSUPPORTED
    assert code_of(film("wav", seconds=0.5, audio=AudioSpec(codec="adpcm_ms"))) is ErrorCode.MEDIA_UNSUPPORTED


def test_sound_in_more_channels_than_5_1_is_refused() -> None:
    assert code_of(clips.wav(np.zeros((8_000, 8), np.int16))) is ErrorCode.MEDIA_UNSUPPORTED
    assert decode(Capture(data=clips.wav(np.zeros((8_000, 6), np.int16)))).audio is not None


def test_a_cover_picture_is_no_video() -> None:
    audio = clips.named("mp3")
    cover = clips.named("jpeg")
    body = b"\x00image/jpeg\x00\x03\x00" + cover
    frame = b"APIC" + struct.pack(">I", len(body)) + b"\x00\x00" + body
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    recording = decode(Capture(data=b"ID3\x03\x00\x00" + size + frame + audio))
    assert recording.video is None
    assert recording.audio is not None


def test_packets_are_read_and_nothing_is_decoded() -> None:
    data = clips.named("mp4-h264-aac")
    with open_contents(data, Kind.MOV, DEFAULT_LIMITS, Deadline(5.0)) as contents:
        assert contents.video is not None
        assert contents.audio is not None
        assert len(contents.video.packets) == 60
        assert contents.declared_s == pytest.approx(2.0, abs=0.05)
        assert not contents.video.stream.codec_context.is_open


def test_overlapping_samples_cannot_multiply_a_file() -> None:
    data = bytearray(clips.named("mp4-h264-aac"))
    start = bytes(data).index(b"stsz") + 12
    count = int.from_bytes(data[start : start + 4], "big")
    for index in range(count):
        data[start + 4 + 4 * index : start + 8 + 4 * index] = struct.pack(">I", 10_000)
    with pytest.raises(MediaError) as caught:
        decode(Capture(data=bytes(data)), limits=clips.limits_for(bytes(data)))
    assert caught.value.code is ErrorCode.MEDIA_TOO_MUCH_MEMORY
