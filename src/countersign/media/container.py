"""Open a film or sound file and read all its packets, decoding nothing: what is in it, and whether it may be decoded."""

from __future__ import annotations

import builtins
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, NoReturn

import av
from av.stream import Disposition

from countersign.core.errors import ErrorCode, MediaError
from countersign.media.limits import Deadline, Limits
from countersign.media.sniff import Kind

DECODER_ERRORS: Final = (av.FFmpegError, ValueError, ArithmeticError, LookupError, EOFError)
"""What PyAV raises when a file is broken."""

_DECODERS: Final = {"av1": ("libdav1d", "av1"), "mp3": ("mp3float", "mp3"), "mp2": ("mp2float", "mp2")}
"""FFmpeg's white list wants the names of decoders, which for a few codecs are not the codec's own."""
_DURATION_GRACE_S: Final = 0.5
_PACKETS_PER_SECOND: Final = 1_000

RATES_HZ: Final = range(4_000, 192_001)
"""Sampling rates of sound that are accepted."""
MOST_CHANNELS: Final = 6
"""Channels of sound that are accepted: 5.1 and less."""
_MOST_STREAMS: Final = 16
_PROBED_PIXELS: Final = 4
_MOST_LETTERS: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One stream with all its packets.

    Attributes:
        stream: PyAV's; valid while the container is open.
        packets: in the order of the file.
        tick_s: seconds that one unit of a packet's time lasts.
    """

    stream: av.stream.Stream
    packets: tuple[av.Packet, ...] = field(repr=False)
    tick_s: float

    @property
    def codec(self) -> str:
        """FFmpeg's canonical name."""
        return str(self.stream.codec_context.codec.canonical_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a container holds, as packets.

    Attributes:
        container: FFmpeg's name of the format.
        video, audio: the streams that will be decoded, where there are any.
        declared_s: how long the header says that the file is, where it says.
        warnings: in plain words.
        encoder: the program that wrote the file, by its own account, where it says.
    """

    container: str
    video: Track | None
    audio: Track | None
    declared_s: float | None
    warnings: tuple[str, ...]
    encoder: str | None = None


@contextmanager
def open_contents(data: bytes, kind: Kind, limits: Limits, deadline: Deadline) -> Iterator[Contents]:
    """Open a file with the one demuxer that its kind names, check it against the limits and read its packets.

    Args:
        data: the whole file.
        kind: as sniffed; not a photo.
        limits: what is allowed.
        deadline: when to give up.

    Yields:
        The contents; packets and streams may be decoded inside the `with` block only.

    Raises:
        MediaError: MEDIA_TRUNCATED when the file cannot be opened; MEDIA_UNSUPPORTED when no stream is of a codec on
            the list; the code of the limit that it exceeds.
    """
    if kind is Kind.GIF:
        limits.check_pixels(int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little"))
    demuxer = kind.value.demuxer
    codecs = kind.value.video + kind.value.audio
    options = {
        "format_whitelist": str(demuxer),
        "protocol_whitelist": "none",
        "codec_whitelist": ",".join(name for codec in codecs for name in _DECODERS.get(codec, (codec,))),
        # FFmpeg forgets the size of a picture that it refuses: up to this one it can be told why it was.
        "max_pixels": str(_PROBED_PIXELS * limits.pixels),
        "max_streams": str(_MOST_STREAMS),
        "enable_drefs": "0",
        "use_absolute_path": "0",
    }
    try:
        container = av.open(
            io.BytesIO(data),
            "r",
            format=demuxer,
            options=options,
            metadata_errors="ignore",
            buffer_size=1 << 17,
            io_open=_refuse_to_open,
        )
    except builtins.MemoryError as error:
        raise MediaError(ErrorCode.MEDIA_TOO_MUCH_MEMORY, "opening the file takes too much memory") from error
    except (*DECODER_ERRORS, OSError) as error:
        raise MediaError(ErrorCode.MEDIA_TRUNCATED, f"the file is a broken or cut {kind.value.label} file") from error
    with container:
        yield _read(container, kind, limits, deadline)


def _refuse_to_open(*_: object) -> NoReturn:
    """FFmpeg asks here for any second file that a file names. There are none."""
    raise PermissionError("a recording may not refer to other files")


def _read(container: av.container.InputContainer, kind: Kind, limits: Limits, deadline: Deadline) -> Contents:
    warnings: list[str] = []
    video = _pick(container.streams.video, kind.value.video, "picture", warnings)
    audio = _pick(container.streams.audio, kind.value.audio, "sound", warnings)
    if video is None and audio is None:
        raise MediaError(
            ErrorCode.MEDIA_UNSUPPORTED,
            f"the {kind.value.label} file holds no picture or sound in a supported codec" + _in_brackets(warnings),
        )
    declared_s = None
    if kind.value.declares_duration and container.duration is not None:
        declared_s = float(container.duration) / av.time_base
        limits.check_seconds(max(0.0, declared_s - _DURATION_GRACE_S))
    if video is not None:
        limits.check_pixels(video.codec_context.width, video.codec_context.height)
        limits.check_frames(video.frames)
    packets = _Packets(video, audio, limits)
    try:
        for packet in container.demux([stream for stream in (video, audio) if stream is not None]):
            deadline.check()
            packets.add(packet)
    except builtins.MemoryError as error:
        raise MediaError(ErrorCode.MEDIA_TOO_MUCH_MEMORY, "reading the file takes too much memory") from error
    except DECODER_ERRORS:
        warnings.append("the file is broken or ends early")
    return Contents(
        container=container.format.name,
        video=packets.track(video),
        audio=packets.track(audio),
        declared_s=declared_s,
        warnings=tuple(warnings),
        encoder=_encoder(container),
    )


def _encoder(container: av.container.InputContainer) -> str | None:
    """What the file says wrote it: Matroska's and MP4's tag of that name, or a telephone's own."""
    said = {name.lower(): value for name, value in container.metadata.items()}
    for name in ("encoder", "com.android.version", "com.apple.quicktime.model"):
        if said.get(name):
            return "".join(letter for letter in said[name] if letter.isprintable())[:_MOST_LETTERS]
    return None


def _pick(
    streams: Sequence[av.stream.Stream], codecs: Sequence[str], what: str, warnings: list[str]
) -> av.stream.Stream | None:
    """The first stream that may be decoded. Cover pictures are not streams of pictures."""
    real = [stream for stream in streams if not stream.disposition & Disposition.attached_pic]
    objections = [_objection(stream, codecs) for stream in real]
    usable = [stream for stream, objection in zip(real, objections, strict=True) if objection is None]
    if not usable:
        warnings.extend(f"the {what} {objection}, which is not supported" for objection in objections[:1])
        return None
    if len(real) > 1:
        warnings.append(f"{len(real)} streams of {what}; the first that is supported is used")
    return usable[0]


def _objection(stream: av.stream.Stream, codecs: Sequence[str]) -> str | None:
    context = stream.codec_context
    if context is None:
        return "is in an unknown codec"
    if context.codec.canonical_name not in codecs:
        return f"is in {context.codec.canonical_name}"
    if stream.type == "audio" and (context.layout.nb_channels > MOST_CHANNELS or context.sample_rate not in RATES_HZ):
        return f"has {context.layout.nb_channels} channels at {context.sample_rate} Hz"
    return None


class _Packets:
    """Collects packets and refuses what exceeds the limits while nothing has been decoded yet."""

    def __init__(self, video: av.stream.Stream | None, audio: av.stream.Stream | None, limits: Limits) -> None:
        self._limits = limits
        streams = [stream for stream in (video, audio) if stream is not None]
        self._by_stream: dict[int, list[av.Packet]] = {stream.index: [] for stream in streams}
        self._tick_s = {stream.index: float(stream.time_base or 0) for stream in streams}
        self._video = None if video is None else video.index
        self._first_s: float | None = None
        self._bytes = 0
        self._count = 0

    def add(self, packet: av.Packet) -> None:
        if not packet.size:
            return
        index = packet.stream_index
        self._by_stream[index].append(packet)
        self._bytes += packet.size
        self._count += 1
        if self._bytes > self._limits.bytes:
            raise MediaError(
                ErrorCode.MEDIA_TOO_MUCH_MEMORY, "the packets of the file take more memory than the file may have bytes"
            )
        if index == self._video:
            self._limits.check_frames(len(self._by_stream[index]))
        if self._count > self._limits.frames + _PACKETS_PER_SECOND * self._limits.seconds:
            raise MediaError(ErrorCode.MEDIA_TOO_MANY_FRAMES, "the file is cut into more packets than is allowed")
        time = packet.pts if packet.pts is not None else packet.dts
        if time is not None and not packet.is_discard:
            seconds = time * self._tick_s[index]
            self._first_s = seconds if self._first_s is None else min(self._first_s, seconds)
            self._limits.check_seconds(seconds - self._first_s)

    def track(self, stream: av.stream.Stream | None) -> Track | None:
        if stream is None or not self._by_stream[stream.index] or not self._tick_s[stream.index]:
            return None
        packets = tuple(self._by_stream[stream.index])
        return Track(stream=stream, packets=packets, tick_s=self._tick_s[stream.index])


def _in_brackets(warnings: Sequence[str]) -> str:
    return f" ({'; '.join(warnings)})" if warnings else ""
