"""Synthetic people look and sound like people to a decoder, and differ from each other and from take to take."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from countersign.cli.demo.espeak import speak
from countersign.cli.demo.portraits import ADMIRAL, ASTRONAUT
from countersign.cli.demo.synthetic import SYNTHETIC_PEOPLE, synthetic_film
from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.media.decode import decode


def test_a_film_is_what_a_browser_would_send() -> None:
    recording = decode(synthetic_film(SYNTHETIC_PEOPLE[0], 0, seconds=2.0))
    assert (recording.facts.video_codec, recording.facts.audio_codec) == ("vp8", "opus")
    assert recording.video is not None
    assert recording.audio is not None
    assert recording.video.frames[0].image.shape == (480, 640, 3)
    assert recording.video.duration_s == pytest.approx(2.0, abs=0.05)
    assert recording.audio.duration_s == pytest.approx(2.0, abs=0.1)


def test_takes_differ_in_words_and_movement() -> None:
    first, second = (decode(synthetic_film(SYNTHETIC_PEOPLE[1], take, seconds=2.0)) for take in (0, 1))
    assert first.audio is not None
    assert second.audio is not None
    assert first.video is not None
    assert second.video is not None
    length = min(len(first.audio.samples), len(second.audio.samples))
    assert abs(np.corrcoef(first.audio.samples[:length], second.audio.samples[:length])[0, 1]) < 0.5
    turned = [int(0.6 * len(clip.frames)) for clip in (first.video, second.video)]
    images = [clip.frames[at].image.astype(float) for clip, at in zip((first.video, second.video), turned, strict=True)]
    assert np.abs(images[0] - images[1]).mean() > 2.0


def test_two_voices_differ_in_pitch() -> None:
    def zero_crossings(voice: str, pitch: int) -> float:
        sound = speak("one two three four five", voice=voice, pitch=pitch)
        return float(np.mean(np.abs(np.diff(np.sign(sound)))))

    high, low = (zero_crossings(person.voice, person.pitch) for person in SYNTHETIC_PEOPLE)
    assert high != pytest.approx(low, rel=0.05)


def test_portraits_hold_the_face_where_they_say() -> None:
    for portrait in (ASTRONAUT, ADMIRAL):
        height, width = portrait.read().shape[:2]
        assert portrait.radii[0] < portrait.centre[0] < width - portrait.radii[0]
        assert 0 < portrait.centre[1] < portrait.mouth[1] < height


def test_a_missing_package_is_named() -> None:
    absent = dataclasses.replace(ASTRONAUT, package="countersign-no-such-package")
    with pytest.raises(ConfigurationError, match="countersign-no-such-package") as caught:
        absent.read()
    assert caught.value.code is ErrorCode.CONFIGURATION_INVALID


def test_a_voice_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ConfigurationError):
        speak("hello", voice="no-such-voice", pitch=50)
