"""Decode the picture: all frames that the kept ones depend on, of which only the kept ones are converted."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import av
import numpy as np
from av.codec.context import ThreadType

from countersign.core.arrays import Float64Array, UInt8Array
from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import SAMPLE_RATE_HZ, Frame, VideoClip
from countersign.media.choosing import FrameChooser, target_times
from countersign.media.container import DECODER_ERRORS, Track
from countersign.media.limits import Deadline, Limits
from countersign.media.pixels import Orientation, RgbConverter, display_orientation
from countersign.media.sniff import Kind

_FEWEST_KEPT: Final = 10
_USUAL_FRAME_S: Final = 1 / 30
_SOUND_BYTES_PER_SECOND: Final = 4 * SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the caller wants of the pictures.

    Attributes:
        per_second: how many to keep.
        max_side: longest side, pixels, or None for as they are.
        threads: that the decoder may use.
        place: where to move each picture as soon as it is made (a worker's shared memory), or None.
    """

    per_second: float
    max_side: int | None
    threads: int
    place: Callable[[UInt8Array], UInt8Array] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedVideo:
    """The picture on the container's own clock, with what was odd."""

    clip: VideoClip
    orientation: Orientation
    warnings: tuple[str, ...]


class _VideoDecoder:
    """One pass over one track."""

    def __init__(self, track: Track, choice: Choice, limits: Limits, deadline: Deadline) -> None:
        self._track = track
        self._choice = choice
        self._limits = limits
        self._deadline = deadline
        self._converter: RgbConverter | None = None
        self._shown_s: list[float] = []
        self._kept: list[Frame] = []
        self._failed = 0
        self._bytes = 0
        self.orientation = Orientation()

    def decode(self, kind: Kind) -> DecodedVideo | None:
        """Decode; None when not one picture is sound."""
        times, end_s = _packet_times(self._track)
        context = self._track.stream.codec_context
        at_most = self._affordable(context.width, context.height)
        targets = target_times(times, end_s=end_s, per_second=self._choice.per_second, at_most=at_most)
        chooser = FrameChooser(targets)
        for frame in self._frames(_needed(self._track, targets)):
            self._take(frame, chooser)
        if not self._kept:
            return None
        return self._result(kind, times, end_s)

    def _affordable(self, width: int, height: int) -> int:
        """How many pictures the memory limit leaves room for."""
        converter = RgbConverter(
            codec=self._track.codec,
            sample_aspect_ratio=self._track.stream.sample_aspect_ratio,
            max_side=self._choice.max_side,
            orientation=Orientation(),
        )
        each = max(1, converter.nbytes(width, height))
        self._limits.check_memory(each * min(_FEWEST_KEPT, len(self._track.packets)))
        sound = int(_SOUND_BYTES_PER_SECOND * self._limits.seconds)
        left = max(self._limits.memory_bytes - sound, self._limits.memory_bytes // 2)
        return min(self._limits.kept_frames, max(1, left // each))

    def _frames(self, needed: frozenset[int] | None) -> Iterator[av.VideoFrame]:
        context = self._track.stream.codec_context
        context.options = {"max_pixels": str(self._limits.pixels)}
        context.thread_count = self._choice.threads
        context.thread_type = ThreadType.AUTO if self._choice.threads > 1 else ThreadType.NONE
        for packet in (*self._track.packets, None):
            self._deadline.check()
            if packet is not None and needed is not None:
                # Pictures that no other depends on need not be decoded unless they are to be kept.
                context.skip_frame = "DEFAULT" if packet.pts in needed else "NONREF"
            try:
                yield from context.decode(packet)
            except builtins.MemoryError as error:
                raise MediaError(
                    ErrorCode.MEDIA_TOO_MUCH_MEMORY, "decoding the picture takes too much memory"
                ) from error
            except DECODER_ERRORS:
                self._failed += 1

    def _take(self, frame: av.VideoFrame, chooser: FrameChooser) -> None:
        time = frame.pts if frame.pts is not None else frame.dts
        previous_s = self._shown_s[-1] if self._shown_s else -_USUAL_FRAME_S
        time_s = time * self._track.tick_s if time is not None else previous_s + _USUAL_FRAME_S
        self._shown_s.append(time_s)
        if frame.is_corrupt:
            self._failed += 1
            return
        if not chooser.wants(time_s):
            return
        self._limits.check_pixels(frame.width, frame.height)
        converter = self._converter_for(frame)
        self._bytes += converter.nbytes(frame.width, frame.height)
        self._limits.check_memory(self._bytes)
        image = converter.convert(frame)
        if self._choice.place is not None:
            image = self._choice.place(image)
        self._kept.append(Frame(time_s=time_s, image=image))

    def _converter_for(self, frame: av.VideoFrame) -> RgbConverter:
        if self._converter is None:
            self.orientation = display_orientation(frame)
            self._converter = RgbConverter(
                codec=self._track.codec,
                sample_aspect_ratio=self._track.stream.sample_aspect_ratio,
                max_side=self._choice.max_side,
                orientation=self.orientation,
            )
        return self._converter

    def _result(self, kind: Kind, times: Float64Array, end_s: float) -> DecodedVideo:
        warnings = []
        if self._failed:
            warnings.append(f"{self._failed} of {len(times)} pictures are damaged")
        if len({frame.image.shape for frame in self._kept}) > 1:
            warnings.append("the size of the picture changes")
        still = kind is Kind.GIF and len(times) == 1
        clip = VideoClip(
            kind="still" if still else "moving",
            frames=tuple(self._kept),
            timestamps_s=times,
            duration_s=0.0 if still else end_s - float(times[0]),
        )
        return DecodedVideo(clip=clip, orientation=self.orientation, warnings=tuple(warnings))


def decode_video(
    track: Track, kind: Kind, *, choice: Choice, limits: Limits, deadline: Deadline
) -> DecodedVideo | None:
    """Decode one track of pictures.

    Args:
        track: from an open container.
        kind: of the file.
        choice: which pictures to keep, and how large.
        limits: what is allowed.
        deadline: when to give up.

    Returns:
        The pictures, times on the container's clock; None when not one could be decoded.

    Raises:
        MediaError: MEDIA_TOO_MUCH_MEMORY, MEDIA_TOO_MANY_PIXELS, MEDIA_TOO_SLOW.
    """
    return _VideoDecoder(track, choice, limits, deadline).decode(kind)


def _packet_times(track: Track) -> tuple[Float64Array, float]:
    """When the pictures are shown according to the container, ascending, and when the last one's showing ends."""
    shown = [
        (packet.pts if packet.pts is not None else packet.dts, packet.duration or 0)
        for packet in track.packets
        if not packet.is_discard
    ]
    known = sorted((time, duration) for time, duration in shown if time is not None)
    if not known:
        times = np.arange(len(track.packets), dtype=np.float64) * _USUAL_FRAME_S
        return times, float(times[-1]) + _USUAL_FRAME_S
    times = np.array([time for time, _ in known], dtype=np.float64) * track.tick_s
    last_s = known[-1][1] * track.tick_s
    if last_s <= 0.0:
        last_s = float(np.median(np.diff(times))) if len(times) > 1 else _USUAL_FRAME_S
    return times, float(times[-1]) + last_s


def _needed(track: Track, targets: Float64Array) -> frozenset[int] | None:
    """Packet times of the pictures that will be kept; None when the container does not tell."""
    times = [packet.pts for packet in track.packets if not packet.is_discard]
    if any(time is None for time in times):
        return None
    chooser = FrameChooser(targets)
    return frozenset(time for time in sorted(times) if chooser.wants(time * track.tick_s))
