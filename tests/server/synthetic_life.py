"""A person who does not exist, for whole lives of an account: a portrait on a solid head, and a synthesised voice.

What such a person films is an attack: a rendered head with a synthesiser's voice. The profile `lab` compares and checks
nothing else, so it is let in there, and must be kept out everywhere else.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle

import cv2
import numpy as np

from countersign.cli.demo.espeak import speak
from countersign.cli.demo.portraits import ADMIRAL, ASTRONAUT, Portrait
from countersign.cli.demo.webm import write_webm
from countersign.client import Challenge, PictureSlot, VoiceSlot
from countersign.core.acquisition import FailureToAcquire
from countersign.core.arrays import Float32Array, UInt8Array
from countersign.core.quality import HeadPose
from countersign.core.samples import SAMPLE_RATE_HZ
from countersign.evaluation.attacks.head_motion import turning
from countersign.evaluation.attacks.rendered_head import RenderedHead, surface_of
from countersign.evaluation.attacks.rendered_head import film as film_of
from countersign.face.path import FacePath
from countersign.liveness.challenge import Side, TurnOrder, TurnPath
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime

FPS = 15
PACES = (140, 120, 155, 105, 170)
"""Words a minute, one after another: who is not understood says it again, otherwise."""


@dataclass(frozen=True, slots=True)
class SyntheticLife:
    """Answers whatever the server asks for."""

    head: RenderedHead
    voice: str
    pitch: int
    paces: Iterator[int] = field(default_factory=lambda: cycle(PACES))

    @classmethod
    def of(cls, runtime: Runtime, portrait: Portrait, *, voice: str, pitch: int) -> SyntheticLife:
        picture = _with_room(portrait)
        surface = surface_of(FacePath.load(runtime, pack=Pack.CORE), picture)
        assert not isinstance(surface, FailureToAcquire)
        return cls(RenderedHead.of(picture, surface), voice, pitch)

    def sample(self, slot: PictureSlot | VoiceSlot) -> tuple[bytes, str]:
        """The picture or the voice sample of a slot."""
        if isinstance(slot, VoiceSlot):
            return _wav(self._say(slot.text)), "audio/wav"
        middle = sum(slot.yaw_deg) / 2
        pose = HeadPose(yaw=float(np.clip(middle, -42.0, 42.0)), pitch=0.5 * slot.slot, roll=0.0)
        ok, encoded = cv2.imencode(".jpg", self.head.at(pose)[:, :, ::-1])
        assert ok
        return encoded.tobytes(), "image/jpeg"

    def film(self, challenge: Challenge) -> tuple[bytes, str]:
        """Turns the head and reads the words, in the asked order."""
        order = TurnOrder(challenge.turn_order)
        path = TurnPath(first=Side(challenge.turn_first), extent_deg=round(challenge.turn_extent_deg), order=order)
        turn = film_of(self.head, turning(path, fps=FPS))
        spoken = self._say(" ".join(challenge.words))
        frames = (len(spoken) * FPS + SAMPLE_RATE_HZ - 1) // SAMPLE_RATE_HZ
        reading = [self.head.at(HeadPose(yaw=0.0, pitch=0.0, roll=0.0))] * frames
        silence = np.random.default_rng(0).normal(0, 1e-3, len(turn) * SAMPLE_RATE_HZ // FPS).astype(np.float32)
        first = order is TurnOrder.BEFORE_WORDS
        pictures = [*turn, *reading] if first else [*reading, *turn]
        sound = np.concatenate([silence, spoken] if first else [spoken, silence])
        return write_webm(pictures, sound, frames_per_second=FPS), "video/webm"

    def _say(self, words: str) -> Float32Array:
        noise = np.random.default_rng(1)
        spoken = 0.5 * speak(words, voice=self.voice, pitch=self.pitch, words_per_minute=next(self.paces))
        return np.asarray(spoken + noise.normal(0, 1e-3, len(spoken)), np.float32)


def astronaut(runtime: Runtime) -> SyntheticLife:
    return SyntheticLife.of(runtime, ASTRONAUT, voice="en-us", pitch=55)


def admiral(runtime: Runtime) -> SyntheticLife:
    return SyntheticLife.of(runtime, ADMIRAL, voice="en+m3", pitch=35)


def _with_room(portrait: Portrait) -> UInt8Array:
    """The portrait, 480 pixels high, around the head."""
    picture, (x, y), (_, radius) = portrait.read(), portrait.centre, portrait.radii
    half = int(1.6 * radius)
    padded = cv2.copyMakeBorder(picture, half, half, half, half, cv2.BORDER_REPLICATE)
    cut = padded[int(y) : int(y) + 2 * half, int(x) : int(x) + 2 * half]
    return np.asarray(cv2.resize(cut, (480, 480), interpolation=cv2.INTER_AREA), np.uint8)


def _wav(sound: Float32Array) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE_HZ)
        out.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()
