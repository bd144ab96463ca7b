"""What an enrolment asks for: pictures over the turn of the head, and words to be read aloud."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, unique

from countersign.liveness.challenge import RandomSource
from countersign.liveness.turn import LEAST_DEG
from countersign.liveness.word_list import WordList


@unique
class Pose(StrEnum):
    """Where the head points, as the person means left and right."""

    FRONT = "front"
    SLIGHTLY_LEFT = "slightly_left"
    HALF_LEFT = "half_left"
    FAR_LEFT = "far_left"
    SLIGHTLY_RIGHT = "slightly_right"
    HALF_RIGHT = "half_right"
    FAR_RIGHT = "far_right"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSlot:
    """One picture.

    Attributes:
        low_deg, high_deg: yaw that is taken, positive to the person's own left. Neighbours overlap, for the measure is
            good to some 6 degrees; full profiles read as 40 to 70 (docs/face.md), so the far ones end at 80.
    """

    slot: int
    pose: Pose
    low_deg: float
    high_deg: float

    def takes(self, yaw_deg: float) -> bool:
        """Whether a head turned so far is what is asked."""
        return self.low_deg <= yaw_deg <= self.high_deg

    def eased(self) -> PictureSlot:
        """The same side, for somebody who cannot turn so far: from the least on that a login asks of anybody."""
        if self.low_deg > 0:
            return replace(self, low_deg=min(self.low_deg, LEAST_DEG))
        return replace(self, high_deg=max(self.high_deg, -LEAST_DEG)) if self.high_deg < 0 else self


PICTURES: tuple[PictureSlot, ...] = tuple(
    PictureSlot(slot=slot, pose=pose, low_deg=low, high_deg=high)
    for slot, (pose, low, high) in enumerate(
        (
            (Pose.FRONT, -10.0, 10.0),
            (Pose.SLIGHTLY_LEFT, 8.0, 24.0),
            (Pose.HALF_LEFT, 20.0, 40.0),
            (Pose.FAR_LEFT, 34.0, 80.0),
            (Pose.SLIGHTLY_RIGHT, -24.0, -8.0),
            (Pose.HALF_RIGHT, -40.0, -20.0),
            (Pose.FAR_RIGHT, -80.0, -34.0),
            (Pose.FRONT, -10.0, 10.0),
        )
    )
)
"""In the order in which they are asked: one turn to either side, and once more to the front."""

EASED_AFTER = 2
"""Pictures of one slot that were refused because the head was not turned far enough."""


def asked_pictures(short_turns: Mapping[str, int]) -> tuple[PictureSlot, ...]:
    """What is asked of somebody whose turns were too short, so often by slot; `PICTURES` of everybody else."""
    return tuple(slot.eased() if short_turns.get(str(slot.slot), 0) >= EASED_AFTER else slot for slot in PICTURES)


VOICES = 5
WORDS_IN_A_PROMPT = 6
"""Some four seconds of speech."""


def draw_prompts(words: WordList, source: RandomSource) -> list[list[str]]:
    """The words of every voice sample. No word comes twice, so the samples differ in what is said.

    Args:
        words: at least `VOICES * WORDS_IN_A_PROMPT` of them.
        source: the module `secrets`.
    """
    left = list(words)
    return [_drawn(left, source) for _ in range(VOICES)]


def draw_other_prompt(
    words: WordList, source: RandomSource, *, prompts: Sequence[Sequence[str]], withdrawn: Collection[str]
) -> list[str]:
    """Words in place of those that were not understood: none of the same enrolment's prompts, and none withdrawn before.

    Where so many were withdrawn that too few are left, words that were withdrawn come again.

    Args:
        words: as `draw_prompts`.
        source: as `draw_prompts`.
        prompts: of the enrolment, with the one that is replaced.
        withdrawn: what earlier prompts had.
    """
    others = [word for word in words if not any(word in prompt for prompt in prompts)]
    unused = [word for word in others if word not in withdrawn]
    return _drawn(unused if len(unused) >= WORDS_IN_A_PROMPT else others, source)


def _drawn(left: list[str], source: RandomSource) -> list[str]:
    """The words of one prompt, taken out of `left`."""
    return [left.pop(source.randbelow(len(left))) for _ in range(WORDS_IN_A_PROMPT)]
