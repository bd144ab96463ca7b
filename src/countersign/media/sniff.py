"""What kind of file it is, by its content alone, from a closed list. Names and declared media types are never asked.

FFmpeg knows some 350 formats, among them playlists and scripts that name other files (HLS, DASH, concat, SDP). Here a
file is handed to exactly one demuxer, chosen by its first bytes, or refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

_PCM: Final = (
    "pcm_u8",
    "pcm_s16le",
    "pcm_s16be",
    "pcm_s24le",
    "pcm_s24be",
    "pcm_s32le",
    "pcm_s32be",
    "pcm_f32le",
    "pcm_f32be",
    "pcm_f64le",
    "pcm_alaw",
    "pcm_mulaw",
)
_WEB_VIDEO: Final = ("vp8", "vp9", "av1", "h264", "hevc", "mpeg4", "mjpeg")
_WEB_AUDIO: Final = ("opus", "vorbis", "aac", "mp3", "flac", *_PCM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A kind of file.

    Attributes:
        label: for messages.
        demuxer: FFmpeg's name of the one demuxer that may read it; None for photos, which need none.
        video, audio: FFmpeg's canonical names of the codecs that may occur in it.
        declares_duration: whether its header states how long it is (where it is not live); elsewhere FFmpeg guesses,
            and the guess is not used.
    """

    label: str
    demuxer: str | None
    video: tuple[str, ...] = ()
    audio: tuple[str, ...] = ()
    declares_duration: bool = True


@unique
class Kind(Enum):
    """The closed list of files that are accepted."""

    MATROSKA = Format(label="WebM or Matroska", demuxer="matroska", video=_WEB_VIDEO, audio=_WEB_AUDIO)
    MOV = Format(label="MP4, MOV or 3GP", demuxer="mov", video=_WEB_VIDEO, audio=_WEB_AUDIO)
    AVI = Format(label="AVI", demuxer="avi", video=_WEB_VIDEO, audio=_WEB_AUDIO)
    MPEG = Format(
        label="MPEG programme stream",
        demuxer="mpeg",
        video=("mpeg1video", "mpeg2video"),
        audio=("mp2", "mp3"),
        declares_duration=False,
    )
    GIF = Format(label="GIF", demuxer="gif", video=("gif",))
    WAV = Format(label="WAV", demuxer="wav", audio=_PCM)
    FLAC = Format(label="FLAC", demuxer="flac", audio=("flac",))
    OGG = Format(label="Ogg", demuxer="ogg", audio=("opus", "vorbis", "flac"))
    MP3 = Format(label="MP3", demuxer="mp3", audio=("mp3",), declares_duration=False)
    JPEG = Format(label="JPEG", demuxer=None, video=("mjpeg",))
    PNG = Format(label="PNG", demuxer=None, video=("png",))
    WEBP = Format(label="WebP", demuxer=None, video=("webp",))


_PREFIXES: Final[tuple[tuple[bytes, Kind], ...]] = (
    (b"\x1a\x45\xdf\xa3", Kind.MATROSKA),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"OggS", Kind.OGG),
    (b"fLaC", Kind.FLAC),
    (b"\x00\x00\x01\xba", Kind.MPEG),
)
_RIFF: Final = {b"WAVE": Kind.WAV, b"AVI ": Kind.AVI, b"WEBP": Kind.WEBP}
_FIRST_BOXES: Final = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"})
_MOST_TAGS: Final = 4
_STILL_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"crx "})


def sniff(data: bytes) -> Kind | None:
    """Name the kind of file.

    Args:
        data: the whole file.

    Returns:
        The kind, or None for what is not on the list.
    """
    for prefix, kind in _PREFIXES:
        if data.startswith(prefix):
            return kind
    if data[:4] == b"RIFF":
        return _RIFF.get(data[8:12])
    if data[4:8] in _FIRST_BOXES:
        return None if data[4:8] == b"ftyp" and data[8:12] in _STILL_BRANDS else Kind.MOV
    return _sniff_mpeg_audio(data)


def _sniff_mpeg_audio(data: bytes) -> Kind | None:
    start = 0
    for _ in range(_MOST_TAGS):
        if data[start : start + 3] != b"ID3" or len(data) < start + 10:
            break
        # Sizes in ID3v2 have seven bits to the byte (ID3v2.4, 6.2).
        size = data[start + 6 : start + 10]
        start += 10 + sum((byte & 0x7F) << shift for byte, shift in zip(size, (21, 14, 7, 0), strict=True))
    header = data[start : start + 4096].lstrip(b"\x00")[:4]
    # MPEG audio frame header (ISO/IEC 11172-3, 2.4.2.3): 11 bits of sync, layer III, a real bit rate, a real rate.
    is_layer_3 = len(header) == 4 and header[0] == 0xFF and header[1] & 0xE6 == 0xE2 and header[1] & 0x18 != 0x08
    if is_layer_3 and header[2] & 0xF0 not in {0x00, 0xF0} and header[2] & 0x0C != 0x0C:
        return Kind.MP3
    return None


def missing_fraction(kind: Kind, data: bytes) -> float:
    """How much of the file its own structure says is not there.

    Args:
        kind: as sniffed.
        data: the whole file.

    Returns:
        In [0, 1): 0 for a whole file and for formats that do not say.
    """
    if kind in {Kind.WAV, Kind.AVI, Kind.WEBP}:
        declared = 8 + int.from_bytes(data[4:8], "little")
        # A recorder that could not seek back left 0 or all ones here.
        expected = 0 if declared in {8, 8 + 0xFFFFFFFF} else declared
    elif kind is Kind.MOV:
        expected = _end_of_boxes(data)
    elif kind is Kind.MATROSKA:
        expected = _end_of_segment(data)
    else:
        expected = 0
    return max(0.0, 1.0 - len(data) / expected) if expected else 0.0


def _end_of_boxes(data: bytes) -> int:
    """Where the last top-level box ends (ISO/IEC 14496-12, 4.2). A file without `moov` lacks at least its other half."""
    position, kinds = 0, set()
    while position + 8 <= len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        kinds.add(data[position + 4 : position + 8])
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16], "big")
        if size < 8:
            # 0 means "to the end of the file"; anything else is damage, which the demuxer will find.
            return len(data)
        position += size
    return position if b"moov" in kinds else max(position, 2 * len(data) + 1)


def _end_of_segment(data: bytes) -> int:
    """Where the Segment ends (RFC 8794, section 4): the element after the EBML header."""
    position = 0
    for identifier in (b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"):
        if data[position : position + 4] != identifier or position + 4 >= len(data):
            return len(data)
        position += 4
        length = 9 - data[position].bit_length()
        mask = (1 << (7 * length)) - 1
        size = int.from_bytes(data[position : position + length], "big") & mask
        if length > 8 or size == mask:
            # Unknown size: a live recording, such as a browser makes.
            return len(data)
        position += length + size
    return position
