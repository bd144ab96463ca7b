"""Words are found where CMU's own decoder finds them, and are told from words that were not said."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pocketsphinx
import pytest

from countersign.liveness.acoustics.cepstra import FRAME_S
from countersign.liveness.acoustics.model import AcousticModel, wheel_folder
from countersign.liveness.acoustics.recogniser import Recogniser
from countersign.liveness.word_list import WordList
from tests.liveness.readings import DIGITS, sound, words


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser(AcousticModel.english(), WordList.digits().known)


@pytest.fixture(scope="module")
def decoder() -> pocketsphinx.Decoder:
    folder = wheel_folder() / "en-us"
    return pocketsphinx.Decoder(
        hmm=str(folder / "en-us"),
        dict=str(folder / "cmudict-en-us.dict"),
        lm=None,
        loglevel="FATAL",
        compallsen=True,
        bestpath=False,
    )


@pytest.mark.parametrize("name", DIGITS)
def test_words_lie_where_pocketsphinx_puts_them(
    samples: Path, recogniser: Recogniser, decoder: pocketsphinx.Decoder, name: str
) -> None:
    clip, said = sound(samples, name), words(name)
    decoder.set_align_text(" ".join(said))
    decoder.start_utt()
    decoder.process_raw((clip.samples * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    theirs = [(each.start_frame, each.end_frame + 1) for each in decoder.seg() if each.word.split("(")[0] in said]
    ours = [(word.start_s / FRAME_S, word.end_s / FRAME_S) for word in recogniser.examine(clip.samples, said).words]
    assert len(ours) == len(theirs)
    # Where a word ends and a pause begins is a matter of taste; where most words lie is not.
    apart = np.abs(np.array(ours) - np.array(theirs))
    assert np.median(apart) <= 2
    assert np.mean(apart <= 10) > 0.8


@pytest.mark.parametrize("name", DIGITS)
def test_every_said_digit_beats_every_other_digit_in_its_place(
    samples: Path, recogniser: Recogniser, name: str
) -> None:
    heard = recogniser.examine(sound(samples, name).samples, words(name))
    assert [word.word for word in heard.words] == list(words(name))
    assert all(word.margin > 0 for word in heard.words)
    assert heard.freedom > 0
    assert heard.fit > -1


def test_a_digit_that_was_not_said_loses_to_the_one_that_was(samples: Path, recogniser: Recogniser) -> None:
    name = "fjmd/cen6-fjmd-b"
    heard = recogniser.examine(sound(samples, name).samples, ("one", "seven", "nine", "six", "eight"))
    assert heard.words[2].margin < -20
    assert heard.words[2].rival == "three"
    assert min(word.margin for k, word in enumerate(heard.words) if k != 2) > 0


def test_words_of_another_order_are_known_by_the_freedom_they_lack(samples: Path, recogniser: Recogniser) -> None:
    name = "fjmd/cen6-fjmd-b"
    heard = recogniser.examine(sound(samples, name).samples, words(name)[::-1])
    assert heard.freedom < -100


def test_words_come_in_order_and_do_not_overlap(samples: Path, recogniser: Recogniser) -> None:
    name = "fash/cen7-fash-b"
    heard = recogniser.examine(sound(samples, name).samples, words(name)).words
    times = [time for word in heard for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert all(word.end_s - word.start_s >= 0.05 for word in heard)


def test_speech_outside_the_words_is_counted(samples: Path, recogniser: Recogniser) -> None:
    clip = sound(samples, "mgah/cen7-mgah-b")
    whole = recogniser.examine(clip.samples, words("mgah/cen7-mgah-b"))
    part = recogniser.examine(clip.samples, words("mgah/cen7-mgah-b")[:4])
    assert whole.stray_s < 0.3 < whole.speech_s
    assert part.stray_s + sum(word.end_s - word.start_s for word in part.words) > 0.8 * part.speech_s


def test_many_threads_hear_what_one_hears(samples: Path, recogniser: Recogniser) -> None:
    clips = [(sound(samples, name).samples, words(name)) for name in DIGITS]
    alone = [recogniser.examine(*clip) for clip in clips]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda clip: recogniser.examine(*clip), clips * 3))
    assert together == alone * 3


def test_the_fewest_samples_are_enough_to_place_the_words(recogniser: Recogniser) -> None:
    asked = ("one", "seven", "three", "six")
    noise = np.random.default_rng(0).normal(0.0, 0.01, recogniser.least_samples(asked)).astype(np.float32)
    assert len(recogniser.examine(noise, asked).words) == 4


def test_a_word_that_is_not_in_the_vocabulary_is_an_error_until_it_is_added(recogniser: Recogniser) -> None:
    noise = np.random.default_rng(0).normal(0.0, 0.01, 32_000).astype(np.float32)
    with pytest.raises(KeyError):
        recogniser.examine(noise, ("one", "bread"))
    more = recogniser.knowing({"bread": (("B", "R", "EH", "D"),)})
    assert more.knows("bread")
    assert more.examine(noise, ("one", "bread")).words[1].word == "bread"
