"""Pictures keep their true times, and only the kept ones are paid for."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import Capture, VideoClip
from countersign.media.decode import decode
from countersign.media.limits import Limits
from tests.media import clips
from tests.media.clips import VideoSpec, film
from tests.media.scene import FLASH_LENGTH_S, FLASH_S

MOVING = [
    name
    for name, make in clips.FORMATS.items()
    if name.split("-")[0] in {"webm", "mkv", "mp4", "mov", "3gp", "mpeg", "avi", "gif"}
]


def video_of(data: bytes, **options: float | None) -> VideoClip:
    video = decode(Capture(data=data), **options).video  # type: ignore[arg-type]
    assert video is not None
    return video


def dark_times(video: VideoClip) -> list[float]:
    return [frame.time_s for frame in video.frames if frame.image.mean() < 20]


@pytest.mark.parametrize("name", MOVING)
def test_every_format_keeps_its_pictures_at_their_times(name: str) -> None:
    recording = decode(Capture(data=clips.named(name)), keep_fps=30.0)
    video = recording.video
    assert video is not None
    assert video.kind == "moving"
    assert recording.facts.warnings == ()
    rate = 10 if name == "gif" else 30
    assert len(video.timestamps_s) == len(video.frames) == 2 * rate
    assert video.duration_s == pytest.approx(2.0, abs=0.002)
    assert np.allclose(np.diff(video.timestamps_s), 1 / rate, atol=0.0011)
    assert np.allclose([frame.time_s for frame in video.frames], video.timestamps_s, atol=0.0011)
    start = video.timestamps_s[0]
    assert dark_times(video)[0] - start == pytest.approx(FLASH_S, abs=0.0011)
    assert dark_times(video)[-1] - start < FLASH_S + FLASH_LENGTH_S


@pytest.mark.parametrize("name", MOVING)
def test_ten_pictures_a_second_are_kept_by_default(name: str) -> None:
    video = video_of(clips.named(name))
    assert len(video.frames) == 20
    assert np.allclose(np.diff([frame.time_s for frame in video.frames]), 0.1, atol=0.035)


def test_a_variable_frame_rate_keeps_its_times() -> None:
    times = (0.0, 0.033, 0.040, 0.3, 0.9, 0.95, 1.4)
    video = video_of(film("webm", video=VideoSpec(codec="libvpx", times_s=times)))
    assert np.allclose(video.timestamps_s, times, atol=0.001)
    assert np.allclose([frame.time_s for frame in video.frames], times, atol=0.001)


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("codec", ["libx264", "libx265", "libvpx-vp9", "mpeg2video"])
def test_pictures_that_are_skipped_change_nothing_in_those_that_are_kept(codec: str, threads: int) -> None:
    data = film(
        "mpeg" if codec == "mpeg2video" else "matroska",
        seconds=1.0,
        video=VideoSpec(codec=codec, options=(("bf", "3"),) if "vpx" not in codec else ()),
    )
    everything = decode(Capture(data=data), keep_fps=60.0).video
    some = decode(Capture(data=data), keep_fps=7.0, threads=threads).video
    assert everything is not None
    assert some is not None
    assert len(everything.frames) == 30
    assert len(some.frames) == 7
    by_time = {frame.time_s: frame.image for frame in everything.frames}
    assert all(np.array_equal(frame.image, by_time[frame.time_s]) for frame in some.frames)


def test_edit_lists_cut_the_beginning() -> None:
    # The muxer writes an edit list for pictures that start late.
    video = video_of(film("mp4", seconds=1.0, video=VideoSpec(start_s=0.3)))
    assert video.timestamps_s[0] == 0.0
    assert len(video.timestamps_s) == 30


def test_an_animation_of_one_picture_is_a_still() -> None:
    video = video_of(film("gif", seconds=0.1, video=VideoSpec(codec="gif", pix_fmt="rgb8", rate=10)))
    assert video.kind == "still"
    assert video.duration_s == 0.0


def test_a_photo_is_a_still_at_time_zero() -> None:
    video = video_of(clips.named("jpeg"))
    assert video.kind == "still"
    assert [frame.time_s for frame in video.frames] == [0.0]
    assert video.timestamps_s.tolist() == [0.0]


def test_fewer_pictures_are_kept_where_memory_is_short() -> None:
    picture = 64 * 48 * 3
    capture = Capture(data=clips.named("mp4-h264-aac"))
    sound = 2 * 96_000 * 4
    video = decode(capture, limits=Limits(memory_bytes=14 * picture + sound)).video
    assert video is not None
    assert 10 <= len(video.frames) <= 20
    with pytest.raises(MediaError) as caught:
        decode(Capture(data=clips.named("gif")), limits=Limits(memory_bytes=9 * picture))
    assert caught.value.code is ErrorCode.MEDIA_TOO_MUCH_MEMORY


def test_never_more_pictures_than_the_cap() -> None:
    video = decode(Capture(data=clips.named("mp4-h264-aac")), limits=Limits(kept_frames=5)).video
    assert video is not None
    assert len(video.frames) == 5
    assert video.frames[-1].time_s > 1.5


def test_a_picture_whose_size_changes_midway_is_decoded_with_a_warning() -> None:
    # As telephones do when they are turned, or the connection is slow.
    parts = [
        film("webm", seconds=0.5, video=VideoSpec(codec="libvpx", width=w, height=h)) for w, h in ((64, 48), (96, 64))
    ]
    sink = io.BytesIO()
    with av.open(sink, "w", format="webm") as output, av.open(io.BytesIO(parts[0])) as first:
        stream = output.add_stream_from_template(first.streams.video[0])
        for index, part in enumerate(parts):
            with av.open(io.BytesIO(part)) as source:
                for packet in source.demux(video=0):
                    if packet.size:
                        packet.pts = packet.dts = packet.pts + 500 * index
                        packet.stream = stream
                        output.mux(packet)
    recording = decode(Capture(data=sink.getvalue()))
    assert recording.video is not None
    assert [frame.image.shape for frame in recording.video.frames] == 5 * [(48, 64, 3)] + 5 * [(64, 96, 3)]
    assert "the size of the picture changes" in recording.facts.warnings
