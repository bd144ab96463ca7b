"""A process that crashes, hangs or grows costs one file, not the server."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import Capture
from countersign.media.decode import decode
from countersign.media.limits import MIB, Limits
from countersign.media.worker import DecodeWorker
from countersign.media.worker_process import watch_resident_memory
from tests.media import clips
from tests.media.clips import AudioSpec, VideoSpec, film
from tests.media.test_wire import assert_same

CAPTURE = Capture(data=clips.named("webm-vp8-opus"))


@pytest.fixture(scope="module")
def worker() -> Iterator[DecodeWorker]:
    with DecodeWorker() as shared:
        yield shared


def code_of(worker: DecodeWorker, data: bytes) -> ErrorCode:
    with pytest.raises(MediaError) as caught:
        worker.decode(Capture(data=data))
    return caught.value.code


@pytest.mark.parametrize("name", ["webm-vp8-opus", "mp4-h264-aac", "png", "wav-mulaw-8k"])
def test_it_gives_what_decoding_here_gives(worker: DecodeWorker, name: str) -> None:
    capture = Capture(data=clips.named(name))
    assert_same(worker.decode(capture), decode(capture))
    assert_same(worker.decode(capture, keep_fps=5.0, max_side=32), decode(capture, keep_fps=5.0, max_side=32))


def test_pictures_that_fill_the_memory_leave_room_for_the_sound() -> None:
    capture = Capture(data=film("mp4", seconds=3.0, video=VideoSpec(width=640, height=480), audio=AudioSpec()))
    limits = Limits(memory_bytes=14 * MIB)
    with DecodeWorker(limits=limits) as worker:
        recording = worker.decode(capture)
    assert_same(recording, decode(capture, limits=limits))
    assert recording.video is not None
    assert recording.audio is not None
    size = sum(frame.image.nbytes for frame in recording.video.frames) + recording.audio.samples.nbytes
    assert 0.8 * limits.memory_bytes < size <= limits.memory_bytes


def test_one_process_serves_many_files(worker: DecodeWorker) -> None:
    worker.decode(CAPTURE)
    pid = worker.pid
    for _ in range(5):
        worker.decode(CAPTURE)
    assert worker.pid == pid


def test_earlier_recordings_stay_as_they_were(worker: DecodeWorker) -> None:
    first = worker.decode(CAPTURE)
    assert first.video is not None
    before = first.video.frames[0].image.copy()
    for name in ("gif", "avi-mjpeg-pcm", "mov-h264-pcm"):
        worker.decode(Capture(data=clips.named(name)))
    assert np.array_equal(first.video.frames[0].image, before)


def test_refusals_keep_their_codes_and_the_process(worker: DecodeWorker) -> None:
    worker.decode(CAPTURE)
    pid = worker.pid
    assert code_of(worker, b"") is ErrorCode.MEDIA_EMPTY
    assert code_of(worker, b"words") is ErrorCode.MEDIA_UNSUPPORTED
    assert code_of(worker, bytes(33 * MIB)) is ErrorCode.MEDIA_TOO_MANY_BYTES
    assert code_of(worker, CAPTURE.data[:200]) is ErrorCode.MEDIA_TRUNCATED
    assert worker.pid == pid


def test_a_crash_costs_one_file(worker: DecodeWorker) -> None:
    worker.start()
    pid = worker.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(1.0, os.kill, (pid, signal.SIGSEGV)).start()
    threading.Timer(1.1, os.kill, (pid, signal.SIGCONT)).start()
    assert code_of(worker, CAPTURE.data) is ErrorCode.MEDIA_WORKER_DIED
    assert worker.decode(CAPTURE).video is not None
    assert worker.pid != pid


def test_a_process_that_died_between_files_is_not_noticed(worker: DecodeWorker) -> None:
    worker.start()
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)
    assert worker.decode(CAPTURE).video is not None


def test_a_hang_is_ended() -> None:
    with DecodeWorker(limits=Limits(wall_s=1.0)) as worker:
        pid = worker.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        start = time.perf_counter()
        assert code_of(worker, CAPTURE.data) is ErrorCode.MEDIA_TOO_SLOW
        assert time.perf_counter() - start < 30.0
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert worker.decode(CAPTURE).video is not None


def test_slow_files_are_refused_in_the_process() -> None:
    data = film("mp4", seconds=4.0, video=VideoSpec(width=640, height=480))
    with DecodeWorker(limits=Limits(wall_s=0.02)) as worker:
        pid = worker.pid
        assert code_of(worker, data) is ErrorCode.MEDIA_TOO_SLOW
        assert worker.pid == pid


def test_the_process_is_replaced_after_so_many_files() -> None:
    with DecodeWorker(calls_per_process=2) as worker:
        pid = worker.pid
        worker.decode(CAPTURE)
        assert worker.pid == pid
        worker.decode(CAPTURE)
        worker.decode(CAPTURE)
        assert worker.pid not in {pid, None}


def test_calls_from_several_threads_wait_for_each_other(worker: DecodeWorker) -> None:
    captures = [Capture(data=clips.named(name)) for name in ("webm-vp8-opus", "gif", "flac", "jpeg")]
    shas: dict[int, str] = {}

    def work(index: int) -> None:
        shas[index] = worker.decode(captures[index % 4]).capture_sha256

    threads = [threading.Thread(target=work, args=(index,)) for index in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shas == {index: captures[index % 4].sha256 for index in range(12)}


def test_close_ends_the_process_and_a_later_call_starts_another() -> None:
    worker = DecodeWorker()
    worker.start()
    pid = worker.pid
    assert pid is not None
    worker.close()
    assert worker.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert worker.decode(CAPTURE).video is not None
    worker.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_process_inherits_neither_secrets_nor_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, worker: DecodeWorker
) -> None:
    monkeypatch.setenv("COUNTERSIGN_SECRET_KEY", "not for the decoder")
    secret = (tmp_path / "secret").open("w")
    os.set_inheritable(secret.fileno(), True)
    with secret, DecodeWorker() as fresh:
        process = Path(f"/proc/{fresh.pid}")
        assert b"not for the decoder" not in (process / "environ").read_bytes()
        opened = [str(entry.readlink()) for entry in (process / "fd").iterdir()]
        assert all(name == "/dev/null" or name.startswith("socket:") for name in opened)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_process_is_confined_by_the_kernel(worker: DecodeWorker) -> None:
    worker.decode(CAPTURE)
    rows = Path(f"/proc/{worker.pid}/limits").read_text(encoding="ascii").splitlines()
    limits = {row[:26].strip(): row[26:].split()[0] for row in rows}
    assert limits["Max core file size"] == "0"
    assert limits["Max file size"] == "0"
    assert int(limits["Max open files"]) <= 32
    assert int(limits["Max address space"]) < 3_000 * MIB
    assert int(limits["Max cpu time"]) < 60


def test_memory_beyond_the_kernels_limit_is_refused_by_name() -> None:
    # A header cannot be trusted with the size of what it unpacks to; the limit of the process catches what slips by.
    grey = np.zeros((6_000, 6_000, 3), np.uint8)
    data = clips.still("png", grey)
    tight = Limits(memory_bytes=MIB, still_pixels=40_000_000)
    with DecodeWorker(limits=tight) as worker:
        assert code_of(worker, data) is ErrorCode.MEDIA_TOO_MUCH_MEMORY
        assert code_of(worker, b"words") is ErrorCode.MEDIA_UNSUPPORTED


def test_where_the_kernel_does_not_limit_memory_a_watch_does() -> None:
    noticed = threading.Event()
    watch_resident_memory(1, noticed.set).join(2.0)
    assert noticed.is_set()
    quiet = threading.Event()
    watch_resident_memory(1 << 50, quiet.set)
    assert not quiet.wait(0.1)
