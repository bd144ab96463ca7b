"""Were these words said, in this order, in this recording?

No transcript is made and none is demanded. Every asked word is placed where it fits best and measured against the other
words of the list in the same place; the whole is measured against any string of phones, and against the same words in any
other order. A calibrated log-likelihood ratio says what these figures are worth together, so that a foreign accent may cost
a word some nats without costing the login. Figures and counts: ``docs/phrase.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from countersign.core.evidence import LLR, NotAssessed, Score
from countersign.core.samples import AudioClip
from countersign.liveness.acoustics import dictionary
from countersign.liveness.acoustics.model import AcousticModel
from countersign.liveness.acoustics.recogniser import HeardWord, Recogniser
from countersign.liveness.challenge import Challenge, Mode
from countersign.liveness.phrase_score import phrase_score, word_score
from countersign.liveness.word_list import WordList
from countersign.scoring.calibrate import Calibrations

LONGEST_S = 30.0
"""A recording longer than this is no answer to a challenge, and is not searched."""

LANGUAGE = "en"
"""The only one with an acoustic model so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenWord:
    """One asked word. For the operator, never for the person who logs in.

    Attributes:
        word: as asked.
        start_s, end_s: where it fits best, seconds on the recording's clock.
        llr: said there, against another word said there.
        rival: the word of the list that fits best in its place otherwise.
        margin: nats by which the asked word fits better than that; a frame counts in full, so these are large numbers.
        fit: nats a frame by which it fits better than any string of phones.
    """

    word: str
    start_s: float
    end_s: float
    llr: LLR
    rival: str
    margin: float
    fit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseResult:
    """What the recording says about the phrase.

    Attributes:
        words: each asked word, in order.
        score: the figures that the ratio was made of.
        llr: all words said in their order, against anything else said. This decides.
        speech_s: seconds of speech of any kind.
        stray_s: seconds of speech outside the asked words.
    """

    words: tuple[SpokenWord, ...]
    score: Score
    llr: LLR
    speech_s: float
    stray_s: float


class PhraseCheck:
    """Holds a recogniser for words and one for digits. Immutable: one serves all threads.

    Args:
        model: how phones sound.
        words: the list that words are drawn from.
        digits: the list that digits are drawn from.
        calibrations: of the scores of single words and of phrases, for this model.
    """

    def __init__(self, *, model: AcousticModel, words: WordList, digits: WordList, calibrations: Calibrations) -> None:
        everything = {**words.known, **digits.known}
        self._recognisers: Mapping[Mode, Recogniser] = {
            Mode.WORDS: Recogniser(model, everything),
            Mode.DIGITS: Recogniser(model, digits.known),
        }
        self._calibrations = calibrations

    @classmethod
    def load(cls) -> PhraseCheck:
        """The one for English, with the model of the pocketsphinx wheel.

        Raises:
            ModelError: MODEL_MISSING, MODEL_HASH_MISMATCH or MODEL_UNREADABLE.
            ConfigurationError: a list or a calibration is malformed.
        """
        return cls(
            model=AcousticModel.english(),
            words=WordList.words(LANGUAGE),
            digits=WordList.digits(LANGUAGE),
            calibrations=Calibrations.load(files("countersign.liveness") / "calibrations"),
        )

    def check(self, audio: AudioClip | None, challenge: Challenge) -> PhraseResult | NotAssessed:
        """Look for the challenge's words in the recording's sound.

        Raises:
            ConfigurationError: CALIBRATION_MISSING for this model.
        """
        if challenge.language != LANGUAGE:
            return NotAssessed(reason=f"there is no acoustic model for the language {challenge.language}")
        if audio is None:
            return NotAssessed(reason="the recording has no sound")
        recogniser = self._knowing(challenge)
        if isinstance(recogniser, NotAssessed):
            return recogniser
        if len(audio.samples) < recogniser.least_samples(challenge.words):
            return NotAssessed(reason="the recording is too short to hold the words")
        if audio.duration_s > LONGEST_S:
            return NotAssessed(reason=f"the recording is longer than {LONGEST_S:.0f} seconds")
        heard = recogniser.examine(audio.samples, challenge.words)
        model, mode = recogniser.model.ref, challenge.mode
        llrs = [self._calibrations.llr(word_score(word, mode=mode, model=model)) for word in heard.words]
        score = phrase_score(heard, [llr.value for llr in llrs], mode=mode, model=model)
        return PhraseResult(
            words=tuple(_spoken(word, llr, audio.start_s) for word, llr in zip(heard.words, llrs, strict=True)),
            score=score,
            llr=self._calibrations.llr(score),
            speech_s=heard.speech_s,
            stray_s=heard.stray_s,
        )

    def _knowing(self, challenge: Challenge) -> Recogniser | NotAssessed:
        """The recogniser for the challenge's mode; words from elsewhere than its list are looked up."""
        recogniser = self._recognisers[challenge.mode]
        return with_words(recogniser, challenge.words)


def with_words(recogniser: Recogniser, words: Sequence[str]) -> Recogniser | NotAssessed:
    """A recogniser that knows `words` as well, if the dictionary says how they are said."""
    unknown = {word for word in words if not recogniser.knows(word)}
    if not unknown:
        return recogniser
    found = dictionary.english(unknown)
    if missing := sorted(unknown - found.keys()):
        return NotAssessed(reason=f"it is not known how these are said: {', '.join(missing)}")
    return recogniser.knowing(found)


def _spoken(heard: HeardWord, llr: LLR, start_s: float) -> SpokenWord:
    return SpokenWord(
        word=heard.word,
        start_s=start_s + heard.start_s,
        end_s=start_s + heard.end_s,
        llr=llr,
        rival=heard.rival,
        margin=heard.margin,
        fit=heard.fit,
    )
