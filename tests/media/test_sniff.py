"""The kind of a file is told by its content, from a closed list."""

from __future__ import annotations

import pytest

from countersign.media.sniff import Kind, missing_fraction, sniff
from tests.media import clips

KINDS = {
    "webm": Kind.MATROSKA,
    "mkv": Kind.MATROSKA,
    "mp4": Kind.MOV,
    "mov": Kind.MOV,
    "3gp": Kind.MOV,
    "m4a": Kind.MOV,
    "mpeg": Kind.MPEG,
    "avi": Kind.AVI,
    "gif": Kind.GIF,
    "jpeg": Kind.JPEG,
    "png": Kind.PNG,
    "webp": Kind.WEBP,
    "wav": Kind.WAV,
    "flac": Kind.FLAC,
    "ogg": Kind.OGG,
    "mp3": Kind.MP3,
}


@pytest.mark.parametrize("name", clips.FORMATS)
def test_every_accepted_format_is_recognised_and_whole(name: str) -> None:
    data = clips.named(name)
    kind = sniff(data)
    assert kind is KINDS[name.split("-", maxsplit=1)[0]]
    assert missing_fraction(kind, data) == 0.0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"R",
        b"Dear sir, please find my face attached.",
        b"#EXTM3U\n#EXTINF:6,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"<?xml version='1.0'?><MPD><BaseURL>http://localhost/</BaseURL></MPD>",
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n",
        b"[InternetShortcut]\r\nURL=http://localhost/\r\n",
        b"RIFF\x24\x00\x00\x00SFBK",
        b"FLV\x01\x05\x00\x00\x00\x09",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
        b"%PDF-1.7\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
def test_everything_else_is_unknown(data: bytes) -> None:
    assert sniff(data) is None


def test_an_mp3_is_found_behind_its_tags() -> None:
    frame = clips.named("mp3")
    start = next(i for i in range(len(frame)) if frame[i] == 0xFF and frame[i + 1] & 0xE6 == 0xE2)
    bare = frame[start:]
    assert sniff(bare) is Kind.MP3
    assert sniff(b"ID3\x04\x00\x00\x00\x00\x01\x00" + bytes(128) + bare) is Kind.MP3


@pytest.mark.parametrize("name", ["mp4-h264-aac", "mp4-fragmented", "avi-mjpeg-pcm", "wav-pcm16"])
def test_a_cut_file_says_how_much_of_it_is_missing(name: str) -> None:
    data = clips.named(name)
    kind = sniff(data)
    assert kind is not None
    missing = missing_fraction(kind, data[: len(data) // 4])
    assert 0.3 < missing < 0.8


def test_a_cut_webm_says_how_much_of_it_is_missing() -> None:
    data = clips.named("webm-vp8-opus")
    assert missing_fraction(Kind.MATROSKA, data[: len(data) // 4]) == pytest.approx(0.75, abs=0.01)


def test_a_live_recording_has_no_declared_end() -> None:
    data = clips.named("webm-live")
    assert missing_fraction(Kind.MATROSKA, data[: len(data) // 2]) == 0.0
