"""What a photo's header says: size, orientation, and whether the file is whole. Nothing is decoded here.

FFmpeg applies Exif orientation as a rotation only, and PyAV cannot show the rest, so that mirrored pictures would end
upside down; and FFmpeg fills the missing half of a torn JPEG with grey. Hence this reading of the three headers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from countersign.media.sniff import Kind

_JPEG_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoHeader:
    """A photo before decoding.

    Attributes:
        width, height: pixels, as stored (before orientation); 0 where the header does not say.
        orientation: Exif 2.32, tag 0x0112: 1 to 8; 1 is upright.
        whole: whether the file's own end mark is there.
        animated: whether there is more than one picture in it.
    """

    width: int = 0
    height: int = 0
    orientation: int = 1
    whole: bool = False
    animated: bool = False


def read_photo_header(kind: Kind, data: bytes) -> PhotoHeader:
    """Read the header of a JPEG, PNG or WebP file. Damage gives a header with zeros, never an exception."""
    if kind is Kind.JPEG:
        return _jpeg(data)
    return _png(data) if kind is Kind.PNG else _webp(data)


def _jpeg(data: bytes) -> PhotoHeader:
    width = height = 0
    orientation = 1
    position = 2
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            break
        marker = data[position + 1]
        if marker in _JPEG_ALONE or marker == 0xFF:
            position += 1 if marker == 0xFF else 2
            continue
        if marker in {0xD9, 0xDA}:
            break
        body = data[position + 4 : position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")]
        if marker in _JPEG_SIZES and len(body) >= 5:
            height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
        elif marker == 0xE1 and body[:6] == b"Exif\x00\x00":
            orientation = _exif_orientation(body[6:])
        position += 4 + len(body)
    # In the picture's own data 0xFF is always followed by 0 or a restart mark, so this end mark is not there by chance.
    whole = data.rfind(b"\xff\xd9") > position
    return PhotoHeader(width=width, height=height, orientation=orientation, whole=whole)


def _png(data: bytes) -> PhotoHeader:
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    orientation, whole, animated = 1, False, False
    for name, body in _chunks(data, start=8, order="big", trailer=4):
        if name == b"eXIf":
            orientation = _exif_orientation(body)
        whole = whole or name == b"IEND"
        animated = animated or name == b"acTL"
    return PhotoHeader(width=width, height=height, orientation=orientation, whole=whole, animated=animated)


def _webp(data: bytes) -> PhotoHeader:
    sizes: list[tuple[int, int]] = []
    orientation, animated = 1, False
    for name, body in _chunks(data, start=12, order="little", trailer=0):
        if name == b"VP8X" and len(body) >= 10:
            sizes.append((1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")))
            animated = bool(body[0] & 0x02)
        elif name == b"VP8 " and len(body) >= 10:
            sizes.append((int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF))
        elif name == b"VP8L" and len(body) >= 5:
            bits = int.from_bytes(body[1:5], "little")
            sizes.append((1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)))
        elif name == b"EXIF":
            orientation = _exif_orientation(body.removeprefix(b"Exif\x00\x00"))
    width, height = max(sizes, key=lambda size: size[0] * size[1], default=(0, 0))
    whole = len(data) >= 8 + int.from_bytes(data[4:8], "little")
    return PhotoHeader(width=width, height=height, orientation=orientation, whole=whole, animated=animated)


def _chunks(data: bytes, *, start: int, order: str, trailer: int) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a PNG (big-endian, size before name) or RIFF (little-endian, name before size, even) file."""
    position = start
    while position + 8 <= len(data):
        first, second = data[position : position + 4], data[position + 4 : position + 8]
        big = order == "big"
        name, size = (second, int.from_bytes(first, "big")) if big else (first, int.from_bytes(second, "little"))
        yield name, data[position + 8 : position + 8 + size]
        position += 8 + size + trailer + (0 if big else size % 2)


def _exif_orientation(tiff: bytes) -> int:
    """The orientation in a TIFF structure (Exif 2.32, 4.6.4), 1 where there is none that makes sense."""
    order = {b"II*\x00": "little", b"MM\x00*": "big"}.get(tiff[:4])
    if order is None:
        return 1

    def number(start: int, size: int) -> int:
        return int.from_bytes(tiff[start : start + size], "little" if order == "little" else "big")

    directory = number(4, 4)
    for index in range(min(number(directory, 2), 64)):
        entry = directory + 2 + 12 * index
        if number(entry, 2) == 0x0112:
            value = number(entry + 8, 2)
            return value if 1 <= value <= 8 else 1
    return 1
