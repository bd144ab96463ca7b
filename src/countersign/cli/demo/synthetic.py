"""Synthetic people, for machines without sample data: a portrait put in motion, with a synthesised voice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from countersign.cli.demo.espeak import speak
from countersign.cli.demo.motion import FRAMES_PER_SECOND, Take, film
from countersign.cli.demo.portraits import ADMIRAL, ASTRONAUT, Portrait
from countersign.cli.demo.webm import write_webm
from countersign.core.arrays import Float32Array
from countersign.core.samples import SAMPLE_RATE_HZ, Capture


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticPerson:
    """A face from a portrait and a voice from a synthesiser; nobody who lives."""

    name: str
    portrait: Portrait
    voice: str
    pitch: int


SYNTHETIC_PEOPLE = (
    SyntheticPerson(name="astronaut", portrait=ASTRONAUT, voice="en-us+f3", pitch=60),
    SyntheticPerson(name="admiral", portrait=ADMIRAL, voice="en+m3", pitch=35),
)

_SENTENCES = (
    "The harbour was quiet when the morning ferry left for the island.",
    "Seven green bottles stood on the shelf beside the kitchen window.",
    "Please carry the ladder to the garden before it starts to rain.",
    "My neighbour plays the violin on the balcony every summer evening.",
    "A narrow path leads through the forest to the old stone bridge.",
    "They counted forty swans on the river between the two mills.",
)


def synthetic_film(person: SyntheticPerson, take: int, *, seconds: float = 6.0) -> Capture:
    """A film of a person reading one sentence and turning the head.

    Args:
        person: who.
        take: 0, 1, 2, ...: every take has other words, another turn, other light and noise.
        seconds: length.
    """
    sentence = _SENTENCES[take % len(_SENTENCES)]
    spoken = 0.5 * speak(sentence, voice=person.voice, pitch=person.pitch)
    sound = _room(np.random.default_rng(take), spoken, round(seconds * SAMPLE_RATE_HZ))
    direction = 1 if take % 2 == 0 else -1
    move = Take(
        seed=take,
        turn_deg=direction * (12.0 + 4.0 * (take % 3)),
        turn_at_s=seconds - 1.2,
        light=1.0 - 0.06 * (take % 4),
    )
    frames = film(person.portrait, move, _loudness(sound))
    data = write_webm(frames, sound, frames_per_second=FRAMES_PER_SECOND)
    return Capture(data=data, media_type="video/webm", name=f"synthetic-{person.name}-{take}.webm")


def _room(random: np.random.Generator, spoken: Float32Array, count: int) -> Float32Array:
    """The speech after a short pause, in a room that is never quite silent; `count` samples."""
    sound = random.normal(0.0, 0.001, count).astype(np.float32)
    start = round(0.3 * SAMPLE_RATE_HZ)
    length = min(len(spoken), count - start)
    sound[start : start + length] += spoken[:length]
    return sound


def _loudness(sound: Float32Array) -> Float32Array:
    """How loud each frame's sound is, in [0, 1], smoothed over three frames."""
    step = SAMPLE_RATE_HZ // FRAMES_PER_SECOND
    energy = np.sqrt(np.mean(sound[: len(sound) // step * step].reshape(-1, step) ** 2, axis=1))
    smooth = np.convolve(energy, np.ones(3) / 3, "same")
    return np.asarray(np.clip(smooth / max(float(smooth.max()), 1e-6), 0.0, 1.0), np.float32)
