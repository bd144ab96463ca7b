"""Decode the sound: every block at its own time, mixed to one channel, resampled once, as a whole."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import av
import numpy as np
import soxr

from countersign.core.arrays import Float32Array
from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import SAMPLE_RATE_HZ, AudioClip
from countersign.media.container import DECODER_ERRORS, MOST_CHANNELS, RATES_HZ, Track
from countersign.media.limits import Deadline, Limits

# Telephones stamp blocks of sound with the time at which they arrived, which jitters by some 40 ms.
_JITTER_S: Final = 0.08
_ABSURD: Final = 16.0
_CANCELLED: Final = 0.1
_FULL_SCALE: Final = {"pcm_mulaw": 32_124 / 32_768, "pcm_alaw": 32_256 / 32_768, "pcm_u8": 127 / 128}
_SAMPLE_TYPES: Final = {
    "u8": (np.uint8, 2.0**-7, 128.0),
    "s16": (np.int16, 2.0**-15, 0.0),
    "s32": (np.int32, 2.0**-31, 0.0),
    "flt": (np.float32, 1.0, 0.0),
    "dbl": (np.float64, 1.0, 0.0),
}
"""FFmpeg's sample formats: element, what full scale is multiplied by, what zero is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedSound:
    """The sound on the container's own clock, with what was odd."""

    clip: AudioClip
    warnings: tuple[str, ...]


class _SoundDecoder:
    """One pass over one track."""

    def __init__(self, track: Track, limits: Limits, deadline: Deadline) -> None:
        self._track = track
        self._limits = limits
        self._deadline = deadline
        self._blocks: list[Float32Array] = []
        self._length = 0
        self._start_s = 0.0
        self._rate = 0
        self._channels = 0
        self._gaps = 0
        self._clipped = 0
        self._failed = 0
        self._warnings: list[str] = []
        self._full_scale = _FULL_SCALE.get(track.codec, 32_767 / 32_768)

    def decode(self) -> DecodedSound | None:
        """Decode; None when nothing could be."""
        for frame in self._frames():
            self._place(frame)
        if self._length == 0:
            return None
        if self._failed:
            self._warnings.append(f"{self._failed} of {len(self._track.packets)} blocks of sound are damaged")
        if self._gaps:
            self._warnings.append("there are gaps in the sound")
        channels = np.concatenate(self._blocks, axis=1)
        samples = soxr.resample(self._mix(channels), self._rate, SAMPLE_RATE_HZ, quality="HQ")
        clip = AudioClip(
            samples=np.ascontiguousarray(samples, dtype=np.float32),
            start_s=self._start_s,
            source_rate_hz=self._rate,
            source_clipped=self._clipped / self._length,
        )
        return DecodedSound(clip=clip, warnings=tuple(self._warnings))

    def _frames(self) -> Iterator[av.AudioFrame]:
        context = self._track.stream.codec_context
        context.thread_count = 1
        for packet in (*self._track.packets, None):
            self._deadline.check()
            try:
                yield from context.decode(packet)
            except builtins.MemoryError as error:
                raise MediaError(ErrorCode.MEDIA_TOO_MUCH_MEMORY, "decoding the sound takes too much memory") from error
            except DECODER_ERRORS:
                self._failed += 1

    def _place(self, frame: av.AudioFrame) -> None:
        """Put a block where its time says: silence in gaps, overlaps cut."""
        channels = frame.layout.nb_channels
        # Counted before the planes are touched: PyAV reads past the end of its list of eight planes or more.
        if not frame.samples or channels > MOST_CHANNELS or frame.sample_rate not in RATES_HZ:
            self._failed += bool(frame.samples)
            return
        if not self._blocks:
            self._rate, self._channels = frame.sample_rate, channels
            self._start_s = frame.pts * self._track.tick_s if frame.pts is not None else 0.0
        elif (frame.sample_rate, channels) != (self._rate, self._channels):
            self._failed += 1
            return
        planes = _planes(frame)
        loudest = np.abs(planes[0] if len(planes) == 1 else np.abs(planes).max(axis=0))
        if not float(loudest.max()) <= _ABSURD:
            self._refuse_absurd_values()
            return
        if frame.pts is not None:
            gap = round((frame.pts * self._track.tick_s - self._start_s) * self._rate) - self._length
            if gap > _JITTER_S * self._rate:
                self._append(np.zeros((len(planes), self._checked(gap)), np.float32))
                self._gaps += 1
            elif gap < -_JITTER_S * self._rate:
                planes = planes[:, min(-gap, planes.shape[1]) :]
        self._clipped += int(np.count_nonzero(loudest >= self._full_scale))
        self._append(planes)

    def _refuse_absurd_values(self) -> None:
        """What is no number or far beyond full scale: stored so on purpose, or made up by a decoder out of damage."""
        if self._track.codec.startswith("pcm_"):
            raise MediaError(
                ErrorCode.MEDIA_INVALID_SAMPLES, "the sound holds values that are no numbers or far beyond full scale"
            )
        self._failed += 1

    def _append(self, planes: Float32Array) -> None:
        self._checked(planes.shape[1])
        self._blocks.append(planes)
        self._length += planes.shape[1]

    def _checked(self, count: int) -> int:
        total = self._length + count
        self._limits.check_seconds(total / self._rate - 2.0)
        self._limits.check_memory(total * 4 * (2 if self._blocks and len(self._blocks[0]) == 2 else 1))
        return count

    def _mix(self, channels: Float32Array) -> Float32Array:
        mono: Float32Array = channels.mean(axis=0, dtype=np.float32)
        if len(channels) == 2:
            # Some telephones record two channels in opposite phase: their mean is next to silence.
            energies = np.square(channels).sum(axis=1)
            if float(np.square(mono).sum()) < _CANCELLED * float(energies.max()):
                self._warnings.append("the two channels cancel each other; the louder one is used")
                mono = channels[int(energies.argmax())]
        return mono


def decode_sound(track: Track, *, limits: Limits, deadline: Deadline) -> DecodedSound | None:
    """Decode one track of sound.

    Args:
        track: from an open container.
        limits: what is allowed.
        deadline: when to give up.

    Returns:
        The sound, its start on the container's clock; None when none of it could be decoded.

    Raises:
        MediaError: MEDIA_INVALID_SAMPLES, MEDIA_TOO_LONG, MEDIA_TOO_MUCH_MEMORY, MEDIA_TOO_SLOW.
    """
    return _SoundDecoder(track, limits, deadline).decode()


def _planes(frame: av.AudioFrame) -> Float32Array:
    """A block as `float32[1 or 2, n]`, nominally in [-1, 1]; more channels are mixed to one, without the bass effects."""
    channels, count = frame.layout.nb_channels, frame.samples
    dtype, scale, offset = _SAMPLE_TYPES[frame.format.name.removesuffix("p")]
    if frame.format.is_planar:
        array = np.stack([np.frombuffer(plane, dtype, count) for plane in frame.planes])
    else:
        array = np.frombuffer(frame.planes[0], dtype, count * channels).reshape(count, channels).T
    planes = np.array(array, dtype=np.float32, order="C")
    if scale != 1.0:
        planes = (planes - np.float32(offset)) * np.float32(scale)
    if channels > 2:
        kept = [i for i, channel in enumerate(frame.layout.channels) if channel.name != "LFE"]
        planes = planes[kept or slice(None)].mean(axis=0, keepdims=True, dtype=np.float32)
    return planes
