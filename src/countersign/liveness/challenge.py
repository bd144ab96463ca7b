"""What a person is asked to do: read these words, turn the head this way, now, once.

Pure: the random source and the time are arguments. Pass the module `secrets` for the former; anything else is for tests.
Whoever stores a challenge burns it by compare-and-set before the answer is judged; nothing here can do that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, unique
from math import log2, perm
from typing import Protocol, TypeVar

from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.liveness.word_list import WordList

NONCE_BYTES = 32
"""256 bits; DESIGN asks for 128 or more."""

_T = TypeVar("_T")


class RandomSource(Protocol):
    """A cryptographically secure source of randomness; the module `secrets` is one."""

    def randbelow(self, exclusive_upper_bound: int, /) -> int:
        """A uniform integer in [0, bound)."""

    def token_bytes(self, nbytes: int, /) -> bytes:
        """That many random bytes."""


@unique
class Mode(StrEnum):
    """What is read aloud."""

    WORDS = "words"
    DIGITS = "digits"


@unique
class Side(StrEnum):
    """The person's own left or right."""

    LEFT = "left"
    RIGHT = "right"


@unique
class TurnOrder(StrEnum):
    """When the head is turned. The words are read facing the camera, so that the lips can be seen."""

    BEFORE_WORDS = "before_words"
    AFTER_WORDS = "after_words"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPath:
    """How the head is to be turned: to one side, over to the other, back to the camera.

    Attributes:
        first: where it starts.
        extent_deg: how far to each side at least, degrees of yaw.
        order: before or after the words.
    """

    first: Side
    extent_deg: int
    order: TurnOrder

    @property
    def yaws_deg(self) -> tuple[int, int, int]:
        """The turning points, as `HeadPose.yaw` counts: positive to the person's own left."""
        extent = self.extent_deg if self.first is Side.LEFT else -self.extent_deg
        return extent, -extent, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One challenge. Good for one answer, until it expires.

    Attributes:
        mode: words or digits.
        language: of the words, as `WordList.language`.
        words: to be read in this order; digits are words as well ("seven").
        turn: how the head is to be turned.
        nonce: names this challenge; at least 128 bits.
        issued_at, expires_at: with a time zone.
    """

    mode: Mode
    language: str
    words: tuple[str, ...]
    turn: TurnPath
    nonce: bytes
    issued_at: datetime
    expires_at: datetime

    def __post_init__(self) -> None:
        if not self.words:
            raise ValueError("a challenge has words")
        if len(self.nonce) < 16:
            raise ValueError("a nonce has at least 128 bits")
        if self.issued_at.tzinfo is None or self.expires_at.tzinfo is None:
            raise ValueError("times need a time zone")
        if self.expires_at <= self.issued_at:
            raise ValueError("a challenge lasts for some time")

    def expired(self, now: datetime) -> bool:
        """Whether it is too late, or the clock says that it was not even issued."""
        return not self.issued_at <= now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeRules:
    """How challenges are drawn.

    Attributes:
        mode: words or digits.
        count: of words in [4, 6], or of digits in [6, 8].
        extents_deg: of the turn, one is drawn. Far enough to see the head's depth, near enough for stiff necks.
        lifetime: from issue to expiry.

    Raises:
        ConfigurationError: CONFIGURATION_INVALID for numbers outside these ranges.
    """

    mode: Mode = Mode.WORDS
    count: int = 5
    extents_deg: tuple[int, ...] = (20, 25, 30, 35)
    lifetime: timedelta = timedelta(seconds=90)

    def __post_init__(self) -> None:
        low, high = (4, 6) if self.mode is Mode.WORDS else (6, 8)
        if not low <= self.count <= high:
            raise _invalid(f"a challenge of {self.mode} has {low} to {high} of them, not {self.count}")
        if not self.extents_deg or not all(15 <= extent <= 45 for extent in self.extents_deg):
            raise _invalid("the extent of the turn lies between 15 and 45 degrees")
        if not timedelta(seconds=10) <= self.lifetime <= timedelta(minutes=10):
            raise _invalid("a challenge lasts for 10 seconds to 10 minutes")

    def phrase_entropy_bits(self, words: WordList) -> float:
        """Bits that the phrase alone carries: words are drawn without replacement, digits with it."""
        size = len(words)
        return log2(perm(size, self.count)) if self.mode is Mode.WORDS else self.count * log2(size)

    def turn_entropy_bits(self) -> float:
        """Bits that the turn adds: side and order. Extents are told apart from below only, so they add none."""
        return log2(len(Side) * len(TurnOrder))

    def draw(self, words: WordList, *, source: RandomSource, now: datetime) -> Challenge:
        """A new challenge.

        Args:
            words: `WordList.words` or `WordList.digits`, as the mode asks.
            source: the module `secrets`.
            now: with a time zone.

        Raises:
            ConfigurationError: CONFIGURATION_INVALID when the list has too few words.
        """
        if len(words) < (256 if self.mode is Mode.WORDS else 9):
            raise _invalid(f"a list of {len(words)} is too short for {self.mode}")
        left, chosen = list(words), list[str]()
        while len(chosen) < self.count:
            k = source.randbelow(len(left))
            chosen.append(left.pop(k) if self.mode is Mode.WORDS else left[k])
        turn = TurnPath(
            first=_one_of(tuple(Side), source),
            extent_deg=_one_of(self.extents_deg, source),
            order=_one_of(tuple(TurnOrder), source),
        )
        return Challenge(
            mode=self.mode,
            language=words.language,
            words=tuple(chosen),
            turn=turn,
            nonce=source.token_bytes(NONCE_BYTES),
            issued_at=now,
            expires_at=now + self.lifetime,
        )


def _one_of(choices: Sequence[_T], source: RandomSource) -> _T:
    return choices[source.randbelow(len(choices))]


def _invalid(message: str) -> ConfigurationError:
    return ConfigurationError(ErrorCode.CONFIGURATION_INVALID, message)
