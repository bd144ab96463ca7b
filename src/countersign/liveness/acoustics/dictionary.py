"""How English words are said: the CMU Pronouncing Dictionary, as the pocketsphinx wheel carries it (BSD-like licence)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from countersign.core.errors import ErrorCode, ModelError
from countersign.liveness.acoustics.chains import Pronunciation
from countersign.liveness.acoustics.model import wheel_folder


def english(words: Iterable[str]) -> dict[str, tuple[Pronunciation, ...]]:
    """The pronunciations of those of `words` (lower case) that the dictionary has.

    Raises:
        ModelError: MODEL_MISSING.
    """
    return read(wheel_folder() / "en-us" / "cmudict-en-us.dict", words)


def read(file: Path, words: Iterable[str]) -> dict[str, tuple[Pronunciation, ...]]:
    """Look words up in a dictionary of lines like ``either(2) IY DH ER``.

    Raises:
        ModelError: MODEL_MISSING.
    """
    wanted, found = frozenset(words), dict[str, list[Pronunciation]]()
    try:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                word, _, said = line.partition(" ")
                word = word.partition("(")[0]
                if word in wanted:
                    found.setdefault(word, []).append(tuple(said.split()))
    except OSError as error:
        raise ModelError(ErrorCode.MODEL_MISSING, f"There is no dictionary {file.name}") from error
    return {word: tuple(said) for word, said in found.items()}
