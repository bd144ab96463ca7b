"""From FFmpeg's decoded frame to an upright RGB array: colour, size, pixel shape and orientation in as few passes as can be."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from countersign.core.arrays import UInt8Array

_UNSPECIFIED_COLORSPACES: Final = frozenset({0, 2})
_ASPECT_RANGE: Final = (Fraction(1, 4), Fraction(4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation:
    """How a stored picture is made upright: first mirrored left to right, then turned.

    Attributes:
        turns: quarter turns counter-clockwise, 0 to 3.
        mirrored: whether left and right are exchanged before turning.
    """

    turns: int = 0
    mirrored: bool = False

    @property
    def degrees(self) -> int:
        """Degrees counter-clockwise: 0, 90, 180 or 270."""
        return 90 * self.turns

    def apply(self, image: UInt8Array) -> UInt8Array:
        """Turn `uint8[height, width, 3]` upright; the result is contiguous."""
        if self.mirrored:
            image = image[:, ::-1]
        if self.turns:
            image = np.rot90(image, self.turns)
        return np.ascontiguousarray(image)


_EXIF: Final = {
    1: Orientation(),
    2: Orientation(mirrored=True),
    3: Orientation(turns=2),
    4: Orientation(turns=2, mirrored=True),
    5: Orientation(turns=1, mirrored=True),
    6: Orientation(turns=3),
    7: Orientation(turns=3, mirrored=True),
    8: Orientation(turns=1),
}


def exif_orientation(value: int) -> Orientation:
    """The orientation that Exif tag 0x0112 asks for; upright for values that it does not know."""
    return _EXIF.get(value, _EXIF[1])


def display_orientation(frame: av.VideoFrame) -> Orientation:
    """The orientation in a video frame's display matrix (ISO/IEC 14496-12, 8.3.2), to the nearest quarter turn."""
    try:
        matrix = struct.unpack("<9i", bytes(frame.side_data["DISPLAYMATRIX"])[:36])
    except (KeyError, ValueError, struct.error):
        # KeyError: no matrix. ValueError: side data of a kind that PyAV cannot name stands in the way.
        return Orientation(turns=round(frame.rotation / 90) % 4)
    a, b, c, d = matrix[0], matrix[1], matrix[3], matrix[4]
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    # The matrix maps (x, y), y downwards, to (a x + c y, b x + d y).
    return Orientation(turns=round(np.degrees(np.arctan2(-b, a)) / 90) % 4, mirrored=mirrored)


class RgbConverter:
    """Converts the frames of one stream. One swscale pass does colour, pixel shape and size.

    Args:
        codec: canonical name; says what unlabelled colour means.
        sample_aspect_ratio: width over height of one stored pixel, or None.
        max_side: longest side of the result, pixels; smaller pictures stay as they are.
        orientation: what to turn by.
    """

    def __init__(
        self, *, codec: str, sample_aspect_ratio: Fraction | None, max_side: int | None, orientation: Orientation
    ) -> None:
        self._codec = codec
        self._aspect = _usable_aspect(sample_aspect_ratio)
        self._max_side = max_side
        self._orientation = orientation
        self._reformatter = VideoReformatter()

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of the result before turning, pixels."""
        shown_width = width * self._aspect
        scale = Fraction(1)
        if self._max_side is not None:
            scale = min(scale, self._max_side / max(shown_width, Fraction(height), Fraction(1)))
        return max(1, round(shown_width * scale)), max(1, round(height * scale))

    def nbytes(self, width: int, height: int) -> int:
        """Bytes of the result for a stored picture of that size."""
        shown_width, shown_height = self.size(width, height)
        return 3 * shown_width * shown_height

    def convert(self, frame: av.VideoFrame) -> UInt8Array:
        """Make the picture: `uint8[height, width, 3]`, RGB, upright, contiguous."""
        width, height = self.size(frame.width, frame.height)
        converted = self._reformatter.reformat(
            frame,
            width=width,
            height=height,
            format="rgb24",
            src_colorspace=self._colorspace(frame),
            interpolation=Interpolation.BICUBIC,
            dst_color_range=ColorRange.JPEG,
            threads=1,
        )
        image: UInt8Array = converted.to_ndarray().view(np.uint8)
        return self._orientation.apply(image)

    def _colorspace(self, frame: av.VideoFrame) -> int:
        if frame.colorspace not in _UNSPECIFIED_COLORSPACES:
            return int(frame.colorspace)
        # VP8 (RFC 6386, 9.2) and JPEG (JFIF) know only BT.601; elsewhere unlabelled means BT.709 from HD upwards.
        is_hd = min(frame.width, frame.height) >= 720 and self._codec not in {"vp8", "mjpeg", "webp"}
        return int(Colorspace.ITU709 if is_hd else Colorspace.ITU601)


def _usable_aspect(aspect: Fraction | None) -> Fraction:
    if aspect is None or not _ASPECT_RANGE[0] <= aspect <= _ASPECT_RANGE[1]:
        return Fraction(1)
    return Fraction(aspect)
