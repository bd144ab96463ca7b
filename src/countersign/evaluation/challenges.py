"""What the person in a trial was asked to do, as a file of trials tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from countersign.liveness.challenge import NONCE_BYTES, Challenge, Mode, Side, TurnOrder, TurnPath
from countersign.liveness.word_list import WordList

_ISSUED = datetime(2026, 1, 1, tzinfo=UTC)
"""Any time: whether a challenge is still good is decided before an engine sees it, and nothing here asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A challenge.

    Attributes:
        words: in their order.
        turn: how the head was to be turned.
    """

    words: tuple[str, ...]
    turn: TurnPath

    @classmethod
    def parse(cls, words: str, turn: str) -> Asked | None:
        """Read the columns ``words`` and ``turn``; None where both are empty.

        Args:
            words: with spaces between them.
            turn: first side, degrees and order, as in ``left:25:after_words``.

        Raises:
            ValueError: one of them is empty or malformed.
        """
        if not words and not turn:
            return None
        if not words or not turn:
            raise ValueError("a challenge has words and a turn")
        try:
            first, extent, order = turn.split(":")
            path = TurnPath(first=Side(first), extent_deg=int(extent), order=TurnOrder(order))
        except ValueError:
            raise ValueError("turn is none like left:25:after_words") from None
        return cls(words=tuple(words.lower().split()), turn=path)

    def challenge(self) -> Challenge:
        """As the engine wants it: digits where all words are digits."""
        digits = all(word in WordList.digits().known for word in self.words)
        return Challenge(
            mode=Mode.DIGITS if digits else Mode.WORDS,
            language="en",
            words=self.words,
            turn=self.turn,
            nonce=bytes(NONCE_BYTES),
            issued_at=_ISSUED,
            expires_at=_ISSUED + timedelta(seconds=90),
        )
