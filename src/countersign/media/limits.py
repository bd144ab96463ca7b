"""What a login's recording may cost. Each limit is refused by its own code, as early as the file lets it be known."""

from __future__ import annotations

import time
from dataclasses import dataclass

from countersign.core.errors import ErrorCode, MediaError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Hard limits on one file.

    Attributes:
        bytes: of the file; also of all its packets together, so that packets which overlap cannot multiply it.
        seconds: from the start of the first to the start of the last picture or block of sound.
        pixels: of one picture of a video or an animation.
        still_pixels: of a photo: telephones make 12 to 50 megapixels.
        frames: pictures in the file, kept or not.
        kept_frames: pictures that are converted and returned. A cap, not a refusal: fewer are chosen, evenly in time.
        memory_bytes: of the pictures and the sound as returned. Fewer pictures are kept to stay within it; refused
            when that would leave under ten of them.
        wall_s: seconds that decoding may take.
    """

    bytes: int = 32 * MIB
    seconds: float = 30.0
    pixels: int = 4096 * 2304
    still_pixels: int = 50_000_000
    frames: int = 2_000
    kept_frames: int = 250
    memory_bytes: int = 256 * MIB
    wall_s: float = 10.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) > 0:
                raise ValueError(f"the limit on {name} must be positive")

    def check_bytes(self, count: int) -> None:
        """Refuse more bytes than allowed.

        Raises:
            MediaError: MEDIA_TOO_MANY_BYTES.
        """
        if count > self.bytes:
            raise MediaError(
                ErrorCode.MEDIA_TOO_MANY_BYTES, f"the file has {count:,} bytes, {self.bytes:,} are allowed"
            )

    def check_seconds(self, seconds: float) -> None:
        """Refuse a longer recording than allowed. Not-a-number counts as too long.

        Raises:
            MediaError: MEDIA_TOO_LONG.
        """
        if not seconds <= self.seconds:
            raise MediaError(
                ErrorCode.MEDIA_TOO_LONG, f"the recording lasts {seconds:.1f} s, {self.seconds:g} s are allowed"
            )

    def check_pixels(self, width: int, height: int, *, still: bool = False) -> None:
        """Refuse a larger picture than allowed.

        Raises:
            MediaError: MEDIA_TOO_MANY_PIXELS.
        """
        allowed = self.still_pixels if still else self.pixels
        if width * height > allowed:
            raise MediaError(
                ErrorCode.MEDIA_TOO_MANY_PIXELS,
                f"a picture has {width} x {height} pixels, {allowed:,} in all are allowed",
            )

    def check_frames(self, count: int) -> None:
        """Refuse more pictures than allowed.

        Raises:
            MediaError: MEDIA_TOO_MANY_FRAMES.
        """
        if count > self.frames:
            raise MediaError(
                ErrorCode.MEDIA_TOO_MANY_FRAMES, f"the file has {count} pictures or more, {self.frames} are allowed"
            )

    def check_memory(self, count: int) -> None:
        """Refuse a result that would take more memory than allowed.

        Raises:
            MediaError: MEDIA_TOO_MUCH_MEMORY.
        """
        if count > self.memory_bytes:
            raise MediaError(
                ErrorCode.MEDIA_TOO_MUCH_MEMORY,
                f"decoded, the file would take {count:,} bytes, {self.memory_bytes:,} are allowed",
            )


DEFAULT_LIMITS = Limits()
"""For a login: about six seconds are asked for; this leaves room for slow speakers and for an upload from a phone."""


class Deadline:
    """Ends a decoding that takes too long, between two packets.

    Args:
        seconds: from now.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def check(self) -> None:
        """Raise once the time is up.

        Raises:
            MediaError: MEDIA_TOO_SLOW.
        """
        if time.monotonic() > self._end:
            raise MediaError(ErrorCode.MEDIA_TOO_SLOW, f"decoding took longer than {self._seconds:g} s")
