"""Whole logins put together, for want of recordings of any: real words of one person, and a rendered turn of the same face.

No data set has the same people reading a phrase and turning the head in one take. What is said and seen while it is said is
real; the turn is `rendered_head`'s, drawn from the picture next to it, so that it begins and ends where the words do.
Whatever is measured on these is of *composed* logins and must say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from countersign.core.acquisition import FailureToAcquire
from countersign.core.arrays import Float32Array
from countersign.core.samples import SAMPLE_RATE_HZ
from countersign.evaluation.attacks.clip import FPS, Clip
from countersign.evaluation.attacks.head_motion import Manner
from countersign.evaluation.attacks.rendered_head import Proportions, render_turn, surface_of
from countersign.face.path import FacePath
from countersign.liveness.challenge import ChallengeRules, Side, TurnOrder, TurnPath

PAUSE_S = 0.2
"""Left of the silence on each side of a joint between two sentences."""
_STEP = SAMPLE_RATE_HZ // 50
_SENSOR = 2.0
"""Standard deviation of the noise laid over all pictures, grey levels: a rendered turn would have none of its own."""
_HISS = 3e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """A turn as asked, and how it is made.

    Attributes:
        turn: as asked.
        manner: of the person on that day.
        proportions: of the head.
        seed: of the noise.
    """

    turn: TurnPath
    manner: Manner
    proportions: Proportions
    seed: int

    @classmethod
    def drawn(cls, random: np.random.Generator) -> Self:
        """Any turn that a challenge may ask for."""
        rules = ChallengeRules()
        turn = TurnPath(
            first=list(Side)[int(random.integers(len(Side)))],
            extent_deg=int(random.choice(rules.extents_deg)),
            order=list(TurnOrder)[int(random.integers(len(TurnOrder)))],
        )
        return cls(
            turn=turn,
            manner=Manner.drawn(random),
            proportions=Proportions.drawn(random),
            seed=int(random.integers(1 << 31)),
        )


def composed(spoken: Sequence[Clip], turned: Turned, path: FacePath) -> Clip | FailureToAcquire:
    """Sentences of one person in a row, and the turn before or after them.

    Args:
        spoken: at least one, pictures all of one size.
        turned: how the head turns.
        path: finds the face that is turned.

    Returns:
        The film; or why there is no face next to the turn.
    """
    words, first = joined(spoken), turned.turn.order is TurnOrder.BEFORE_WORDS
    photo = words.pictures[0 if first else -1]
    face = surface_of(path, photo)
    if isinstance(face, FailureToAcquire):
        return face
    turning = render_turn(photo, face, turned.turn, fps=FPS, manner=turned.manner, proportions=turned.proportions)
    random = np.random.default_rng(turned.seed)
    noise = random.normal(0, _SENSOR, (4, *photo.shape))
    pictures = (*turning, *words.pictures) if first else (*words.pictures, *turning)
    noisy = tuple(
        np.clip(picture + noise[index % 4], 0, 255).astype(np.uint8) for index, picture in enumerate(pictures)
    )
    sound = random.normal(0, _HISS, round(len(pictures) / FPS * SAMPLE_RATE_HZ)).astype(np.float32)
    start = round(len(turning) / FPS * SAMPLE_RATE_HZ) if first else 0
    heard = words.sound[: len(sound) - start]
    sound[start : start + len(heard)] += heard
    return Clip(pictures=noisy, sound=sound)


def joined(clips: Sequence[Clip]) -> Clip:
    """One after the other, without the silence between them but for `PAUSE_S` on each side. The picture jumps there."""
    kept = []
    for index, clip in enumerate(clips):
        begins, ends = _spoken_s(clip.sound)
        first = 0 if index == 0 else max(0, round((begins - PAUSE_S) * FPS))
        last = len(clip.pictures) if index == len(clips) - 1 else round((ends + PAUSE_S) * FPS)
        kept.append(_cut(clip, first, min(last, len(clip.pictures))))
    return Clip(
        pictures=tuple(picture for clip in kept for picture in clip.pictures),
        sound=np.concatenate([clip.sound for clip in kept]),
    )


def _cut(clip: Clip, first: int, last: int) -> Clip:
    """Pictures `first` to `last`, without `last`, and the sound of that time."""
    begins, ends = (round(at / FPS * SAMPLE_RATE_HZ) for at in (first, last))
    cut = Clip(pictures=clip.pictures[first:last], sound=clip.sound[begins:ends])
    return cut.with_sound(cut.sound)


def _spoken_s(sound: Float32Array) -> tuple[float, float]:
    """When speech begins and ends, by its level; all of it where nothing is heard."""
    steps = len(sound) // _STEP
    level = np.sqrt(np.mean(sound[: steps * _STEP].reshape(steps, _STEP) ** 2, axis=1)) if steps else np.zeros(0)
    loud = np.flatnonzero(level > 0.1 * float(np.quantile(level, 0.95))) if steps else level
    if not len(loud):
        return 0.0, len(sound) / SAMPLE_RATE_HZ
    return float(loud[0]) * _STEP / SAMPLE_RATE_HZ, float(loud[-1] + 1) * _STEP / SAMPLE_RATE_HZ
