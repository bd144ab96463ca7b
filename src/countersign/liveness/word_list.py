"""Lists of words to draw from, one file a language, each word with how it is said.

A file has one word a line, a tab, and its pronunciations as the acoustic model spells them, with " | " between several.
Lines with "#" are comments. A word marked with "~" is known, so that it can serve as a decoy, but is never drawn. Another language needs a list and an acoustic model of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.liveness.acoustics.chains import Pronunciation


@dataclass(frozen=True, slots=True, kw_only=True)
class WordList:
    """Distinct words. Iterating gives those that may be drawn, in the file's order.

    Attributes:
        language: BCP 47, for example "en".
        drawn: the words that may be drawn.
        known: how each word is said, these and others.
    """

    language: str
    drawn: tuple[str, ...] = field(repr=False)
    known: Mapping[str, tuple[Pronunciation, ...]] = field(repr=False)

    def __len__(self) -> int:
        return len(self.drawn)

    def __iter__(self) -> Iterator[str]:
        return iter(self.drawn)

    @classmethod
    def words(cls, language: str = "en") -> WordList:
        """The words of a language.

        Raises:
            ConfigurationError: CONFIGURATION_INVALID when there is no such list, or it is malformed.
        """
        return cls._shipped(language, f"{language}.txt")

    @classmethod
    def digits(cls, language: str = "en") -> WordList:
        """The digits of a language that everybody calls the same.

        Raises:
            ConfigurationError: as `words`.
        """
        return cls._shipped(language, f"{language}-digits.txt")

    @classmethod
    def read(cls, file: Traversable, *, language: str) -> WordList:
        """Read a list.

        Raises:
            ConfigurationError: CONFIGURATION_INVALID.
        """
        found, drawn = dict[str, tuple[Pronunciation, ...]](), list[str]()
        try:
            for line in file.read_text("utf-8").splitlines():
                if line and not line.startswith("#"):
                    entry, said = _parse(line)
                    word = entry.removeprefix("~")
                    if word in found:
                        raise _invalid(f"{file.name} has {word!r} twice")
                    found[word] = said
                    drawn.extend([word] if word == entry else [])
        except (OSError, ValueError) as error:
            raise _invalid(f"{file.name} is not a list of words: {error}") from error
        return cls(language=language, drawn=tuple(drawn), known=MappingProxyType(found))

    @classmethod
    def _shipped(cls, language: str, name: str) -> WordList:
        folder = files("countersign.liveness") / "words"
        if name not in {item.name for item in folder.iterdir()}:
            raise _invalid(f"there is no list of words for the language {language!r}")
        return cls.read(folder / name, language=language)


def _parse(line: str) -> tuple[str, tuple[Pronunciation, ...]]:
    entry, said = line.split("\t")
    pronunciations = tuple(tuple(each.split()) for each in said.split(" | "))
    if not entry.removeprefix("~") or not all(pronunciations):
        raise ValueError(line)
    return entry, pronunciations


def _invalid(message: str) -> ConfigurationError:
    return ConfigurationError(ErrorCode.CONFIGURATION_INVALID, message)
