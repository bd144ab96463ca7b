"""The words that are drawn sound unlike each other, and the recogniser knows how they are said."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.liveness.acoustics import dictionary
from countersign.liveness.acoustics.model import AcousticModel
from countersign.liveness.word_list import WordList

SCRIPT = Path(__file__).parents[2] / "scripts" / "build_word_list.py"


def test_there_are_at_least_256_different_words() -> None:
    assert len(set(WordList.words())) == len(WordList.words()) >= 256


def test_every_word_is_said_as_the_dictionary_says() -> None:
    words = WordList.words()
    assert dict(words.known) == dictionary.english(words)


def test_the_model_has_every_phone_of_every_word() -> None:
    names = set(AcousticModel.english().names)
    for words in (WordList.words(), WordList.digits()):
        assert {phone for said in words.known.values() for each in said for phone in each} <= names


def test_no_two_words_are_closer_than_the_list_says() -> None:
    build = runpy.run_path(str(SCRIPT))
    between = build["distances"](dict(WordList.words().known), AcousticModel.english())
    text = build["TARGET"].read_text("utf-8")
    stated = float(text.split("least ")[1].split(",")[0])
    assert between.min() == pytest.approx(stated, abs=0.01)
    assert stated > 1.9
    assert np.isfinite(between[np.triu_indices(256, 1)]).all()


def test_decoys_are_known_but_not_drawn() -> None:
    digits = WordList.digits()
    assert "zero" in digits.known
    assert "zero" not in set(digits)


@pytest.mark.parametrize("text", ["word", "word\t", "\tAH", "~\tAH", "one\tW AH N\none\tW AH N", "a\tEY |  | AH"])
def test_a_malformed_list_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "en.txt"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        WordList.read(file, language="en")
    assert caught.value.code is ErrorCode.CONFIGURATION_INVALID


def test_a_language_without_a_list_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'xx'"):
        WordList.words("xx")
