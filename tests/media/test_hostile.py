"""Whatever the bytes: a Recording or a MediaError with a code, within the limits, and the process survives."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import Capture, Recording
from countersign.media.limits import Limits
from countersign.media.worker import DecodeWorker
from tests.media import clips

LIMITS = Limits(wall_s=5.0)
FUZZ = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NAMES = st.sampled_from(sorted(clips.FORMATS))
SHARES = st.floats(0.0, 1.0, exclude_max=True)


@pytest.fixture(scope="module")
def worker() -> Iterator[DecodeWorker]:
    with DecodeWorker(limits=LIMITS) as shared:
        yield shared


def check(worker: DecodeWorker, data: bytes) -> None:
    start = time.perf_counter()
    outcome: Recording | ErrorCode
    try:
        outcome = worker.decode(Capture(data=data))
    except MediaError as error:
        outcome = error.code
    assert time.perf_counter() - start < LIMITS.wall_s + 20.0
    if isinstance(outcome, Recording):
        check_sound_and_picture(outcome)
    else:
        assert outcome.value.startswith("media.")
        assert outcome not in {ErrorCode.MEDIA_WORKER_DIED, ErrorCode.MEDIA_BUSY}, "the decoder crashed"


def check_sound_and_picture(recording: Recording) -> None:
    assert recording.video is not None or recording.audio is not None
    size = 0
    if recording.video is not None:
        times = recording.video.timestamps_s
        assert np.isfinite(times).all()
        assert (np.diff(times) >= 0).all()
        assert 1 <= len(recording.video.frames) <= LIMITS.kept_frames
        assert len(times) <= LIMITS.frames
        assert recording.video.duration_s >= 0.0
        size += sum(frame.image.nbytes for frame in recording.video.frames)
    if recording.audio is not None:
        assert np.isfinite(recording.audio.samples).all()
        assert recording.audio.start_s >= 0.0
        assert 0.0 <= recording.audio.source_clipped <= 1.0
        size += recording.audio.samples.nbytes
    assert size <= LIMITS.memory_bytes


@given(NAMES, SHARES)
@FUZZ
def test_a_file_cut_anywhere(worker: DecodeWorker, name: str, share: float) -> None:
    data = clips.named(name)
    check(worker, data[: int(share * len(data))])


@given(NAMES, st.lists(st.tuples(SHARES, st.integers(0, 7)), min_size=1, max_size=40))
@FUZZ
def test_bits_flipped_anywhere(worker: DecodeWorker, name: str, flips: list[tuple[float, int]]) -> None:
    data = bytearray(clips.named(name))
    for share, bit in flips:
        data[int(share * len(data))] ^= 1 << bit
    check(worker, bytes(data))


@given(
    NAMES, st.lists(st.tuples(st.integers(0, 700), st.sampled_from([0, 1, 127, 128, 254, 255])), min_size=1, max_size=8)
)
@FUZZ
def test_headers_with_extreme_values(worker: DecodeWorker, name: str, changes: list[tuple[int, int]]) -> None:
    data = bytearray(clips.named(name))
    for position, value in changes:
        data[min(position, len(data) - 1)] = value
    check(worker, bytes(data))


@given(NAMES, SHARES, st.binary(min_size=1, max_size=500), st.booleans())
@FUZZ
def test_garbage_put_in(worker: DecodeWorker, name: str, share: float, garbage: bytes, overwrite: bool) -> None:
    data = clips.named(name)
    position = int(share * len(data))
    check(worker, data[:position] + garbage + data[position + (len(garbage) if overwrite else 0) :])


@given(st.sampled_from([clips.named(name)[:16] for name in sorted(clips.FORMATS)]), st.binary(max_size=2_000))
@FUZZ
def test_garbage_behind_an_honest_beginning(worker: DecodeWorker, beginning: bytes, garbage: bytes) -> None:
    check(worker, beginning + garbage)


@given(st.tuples(NAMES, NAMES), SHARES, SHARES)
@FUZZ
def test_halves_of_different_files(worker: DecodeWorker, names: tuple[str, str], first: float, second: float) -> None:
    one, other = (clips.named(name) for name in names)
    check(worker, one[: int(first * len(one))] + other[int(second * len(other)) :])


def test_sound_in_44_channels_does_not_crash_the_reader(worker: DecodeWorker) -> None:
    # Found by flipping bits in AAC: PyAV reads past the end of its list of planes when there are eight or more.
    data = bytearray(clips.named("m4a"))
    rng = np.random.default_rng(7)
    for _ in range(300):
        damaged = bytearray(data)
        for position in rng.integers(40, len(data), 20):
            damaged[position] ^= 1 << int(rng.integers(8))
        check(worker, bytes(damaged))
