"""Decode a photo: JPEG, PNG or WebP, one packet, no container."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Final

import av
import numpy as np
from av.codec.context import ThreadType

from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import Frame, VideoClip
from countersign.media.container import DECODER_ERRORS
from countersign.media.limits import Deadline, Limits
from countersign.media.photo_header import read_photo_header
from countersign.media.pixels import Orientation, RgbConverter, exif_orientation
from countersign.media.sniff import Kind

_DECODED_BYTES_PER_PIXEL: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedPhoto:
    """The picture, with what was odd."""

    clip: VideoClip
    orientation: Orientation
    warnings: tuple[str, ...]


def decode_photo(data: bytes, kind: Kind, *, max_side: int | None, limits: Limits, deadline: Deadline) -> DecodedPhoto:
    """Decode one photo.

    Args:
        data: the whole file.
        kind: JPEG, PNG or WEBP, as sniffed.
        max_side: longest side of the result, pixels, or None.
        limits: what is allowed.
        deadline: when to give up.

    Returns:
        The picture, upright.

    Raises:
        MediaError: MEDIA_TRUNCATED, MEDIA_UNSUPPORTED (animated WebP), MEDIA_TOO_MANY_PIXELS, MEDIA_TOO_MUCH_MEMORY.
    """
    header = read_photo_header(kind, data)
    if kind is Kind.WEBP and header.animated:
        raise MediaError(ErrorCode.MEDIA_UNSUPPORTED, "animated WebP is not supported")
    if not header.whole:
        raise MediaError(ErrorCode.MEDIA_TRUNCATED, f"the {kind.value.label} file ends early")
    limits.check_pixels(header.width, header.height, still=True)
    orientation = exif_orientation(header.orientation)
    codec = kind.value.video[0]
    converter = RgbConverter(codec=codec, sample_aspect_ratio=None, max_side=max_side, orientation=orientation)
    decoded = _DECODED_BYTES_PER_PIXEL * header.width * header.height
    limits.check_memory(decoded + converter.nbytes(header.width, header.height))
    frame = _decode(data, codec, limits)
    deadline.check()
    limits.check_pixels(frame.width, frame.height, still=True)
    picture = Frame(time_s=0.0, image=converter.convert(frame))
    clip = VideoClip(kind="still", frames=(picture,), timestamps_s=np.zeros(1), duration_s=0.0)
    warnings = ("the picture is animated; the first one is used",) if header.animated else ()
    return DecodedPhoto(clip=clip, orientation=orientation, warnings=warnings)


def _decode(data: bytes, codec: str, limits: Limits) -> av.VideoFrame:
    context = av.CodecContext.create(codec, "r")
    context.thread_count = 1
    context.thread_type = ThreadType.NONE
    context.options = {"max_pixels": str(limits.still_pixels)}
    try:
        frames = context.decode(av.Packet(data)) or context.decode(None)
    except builtins.MemoryError as error:
        raise MediaError(ErrorCode.MEDIA_TOO_MUCH_MEMORY, "decoding the picture takes too much memory") from error
    except DECODER_ERRORS as error:
        raise MediaError(ErrorCode.MEDIA_TRUNCATED, "the picture is broken") from error
    if not frames:
        raise MediaError(ErrorCode.MEDIA_TRUNCATED, "the picture is broken")
    return frames[0]
