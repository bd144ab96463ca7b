"""What no camera makes is pointed out to the operator, and decides nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from countersign.core.evidence import Assessment, CheckName, NotAssessed
from countersign.core.samples import AudioClip, Capture, ContainerFacts, Frame, Recording, VideoClip
from countersign.liveness.injection import check_injection
from countersign.media.decode import decode
from countersign.policy.profiles import NIST_63B4, STANDARD, TELEPHONE, Profile

RNG = np.random.default_rng(0)


def recording(
    *,
    noise: float = 2.0,
    jitter_s: float = 0.004,
    encoder: str | None = "Chrome",
    rate: int = 48_000,
    seconds: float = 2.0,
) -> Recording:
    """A square that moves over a grey wall, as a camera sees it unless told otherwise."""
    count = round(25 * seconds)
    times = np.arange(count) / 25 + np.abs(RNG.normal(0.0, jitter_s, count))
    frames = []
    for index, time_s in enumerate(times):
        image = np.full((120, 160, 3), 120.0)
        image[40:80, 2 * index % 120 : 2 * index % 120 + 30] = 200.0
        image += RNG.normal(0.0, max(noise, 1e-9), image.shape)
        frames.append(Frame(time_s=float(time_s), image=np.clip(image, 0, 255).round().astype(np.uint8)))
    samples = RNG.normal(0.0, 0.1, round(16_000 * seconds)).astype(np.float32)
    return Recording(
        capture_sha256="0" * 64,
        video=VideoClip(kind="moving", frames=tuple(frames), timestamps_s=times, duration_s=seconds),
        audio=AudioClip(samples=samples, source_rate_hz=rate),
        facts=ContainerFacts(container="matroska,webm", encoder=encoder),
    )


def judged(one: Recording) -> Assessment:
    result = check_injection(one)
    assert isinstance(result, Assessment)
    return result


def with_frames(one: Recording, frames: tuple[Frame, ...]) -> Recording:
    assert one.video is not None
    return replace(one, video=replace(one.video, frames=frames))


def test_a_camera_is_not_suspected() -> None:
    result = judged(recording())
    assert result.llr.value > 0
    assert result.measures["jitter_ms"] > 1
    assert result.measures["noise_grey_levels"] > 1


@pytest.mark.parametrize(
    ("odd", "measure"),
    [
        (recording(noise=0.0), "noise_grey_levels"),
        (recording(jitter_s=0.0), "even_flag"),
        (recording(encoder="Lavf62.3.100"), "edited_flag"),
        (recording(rate=22_050), "odd_rate_flag"),
    ],
)
def test_what_no_camera_makes_is_pointed_out(odd: Recording, measure: str) -> None:
    usual, result = judged(recording()), judged(odd)
    assert result.llr.value < usual.llr.value
    assert result.measures[measure] != pytest.approx(usual.measures[measure], abs=0.1)


def test_repeated_pictures_are_counted() -> None:
    one = recording()
    assert one.video is not None
    doubled = tuple(
        replace(frame, image=one.video.frames[i // 2 * 2].image) for i, frame in enumerate(one.video.frames)
    )
    result = judged(with_frames(one, doubled))
    assert result.measures["repeated_share"] > 0.4
    assert result.llr.value < judged(one).llr.value


def test_pictures_made_of_their_neighbours_are_counted() -> None:
    one = recording(noise=0.5)
    assert one.video is not None
    frames = list(one.video.frames)
    for index in range(1, len(frames) - 1, 2):
        mean = (frames[index - 1].image.astype(np.float64) + frames[index + 1].image) / 2
        frames[index] = replace(frames[index], image=mean.round().astype(np.uint8))
    assert judged(with_frames(one, tuple(frames))).measures["blended_share"] > 0.3


def test_sound_that_goes_on_without_a_picture_is_pointed_out() -> None:
    one = recording()
    assert one.audio is not None
    long = replace(one.audio, samples=np.tile(one.audio.samples, 2))
    result = judged(replace(one, audio=long))
    assert result.measures["ends_apart_s"] > 1
    assert result.llr.value < judged(one).llr.value


def test_a_photo_is_not_assessed() -> None:
    one = recording()
    assert one.video is not None
    assert isinstance(check_injection(with_frames(one, one.video.frames[:1])), NotAssessed)
    assert isinstance(check_injection(replace(one, video=None)), NotAssessed)


def test_real_clips_are_measured(samples: Path) -> None:
    edited = decode(Capture(data=(samples / "av/talkinghead_src/liveportrait_d20.mp4").read_bytes()))
    assert edited.facts.encoder is not None
    assert edited.facts.encoder.startswith("HandBrake")
    assert judged(edited).measures["edited_flag"] == 1
    plain = decode(Capture(data=(samples / "av/grid/s1/bbaf2n.mpg").read_bytes()))
    assert plain.facts.encoder is None
    assert judged(plain).measures["noise_grey_levels"] > 0.1


@pytest.mark.parametrize("profile", [STANDARD, NIST_63B4, TELEPHONE])
def test_no_profile_lets_it_decide(profile: Profile) -> None:
    assert CheckName.INJECTION not in profile.checks
