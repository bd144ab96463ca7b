"""Sound comes out mono, at 16 kHz, finite, at its own time, whatever went in."""

from __future__ import annotations

import numpy as np
import pytest

from countersign.core.arrays import Float32Array
from countersign.core.errors import ErrorCode, MediaError
from countersign.core.samples import AudioClip, Capture
from countersign.media.decode import decode
from countersign.media.limits import Limits
from tests.media import clips
from tests.media.clips import AudioSpec, VideoSpec, film, wav
from tests.media.scene import FLASH_S

AUDIBLE = [name for name in clips.FORMATS if name not in {"gif", "jpeg", "png", "webp"}]


def audio_of(data: bytes) -> AudioClip:
    audio = decode(Capture(data=data)).audio
    assert audio is not None
    return audio


def burst_at(clip: AudioClip) -> float:
    """When the burst starts, on the recording's clock."""
    return clip.start_s + float(np.flatnonzero(np.abs(clip.samples) > 0.1)[0]) / 16_000


def tone(seconds: float, rate: int, *, hertz: float = 440.0, level: float = 0.5) -> Float32Array:
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


@pytest.mark.parametrize("name", AUDIBLE)
def test_every_format_gives_the_same_sound(name: str) -> None:
    clip = audio_of(clips.named(name))
    assert clip.samples.dtype == np.float32
    assert clip.samples.flags.c_contiguous
    assert clip.duration_s == pytest.approx(2.0, abs=0.06)
    assert np.abs(clip.samples).max() == pytest.approx(0.5, abs=0.03)
    assert clip.source_clipped == 0.0
    # MP3 and MPEG-1 sound without a header of their own delay the signal by one block of the encoder.
    assert burst_at(clip) == pytest.approx(FLASH_S, abs=0.03 if "mp3" in name or "mpeg" in name else 0.002)
    burst = clip.samples[round((burst_at(clip) - clip.start_s) * 16_000) :][:4096]
    spectrum = np.abs(np.fft.rfft(burst * np.hanning(4096)))
    assert int(spectrum.argmax()) * 16_000 / 4096 == pytest.approx(1000, abs=8)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_the_source_rate_is_reported_and_the_length_kept(rate: int) -> None:
    clip = audio_of(wav(tone(1.0, rate), rate=rate))
    assert clip.source_rate_hz == rate
    assert len(clip.samples) == pytest.approx(16_000, abs=2)
    assert float(np.sqrt(np.mean(clip.samples**2))) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


def test_sixteen_kilohertz_is_passed_through() -> None:
    samples = tone(0.5, 16_000)
    assert np.array_equal(audio_of(wav(samples)).samples, samples)


def test_stereo_is_the_mean() -> None:
    left, right = tone(0.5, 16_000, level=0.4), tone(0.5, 16_000, level=0.2)
    clip = audio_of(wav(np.stack([left, right], axis=1)))
    assert np.allclose(clip.samples, tone(0.5, 16_000, level=0.3), atol=1e-6)


def test_channels_in_opposite_phase_do_not_cancel() -> None:
    left = tone(0.5, 16_000)
    recording = decode(Capture(data=wav(np.stack([left, -left], axis=1))))
    assert recording.audio is not None
    assert np.abs(recording.audio.samples).max() == pytest.approx(0.5, abs=0.01)
    assert "cancel" in recording.facts.warnings[0]


def test_surround_sound_keeps_the_centre_and_drops_the_bass() -> None:
    def make(seconds: float, rate: int) -> Float32Array:
        left, right, centre, bass, back_left, back_right = np.zeros((6, round(seconds * rate)), np.float32)
        centre = tone(seconds, rate, level=0.5)
        bass = tone(seconds, rate, hertz=60.0, level=0.9)
        return np.stack([left, right, centre, bass, back_left, back_right])

    clip = audio_of(film("flac", seconds=1.0, audio=AudioSpec(codec="flac", layout="5.1", make=make)))
    assert np.allclose(clip.samples[2_000:14_000], tone(1.0, 16_000, level=0.1)[2_000:14_000], atol=2e-3)


def test_clipping_is_measured_before_conversion() -> None:
    loud = np.clip(1.5 * tone(1.0, 48_000, level=1.0), -1.0, 1.0)
    expected = float(np.mean(np.abs(loud) >= 1.0))
    clip = audio_of(wav((loud * 32_767).astype(np.int16), rate=48_000))
    assert clip.source_clipped == pytest.approx(expected, abs=0.01)
    assert audio_of(wav(tone(1.0, 48_000, level=0.9), rate=48_000)).source_clipped == 0.0


@pytest.mark.parametrize("codec", ["pcm_mulaw", "pcm_alaw", "pcm_u8"])
def test_clipping_is_measured_against_what_the_codec_can_hold(codec: str) -> None:
    def make(seconds: float, rate: int) -> Float32Array:
        return np.clip(tone(seconds, rate, level=2.0), np.float32(-1.0), np.float32(1.0))

    clip = audio_of(film("wav", seconds=1.0, audio=AudioSpec(codec=codec, rate=8_000, make=make)))
    assert clip.source_clipped > 0.5


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_samples_that_are_no_numbers_are_refused(value: float) -> None:
    samples = tone(0.5, 16_000)
    samples[4_000] = value
    with pytest.raises(MediaError) as caught:
        decode(Capture(data=wav(samples)))
    assert caught.value.code is ErrorCode.MEDIA_INVALID_SAMPLES


def test_a_gap_is_filled_with_silence() -> None:
    # Matroska with the blocks between 0.6 s and 1.2 s taken out.
    data = _without(0.6, 1.2)
    recording = decode(Capture(data=data))
    clip = recording.audio
    assert clip is not None
    assert clip.duration_s == pytest.approx(2.0, abs=0.05)
    hole = clip.samples[round(0.65 * 16_000) : round(1.15 * 16_000)]
    assert np.abs(hole).max() < 1e-3
    assert np.abs(clip.samples[round(1.3 * 16_000) :]).max() > 0.4
    assert "there are gaps in the sound" in recording.facts.warnings


def _without(begin_s: float, end_s: float) -> bytes:
    def keep(time_s: float) -> bool:
        return not begin_s <= time_s < end_s

    audio = AudioSpec(codec="pcm_s16le", rate=16_000, make=tone)
    return film("matroska", seconds=2.0, audio=audio, keep=keep)


def test_sound_and_picture_share_one_clock() -> None:
    # Picture from 0.4 s on, sound from 0 s on: the burst is still heard when the flash is seen.
    data = film("mp4", video=VideoSpec(start_s=0.4), audio=AudioSpec())
    recording = decode(Capture(data=data), keep_fps=30.0)
    assert recording.video is not None
    assert recording.audio is not None
    assert recording.audio.start_s == 0.0
    assert recording.video.timestamps_s[0] == pytest.approx(0.4, abs=0.001)
    dark = [frame.time_s for frame in recording.video.frames if frame.image.mean() < 20]
    assert burst_at(recording.audio) == pytest.approx(dark[0], abs=0.002)


def test_sound_may_start_later_than_the_picture() -> None:
    data = film("webm", video=VideoSpec(codec="libvpx"), audio=AudioSpec(codec="libopus", start_s=0.3))
    recording = decode(Capture(data=data), keep_fps=30.0)
    assert recording.video is not None
    assert recording.audio is not None
    assert recording.video.timestamps_s[0] == 0.0
    assert recording.audio.start_s == pytest.approx(0.3, abs=0.01)
    assert burst_at(recording.audio) == pytest.approx(FLASH_S, abs=0.01)


@pytest.mark.parametrize(
    "name",
    [
        "webm-vp8-opus",
        "webm-vp9-opus",
        "mp4-h264-aac",
        "mp4-hevc-aac",
        "mov-h264-pcm",
        "avi-mjpeg-pcm",
        "mkv-h264-vorbis",
        "mpeg-mpeg1-mp2",
    ],
)
def test_flash_and_burst_coincide_in_every_container(name: str) -> None:
    recording = decode(Capture(data=clips.named(name)), keep_fps=30.0)
    assert recording.video is not None
    assert recording.audio is not None
    dark = [frame.time_s for frame in recording.video.frames if frame.image.mean() < 20]
    assert burst_at(recording.audio) == pytest.approx(dark[0], abs=0.003)


def test_memory_for_sound_is_limited_too() -> None:
    with pytest.raises(MediaError) as caught:
        decode(Capture(data=clips.named("wav-pcm16")), limits=Limits(memory_bytes=10_000))
    assert caught.value.code is ErrorCode.MEDIA_TOO_MUCH_MEMORY
