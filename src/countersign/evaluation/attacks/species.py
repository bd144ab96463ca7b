"""The species of attack that the suite makes (ISO/IEC 30107-3, "presentation attack instrument species"), one function each.

Simulations of the cheap ones: no set of recordings has all of them of the same people. What is found on them is an upper
bound on how well a check does against somebody who takes trouble.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, unique

import cv2
import numpy as np
import soxr

from countersign.core.arrays import Float32Array, UInt8Array
from countersign.core.samples import SAMPLE_RATE_HZ
from countersign.evaluation.attacks.channels import from_loudspeaker, on_screen, printed
from countersign.evaluation.attacks.clip import FPS, Clip, fitted
from countersign.evaluation.attacks.cutting import pasted_face, shuffled, spliced
from countersign.evaluation.attacks.planar import Handling, Sheet, handled, held
from countersign.face.landmarks import Landmarks
from countersign.liveness.challenge import Side, TurnOrder, TurnPath


@unique
class Species(StrEnum):
    """By name, as in the manifest."""

    PRINT = "print"
    TABLET = "tablet"
    STILL = "still"
    SCREEN_REPLAY = "screen-replay"
    DUBBED = "dubbed"
    SHUFFLED = "shuffled-words"
    SPLICED = "spliced-words"
    CLONED = "cloned-voice"
    STILL_FACE = "still-face"
    MIRRORED = "mirrored"
    SPED_UP = "sped-up"
    REPLAYED = "replayed"


USUAL_TURN = TurnPath(first=Side.LEFT, extent_deg=25, order=TurnOrder.AFTER_WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What an attacker has.

    Attributes:
        clip: a recording of the target.
        others: sounds of other recordings: of the target where they are to be spliced, of anybody where they are dubbed.
        clone: the target's voice as a synthesiser says it; None without one.
        surfaces: of the face in each picture, None where it was not seen; empty where nobody looked.
        response: of a measured room; None for a made one.
        turn: how a picture is turned.
    """

    clip: Clip
    others: tuple[Float32Array, ...] = field(default=(), repr=False)
    clone: Float32Array | None = field(default=None, repr=False)
    surfaces: tuple[Landmarks | None, ...] = field(default=(), repr=False)
    response: Float32Array | None = field(default=None, repr=False)
    turn: TurnPath = USUAL_TURN


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An attack, and what was chosen in making it."""

    clip: Clip
    parameters: Mapping[str, float | str]


def make(species: Species, material: Material, *, seed: int) -> Made | None:
    """One attack; None where `material` lacks what it is made from."""
    return _MAKERS[species](material, np.random.default_rng((seed, list(Species).index(species))))


def _print(material: Material, random: np.random.Generator) -> Made:
    handling = random.choice([Handling.TURNED, Handling.OVERTURNED, Handling.TILTED, Handling.BENT])
    photo = printed(material.clip.pictures[0], random)
    return _held([photo], material, Handling(handling), random)


def _tablet(material: Material, random: np.random.Generator) -> Made:
    seed = int(random.integers(1 << 31))
    shown = _screened(material.clip.pictures, seed)
    return _held(shown, material, Handling.TURNED, random)


def _held(shown: Sequence[UInt8Array], material: Material, handling: Handling, random: np.random.Generator) -> Made:
    """One photo, or a film on a screen, held before a room."""
    first = shown[0]
    asked = handled(handling, material.turn, fps=FPS, random=random)
    count = len(material.clip.pictures)
    holds = [asked[index * len(asked) // count] for index in range(count)]
    level = random.integers(60, 160, 3)
    room = cv2.GaussianBlur(random.normal(level, 25, first.shape).clip(0, 255).astype(np.uint8), (0, 0), 15)
    room = np.asarray(room, np.uint8)
    width, distance = 0.95 * first.shape[1], 3.0 * first.shape[1]
    pictures: list[UInt8Array] = []
    if len(shown) == 1:
        pictures.extend(held(Sheet.of(first), holds, room, width=width, distance=distance))
    else:
        for picture, hold in zip(shown, holds, strict=True):
            pictures.extend(held(Sheet.of(picture), [hold], room, width=width, distance=distance))
    heard = from_loudspeaker(material.clip.sound, random, response=material.response)
    made = material.clip.with_pictures(pictures).with_sound(heard)
    return Made(clip=made, parameters={"handling": str(handling), "first": str(material.turn.first)})


def _still(material: Material, random: np.random.Generator) -> Made:
    """One picture, slowly zoomed and shifted, as slide shows do."""
    count, first = len(material.clip.pictures), material.clip.pictures[0]
    height, width = first.shape[:2]
    zoom, shift = random.uniform(0.08, 0.25), random.uniform(-0.04, 0.04, 2) * (width, height)
    pictures = []
    for share in np.linspace(0, 1, count):
        scale = 1 + zoom * share
        move = (1 - scale) * np.array([width, height]) / 2 + share * shift
        matrix = np.array([[scale, 0, move[0]], [0, scale, move[1]]])
        seen = cv2.warpAffine(first, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        pictures.append(np.asarray(seen, np.uint8))
    return Made(clip=material.clip.with_pictures(pictures), parameters={"zoom": float(zoom)})


def _screen_replay(material: Material, random: np.random.Generator) -> Made:
    seed = int(random.integers(1 << 31))
    heard = from_loudspeaker(material.clip.sound, random, response=material.response)
    clip = material.clip.with_pictures(_screened(material.clip.pictures, seed)).with_sound(heard)
    return Made(clip=clip, parameters={"room": "made" if material.response is None else "measured"})


def _screened(pictures: Sequence[UInt8Array], seed: int) -> list[UInt8Array]:
    return [
        on_screen(picture, time_s=index / FPS, random=np.random.default_rng(seed))
        for index, picture in enumerate(pictures)
    ]


def _dubbed(material: Material, random: np.random.Generator) -> Made | None:
    if not material.others:
        return None
    chosen = int(random.integers(len(material.others)))
    return Made(clip=material.clip.with_sound(material.others[chosen]), parameters={"other": float(chosen)})


def _shuffled(material: Material, random: np.random.Generator) -> Made | None:
    sound = shuffled(material.clip.sound, random)
    return None if sound is None else Made(clip=material.clip.with_sound(sound), parameters={})


def _spliced(material: Material, random: np.random.Generator) -> Made | None:
    sound = spliced(material.others, len(material.clip.sound), random)
    return None if sound is None else Made(clip=material.clip.with_sound(sound), parameters={})


def _cloned(material: Material, random: np.random.Generator) -> Made | None:
    if material.clone is None:
        return None
    delay = float(random.uniform(0.1, 0.3))
    sound = np.concatenate([np.zeros(round(delay * SAMPLE_RATE_HZ), np.float32), material.clone])
    return Made(clip=material.clip.with_sound(sound), parameters={"delay_s": delay})


def _still_face(material: Material, random: np.random.Generator) -> Made | None:  # noqa: ARG001 - one signature for all
    """The first picture's face laid over the others: the head moves, the face does not."""
    if not any(material.surfaces):
        return None
    return Made(clip=material.clip.with_pictures(pasted_face(material.clip.pictures, material.surfaces)), parameters={})


def _mirrored(material: Material, random: np.random.Generator) -> Made:  # noqa: ARG001 - one signature for all
    pictures = [np.ascontiguousarray(picture[:, ::-1]) for picture in material.clip.pictures]
    return Made(clip=material.clip.with_pictures(pictures), parameters={})


def _sped_up(material: Material, random: np.random.Generator) -> Made:
    factor = float(random.uniform(1.1, 1.4))
    count = max(2, round(len(material.clip.pictures) / factor))
    chosen = np.minimum((np.arange(count) * factor).astype(int), len(material.clip.pictures) - 1)
    pictures = tuple(material.clip.pictures[index] for index in chosen)
    sound = (
        soxr.resample(material.clip.sound, SAMPLE_RATE_HZ * factor, SAMPLE_RATE_HZ)
        if len(material.clip.sound)
        else material.clip.sound
    )
    fast = Clip(pictures=pictures, sound=fitted(np.asarray(sound, np.float32), round(count / FPS * SAMPLE_RATE_HZ)))
    return Made(clip=fast, parameters={"factor": factor})


def _replayed(material: Material, random: np.random.Generator) -> Made:
    """The very recording, encoded once more, at another size and level."""
    size, level = random.uniform(0.6, 0.9), random.choice([0.5, 2.0])
    pictures = [
        np.asarray(cv2.resize(picture, None, fx=size, fy=size, interpolation=cv2.INTER_AREA), np.uint8)
        for picture in material.clip.pictures
    ]
    clip = material.clip.with_pictures(pictures).with_sound(np.clip(level * material.clip.sound, -1, 1))
    return Made(clip=clip, parameters={"size": float(size), "level": float(level)})


_MAKERS: Mapping[Species, Callable[[Material, np.random.Generator], Made | None]] = {
    Species.PRINT: _print,
    Species.TABLET: _tablet,
    Species.STILL: _still,
    Species.SCREEN_REPLAY: _screen_replay,
    Species.DUBBED: _dubbed,
    Species.SHUFFLED: _shuffled,
    Species.SPLICED: _spliced,
    Species.CLONED: _cloned,
    Species.STILL_FACE: _still_face,
    Species.MIRRORED: _mirrored,
    Species.SPED_UP: _sped_up,
    Species.REPLAYED: _replayed,
}
