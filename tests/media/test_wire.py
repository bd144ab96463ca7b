"""A recording survives the way through shared memory, and an answer that lies is refused."""

from __future__ import annotations

import json
import mmap

import numpy as np
import pytest

from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import Capture, Recording
from countersign.media.decode import decode
from countersign.media.wire import Arena, pack_error, pack_recording, unpack
from tests.media import clips


@pytest.mark.parametrize("name", ["webm-vp8-opus", "jpeg", "flac", "gif"])
def test_a_recording_survives_the_way(name: str) -> None:
    recording = decode(Capture(data=clips.named(name)))
    memory = mmap.mmap(-1, 1 << 21)
    copy = unpack(pack_recording(recording, Arena(memory)), memory, capture_sha256=recording.capture_sha256)
    assert_same(copy, recording)


def assert_same(one: Recording, other: Recording) -> None:
    assert one.facts == other.facts
    assert one.capture_sha256 == other.capture_sha256
    assert (one.video is None) == (other.video is None)
    assert (one.audio is None) == (other.audio is None)
    if one.video is not None and other.video is not None:
        assert (one.video.kind, one.video.duration_s) == (other.video.kind, other.video.duration_s)
        assert np.array_equal(one.video.timestamps_s, other.video.timestamps_s)
        assert [frame.time_s for frame in one.video.frames] == [frame.time_s for frame in other.video.frames]
        for mine, theirs in zip(one.video.frames, other.video.frames, strict=True):
            assert np.array_equal(mine.image, theirs.image)
    if one.audio is not None and other.audio is not None:
        assert np.array_equal(one.audio.samples, other.audio.samples)
        assert one.audio.start_s == other.audio.start_s
        assert one.audio.source_rate_hz == other.audio.source_rate_hz
        assert one.audio.source_clipped == other.audio.source_clipped


def test_what_arrives_cannot_be_written_to() -> None:
    recording = decode(Capture(data=clips.named("webm-vp8-opus")))
    memory = mmap.mmap(-1, 1 << 21)
    copy = unpack(pack_recording(recording, Arena(memory)), memory, capture_sha256="")
    assert copy.video is not None
    assert not copy.video.frames[0].image.flags.writeable


def test_an_error_survives_the_way() -> None:
    error = MediaError(ErrorCode.MEDIA_TOO_LONG, "the recording lasts 31 s")
    with pytest.raises(MediaError) as caught:
        unpack(pack_error(error), mmap.mmap(-1, 4096), capture_sha256="")
    assert (caught.value.code, caught.value.message) == (error.code, error.message)


def test_a_full_arena_is_too_much_memory() -> None:
    with pytest.raises(MediaError) as caught:
        Arena(mmap.mmap(-1, 4096)).put(np.zeros(5000, np.uint8))
    assert caught.value.code is ErrorCode.MEDIA_TOO_MUCH_MEMORY


FACTS: dict[str, object] = {
    "container": "x",
    "video_codec": None,
    "audio_codec": None,
    "rotation_deg": 0,
    "warnings": [],
}
VIDEO: dict[str, object] = {"kind": "moving", "duration_s": 1.0, "timestamps": [0, 1], "frames": [[0.0, 0, 2, 2]]}
AUDIO: dict[str, object] = {"samples": [0, 4], "start_s": 0.0, "source_rate_hz": 16_000, "source_clipped": 0.0}


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'"text"',
        b'{"error": 3}',
        b'{"error": ["model.missing", "not a code of this room"]}',
        json.dumps({"facts": FACTS | {"warnings": "text"}}).encode(),
        json.dumps({"facts": FACTS, "video": VIDEO | {"frames": [[0.0, 4095, 2, 2]]}}).encode(),
        json.dumps({"facts": FACTS, "video": VIDEO | {"frames": [[0.0, -1, 2, 2]]}}).encode(),
        json.dumps({"facts": FACTS, "video": VIDEO | {"frames": [[0.0, 0, 1 << 40, 1 << 40]]}}).encode(),
        json.dumps({"facts": FACTS, "video": VIDEO | {"frames": [["soon", 0, 2, 2]]}}).encode(),
        json.dumps({"facts": FACTS, "video": VIDEO | {"frames": [[float("nan"), 0, 2, 2]]}}).encode(),
        json.dumps({"facts": FACTS, "video": VIDEO | {"frames": []}}).encode(),
        json.dumps({"facts": FACTS, "video": VIDEO | {"kind": "holographic"}}).encode(),
        json.dumps({"facts": FACTS, "video": VIDEO | {"timestamps": [0]}}).encode(),
        json.dumps({"facts": FACTS, "audio": AUDIO | {"samples": [0, 100_000]}}).encode(),
        json.dumps({"facts": FACTS, "audio": AUDIO | {"source_rate_hz": 16_000.5}}).encode(),
        json.dumps({"facts": FACTS, "audio": AUDIO | {"source_rate_hz": True}}).encode(),
        json.dumps({"facts": FACTS, "audio": AUDIO | {"start_s": None}}).encode(),
        json.dumps({"facts": FACTS, "audio": [1, 2]}).encode(),
    ],
)
def test_an_answer_that_lies_is_refused(reply: bytes) -> None:
    with pytest.raises(MediaError) as caught:
        unpack(reply, mmap.mmap(-1, 4096), capture_sha256="")
    assert caught.value.code is ErrorCode.MEDIA_WORKER_DIED


def test_the_answers_above_lie_in_one_thing_only() -> None:
    reply = json.dumps({"facts": FACTS, "video": VIDEO, "audio": AUDIO}).encode()
    assert unpack(reply, mmap.mmap(-1, 4096), capture_sha256="").video is not None
