"""Biometric samples before anything is known about whose they are (ISO/IEC 2382-37, 37.03.21)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from countersign.core.arrays import Float32Array, Float64Array, UInt8Array
from countersign.core.biometrics import Modality
from countersign.core.errors import ErrorCode, MediaError

SAMPLE_RATE_HZ = 16_000
"""Every `AudioClip` has this rate: the speech models were trained at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Bytes as they came in, unexamined.

    Attributes:
        data: the file's bytes.
        media_type: what the sender said it is (never trusted), or None.
        name: a label for messages to the operator (a file name); never interpreted.
    """

    data: bytes = field(repr=False)
    media_type: str | None = None
    name: str | None = None

    @property
    def sha256(self) -> str:
        """Lower-case hexadecimal SHA-256 of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture.

    Attributes:
        time_s: seconds on the recording's clock; for a still its index.
        image: `uint8[height, width, 3]`, RGB, upright (rotation metadata applied).
    """

    time_s: float
    image: UInt8Array = field(repr=False)

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.image.shape[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoClip:
    """Pictures on one clock. Not all that were decoded are kept: `frames` are chosen evenly in time.

    Attributes:
        kind: "moving" for a video or an animation, "still" for a photo.
        frames: in order of time, at least one.
        timestamps_s: `float64[n]`, presentation times of ALL frames in the file, in order, kept or not.
        duration_s: from the first frame's start to the last frame's end; 0 for a still.
    """

    kind: Literal["moving", "still"]
    frames: tuple[Frame, ...]
    timestamps_s: Float64Array = field(repr=False)
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioClip:
    """Sound, mono, at `SAMPLE_RATE_HZ`.

    Attributes:
        samples: `float32[n]`, nominally in [-1, 1], all finite.
        start_s: time of the first sample on the recording's clock (the clock of the video, where there is one).
        source_rate_hz: sampling rate before conversion.
        source_clipped: fraction in [0, 1] of samples at full scale before conversion.
    """

    samples: Float32Array = field(repr=False)
    start_s: float = 0.0
    source_rate_hz: int = SAMPLE_RATE_HZ
    source_clipped: float = 0.0

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return float(len(self.samples)) / SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerFacts:
    """What the file says about itself: evidence for the operator, never trusted alone.

    Attributes:
        container: FFmpeg's short name of the format, for example "matroska,webm".
        video_codec, audio_codec: FFmpeg's names, or None without such a stream.
        rotation_deg: rotation metadata that was applied, one of 0, 90, 180, 270.
        encoder: the program that wrote the file, by its own account ("Chrome", "Lavf62.3.100"), or None.
        warnings: what was odd but survivable ("video stream broken after 3.2 s"), in plain words.
    """

    container: str
    video_codec: str | None = None
    audio_codec: str | None = None
    rotation_deg: int = 0
    warnings: tuple[str, ...] = ()
    encoder: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One decoded file: pictures and sound on one clock, either of which may be absent, not both."""

    capture_sha256: str
    video: VideoClip | None
    audio: AudioClip | None
    facts: ContainerFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """What a person showed in one go: one video with sound, or several pictures and a sound (ISO/IEC 30107-1).

    Attributes:
        recordings: at least one; order carries no meaning.
    """

    recordings: tuple[Recording, ...]


def require(recording: Recording, modalities: Iterable[Modality]) -> Recording:
    """`recording`, if it carries what `modalities` need: a picture for the face, sound for the voice.

    A login asks before it looks: a film without sound is a broken upload, not a person who said nothing.

    Raises:
        MediaError: MEDIA_NO_VIDEO or MEDIA_NO_AUDIO.
    """
    wanted = set(modalities)
    if Modality.FACE in wanted and recording.video is None:
        raise MediaError(ErrorCode.MEDIA_NO_VIDEO, "the recording has no picture")
    if Modality.VOICE in wanted and recording.audio is None:
        raise MediaError(ErrorCode.MEDIA_NO_AUDIO, "the recording has no sound")
    return recording
