"""Bytes to a Recording, in this process. `countersign.media.worker` does the same in one that may crash."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Final

from countersign.core.arrays import UInt8Array, read_only
from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import AudioClip, Capture, ContainerFacts, Recording, VideoClip
from countersign.media.container import Contents, open_contents
from countersign.media.limits import DEFAULT_LIMITS, Deadline, Limits
from countersign.media.photo import decode_photo
from countersign.media.pixels import Orientation
from countersign.media.sniff import Kind, missing_fraction, sniff
from countersign.media.sound import DecodedSound, decode_sound
from countersign.media.video import Choice, DecodedVideo, decode_video

KEEP_FPS: Final = 10.0
"""Pictures kept for each second where samples alone are wanted: enrolment, evaluation."""
LOGIN_FPS: Final = 25.0
"""And where checks look at the movement of lips and head."""
MAX_SIDE: Final = 1280
_MOST_OF_IT: Final = 0.5
_NEARLY_ALL: Final = 0.95


def decode(
    capture: Capture,
    *,
    limits: Limits = DEFAULT_LIMITS,
    keep_fps: float = KEEP_FPS,
    max_side: int | None = MAX_SIDE,
    threads: int = 2,
    place: Callable[[UInt8Array], UInt8Array] | None = None,
) -> Recording:
    """Decode a file to pictures and 16 kHz mono sound on one clock.

    The clock starts (0 s) with whichever of picture and sound comes first; the other keeps its distance, edit lists and
    codec delays applied. The kind of file is told by its content; `media_type` and `name` are not read.

    Args:
        capture: the file.
        limits: what is allowed.
        keep_fps: pictures kept for each second, evenly in time; all, where there are fewer.
        max_side: longest side of a kept picture, pixels; None keeps the size. Smaller pictures are not enlarged.
        threads: that the picture's decoder may use; 1 where many files are decoded side by side.
        place: where to move each picture of a video as soon as it is made, so that a worker can make its result in
            shared memory.

    Returns:
        Pictures, sound or both, in read-only arrays. What was odd but survivable is in `facts.warnings`.

    Raises:
        MediaError: MEDIA_EMPTY, MEDIA_UNSUPPORTED, MEDIA_TRUNCATED, MEDIA_INVALID_SAMPLES, or the limit's code
            (MEDIA_TOO_MANY_BYTES, _TOO_LONG, _TOO_MANY_PIXELS, _TOO_MANY_FRAMES, _TOO_MUCH_MEMORY, _TOO_SLOW).
    """
    if not capture.data:
        raise MediaError(ErrorCode.MEDIA_EMPTY, "the file is empty")
    limits.check_bytes(len(capture.data))
    kind = sniff(capture.data)
    if kind is None:
        raise MediaError(ErrorCode.MEDIA_UNSUPPORTED, "the file is no picture, sound or film of a supported kind")
    deadline = Deadline(limits.wall_s)
    if kind.value.demuxer is None:
        return _frozen(_decode_photo(capture, kind, max_side=max_side, limits=limits, deadline=deadline))
    missing = missing_fraction(kind, capture.data)
    if 1.0 - missing < _MOST_OF_IT:
        raise MediaError(ErrorCode.MEDIA_TRUNCATED, f"{missing:.0%} of the {kind.value.label} file is missing")
    choice = Choice(per_second=keep_fps, max_side=max_side, threads=threads, place=place)
    with open_contents(capture.data, kind, limits, deadline) as contents:
        recording = _decode_contents(capture, kind, contents, choice=choice, limits=limits, deadline=deadline)
    if missing > 0.0:
        note = f"the file ends early: {missing:.0%} of it is missing"
        facts = dataclasses.replace(recording.facts, warnings=(note, *recording.facts.warnings))
        recording = dataclasses.replace(recording, facts=facts)
    return _frozen(recording)


def _decode_photo(
    capture: Capture, kind: Kind, *, max_side: int | None, limits: Limits, deadline: Deadline
) -> Recording:
    photo = decode_photo(capture.data, kind, max_side=max_side, limits=limits, deadline=deadline)
    facts = ContainerFacts(
        container=kind.name.lower(),
        video_codec=kind.value.video[0],
        rotation_deg=photo.orientation.degrees,
        warnings=photo.warnings,
    )
    return Recording(capture_sha256=capture.sha256, video=photo.clip, audio=None, facts=facts)


def _decode_contents(
    capture: Capture, kind: Kind, contents: Contents, *, choice: Choice, limits: Limits, deadline: Deadline
) -> Recording:
    warnings = list(contents.warnings)
    sound = video = None
    if contents.audio is not None:
        sound = decode_sound(contents.audio, limits=limits, deadline=deadline)
        warnings.extend(["the sound could not be decoded"] if sound is None else sound.warnings)
    if contents.video is not None:
        video = decode_video(contents.video, kind, choice=choice, limits=limits, deadline=deadline)
        warnings.extend(["the picture could not be decoded"] if video is None else video.warnings)
    if sound is None and video is None:
        raise MediaError(
            ErrorCode.MEDIA_TRUNCATED, f"nothing in the {kind.value.label} file could be decoded: it is broken or cut"
        )
    warnings.extend(_check_length(contents, video, sound))
    video_clip, audio_clip = _on_one_clock(video, sound)
    facts = ContainerFacts(
        container=contents.container,
        video_codec=contents.video.codec if contents.video is not None else None,
        audio_codec=contents.audio.codec if contents.audio is not None else None,
        rotation_deg=(video.orientation if video is not None else Orientation()).degrees,
        warnings=tuple(warnings),
        encoder=contents.encoder,
    )
    return Recording(capture_sha256=capture.sha256, video=video_clip, audio=audio_clip, facts=facts)


def _check_length(contents: Contents, video: DecodedVideo | None, sound: DecodedSound | None) -> list[str]:
    """Compare what came out with what the header promised.

    Raises:
        MediaError: MEDIA_TRUNCATED when less than half came out.
    """
    declared_s = contents.declared_s
    if declared_s is None or declared_s <= 0.0:
        return []
    lengths = [video.clip.duration_s if video is not None else 0.0, sound.clip.duration_s if sound is not None else 0.0]
    share = max(lengths) / declared_s
    if share >= _NEARLY_ALL or declared_s - max(lengths) < 0.25:
        return []
    text = f"{max(lengths):.1f} s of the {declared_s:.1f} s that the header declares could be decoded"
    if share < _MOST_OF_IT:
        raise MediaError(ErrorCode.MEDIA_TRUNCATED, text)
    return [text]


def _on_one_clock(video: DecodedVideo | None, sound: DecodedSound | None) -> tuple[VideoClip | None, AudioClip | None]:
    """Move both so that the earlier one starts at 0 s."""
    clip = video.clip if video is not None else None
    audio = sound.clip if sound is not None else None
    starts = [float(clip.timestamps_s[0])] if clip is not None else []
    starts += [audio.start_s] if audio is not None else []
    zero = min(starts)
    if clip is not None:
        clip = dataclasses.replace(
            clip,
            frames=tuple(dataclasses.replace(frame, time_s=frame.time_s - zero) for frame in clip.frames),
            timestamps_s=clip.timestamps_s - zero,
        )
    if audio is not None:
        audio = dataclasses.replace(audio, start_s=audio.start_s - zero)
    return clip, audio


def _frozen(recording: Recording) -> Recording:
    """The same, with arrays that refuse writes: what comes from a worker does too."""
    if recording.video is not None:
        read_only(recording.video.timestamps_s)
        for frame in recording.video.frames:
            read_only(frame.image)
    if recording.audio is not None:
        read_only(recording.audio.samples)
    return recording
