"""A Recording laid out in shared memory, described in JSON.

What comes back from a worker is checked, never unpickled: the worker handles hostile files, and whoever takes it over
must not take over the server as well.
"""

from __future__ import annotations

import json
import math
import mmap
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from countersign.core.arrays import UInt8Array, read_only
from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import AudioClip, ContainerFacts, Frame, Recording, VideoClip

_ALIGNMENT: Final = 64
_MOST_TEXT: Final = 500
_CODES: Final = {code.value: code for code in ErrorCode if code.value.startswith("media.")}


class Arena:
    """Puts arrays one after the other into a block of memory.

    Args:
        memory: writable.
    """

    def __init__(self, memory: mmap.mmap) -> None:
        self._memory = memory
        self._used = 0
        self._starts: dict[int, int] = {}

    def place(self, array: UInt8Array) -> UInt8Array:
        """Copy a picture in and return the copy.

        Raises:
            MediaError: MEDIA_TOO_MUCH_MEMORY when the memory is full.
        """
        start = -(-self._used // _ALIGNMENT) * _ALIGNMENT
        if start + array.nbytes > len(self._memory):
            raise MediaError(ErrorCode.MEDIA_TOO_MUCH_MEMORY, "decoded, the file takes more memory than allowed")
        copy: UInt8Array = np.ndarray(array.shape, np.uint8, self._memory, start)
        copy[...] = array
        self._starts[copy.ctypes.data] = start
        self._used = start + array.nbytes
        return copy

    def put(self, array: NDArray[np.generic]) -> int:
        """Say where an array starts, having copied it in unless it was placed before.

        Raises:
            MediaError: MEDIA_TOO_MUCH_MEMORY when the memory is full.
        """
        if array.ctypes.data not in self._starts:
            array = self.place(np.ascontiguousarray(array).reshape(-1).view(np.uint8))
        return self._starts[array.ctypes.data]


def pack_recording(recording: Recording, arena: Arena) -> bytes:
    """Lay a recording out in shared memory and describe it."""
    video, audio, facts = recording.video, recording.audio, recording.facts
    described: dict[str, object] = {
        "facts": {
            "container": facts.container,
            "video_codec": facts.video_codec,
            "audio_codec": facts.audio_codec,
            "rotation_deg": facts.rotation_deg,
            "warnings": facts.warnings,
            "encoder": facts.encoder,
        }
    }
    if video is not None:
        described["video"] = {
            "kind": video.kind,
            "duration_s": video.duration_s,
            "timestamps": [arena.put(video.timestamps_s), len(video.timestamps_s)],
            "frames": [[frame.time_s, arena.put(frame.image), frame.height, frame.width] for frame in video.frames],
        }
    if audio is not None:
        described["audio"] = {
            "samples": [arena.put(audio.samples), len(audio.samples)],
            "start_s": audio.start_s,
            "source_rate_hz": audio.source_rate_hz,
            "source_clipped": audio.source_clipped,
        }
    return json.dumps(described).encode()


def pack_error(error: MediaError) -> bytes:
    """Describe an error."""
    return json.dumps({"error": [error.code.value, error.message]}).encode()


def unpack(reply: bytes, memory: mmap.mmap, *, capture_sha256: str) -> Recording:
    """Read a worker's reply. The arrays are views of the shared memory, which lives as long as they do.

    Args:
        reply: from `pack_recording` or `pack_error`.
        memory: the shared memory, mapped for reading.
        capture_sha256: of the file that was sent.

    Raises:
        MediaError: what the worker reported; MEDIA_WORKER_DIED when the reply makes no sense.
    """
    try:
        described = json.loads(reply)
        if "error" in described:
            code, message = described["error"]
            raise MediaError(_CODES[code], str(message)[:_MOST_TEXT])
        reader = _Reader(memory)
        return Recording(
            capture_sha256=capture_sha256,
            video=reader.video(described["video"]) if "video" in described else None,
            audio=reader.audio(described["audio"]) if "audio" in described else None,
            facts=_facts(described["facts"]),
        )
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise MediaError(
            ErrorCode.MEDIA_WORKER_DIED, "the decoding process gave an answer that makes no sense"
        ) from error


class _Reader:
    """Takes arrays out of shared memory and refuses what does not lie within it."""

    def __init__(self, memory: mmap.mmap) -> None:
        self._memory = memory

    def array(self, start: object, shape: Sequence[object], dtype: DTypeLike) -> NDArray[np.generic]:
        numbers = [_whole(value) for value in (start, *shape)]
        if numbers[0] + math.prod(numbers[1:]) * np.dtype(dtype).itemsize > len(self._memory):
            raise ValueError("beyond the shared memory")
        array: NDArray[np.generic] = np.ndarray(tuple(numbers[1:]), dtype, self._memory, numbers[0])
        read_only(array)
        return array

    def video(self, described: Mapping[str, object]) -> VideoClip:
        start, count = _pair(described["timestamps"])
        frames = described["frames"]
        kind = described["kind"]
        if not isinstance(frames, list) or not frames or kind not in {"moving", "still"}:
            raise ValueError("not a video")
        return VideoClip(
            kind="still" if kind == "still" else "moving",
            frames=tuple(
                Frame(time_s=_finite(time_s), image=self.array(at, (height, width, 3), np.uint8).view(np.uint8))
                for time_s, at, height, width in frames
            ),
            timestamps_s=self.array(start, (count,), np.float64).view(np.float64),
            duration_s=_finite(described["duration_s"]),
        )

    def audio(self, described: Mapping[str, object]) -> AudioClip:
        start, count = _pair(described["samples"])
        return AudioClip(
            samples=self.array(start, (count,), np.float32).view(np.float32),
            start_s=_finite(described["start_s"]),
            source_rate_hz=_whole(described["source_rate_hz"]),
            source_clipped=_finite(described["source_clipped"]),
        )


def _facts(described: Mapping[str, object]) -> ContainerFacts:
    warnings = described["warnings"]
    if not isinstance(warnings, list):
        raise TypeError("not a list")
    return ContainerFacts(
        container=str(described["container"])[:_MOST_TEXT],
        video_codec=None if described["video_codec"] is None else str(described["video_codec"])[:_MOST_TEXT],
        audio_codec=None if described["audio_codec"] is None else str(described["audio_codec"])[:_MOST_TEXT],
        rotation_deg=_whole(described["rotation_deg"]),
        warnings=tuple(str(warning)[:_MOST_TEXT] for warning in warnings),
        encoder=None if described.get("encoder") is None else str(described["encoder"])[:_MOST_TEXT],
    )


def _pair(value: object) -> tuple[object, object]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("not a pair")
    return value[0], value[1]


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("not a whole number")
    return value


def _finite(value: object) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("not a finite number")
    return float(value)
