"""From what was heard to the scores that calibrations are fitted on.

A frame's log-likelihoods are far from independent of its neighbours', so sums over frames overstate; square roots and
calibration bring them back. A phrase stands or falls with its worst words: its score is the log-likelihood ratio of "all
words said" against "one of them not, each as likely", ``-ln mean exp(-LLR of word)``, which the worst word dominates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import logsumexp

from countersign.core.biometrics import Modality, ModelRef
from countersign.core.evidence import Score
from countersign.liveness.acoustics.recogniser import HeardPhrase, HeardWord
from countersign.liveness.challenge import Mode


def each_comparator(mode: Mode) -> str:
    """The name of the scores of single words."""
    return f"phrase-{mode}-each/1"


def all_comparator(mode: Mode) -> str:
    """The name of the scores of whole phrases."""
    return f"phrase-{mode}-all/1"


def word_score(heard: HeardWord, *, mode: Mode, model: ModelRef) -> Score:
    """The score of one word: the root of its margin, with its fit and that of its worst phone beside it."""
    return Score(
        value=_root(heard.margin),
        modality=Modality.VOICE,
        model=model,
        comparator=each_comparator(mode),
        side={"fit": heard.fit, "weakest_phone": heard.weakest_phone},
    )


def phrase_score(heard: HeardPhrase, word_llrs: Sequence[float], *, mode: Mode, model: ModelRef) -> Score:
    """The score of a phrase: its words' worst, with the freedom that their order costs (its root, a word) beside it."""
    llrs = np.asarray(word_llrs)
    return Score(
        value=math.log(len(llrs)) - float(logsumexp(-llrs)),
        modality=Modality.VOICE,
        model=model,
        comparator=all_comparator(mode),
        side={"freedom": _root(heard.freedom) / len(llrs)},
    )


def _root(nats: float) -> float:
    return math.copysign(math.sqrt(abs(nats)), nats)
