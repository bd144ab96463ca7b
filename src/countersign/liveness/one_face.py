"""Is it one face from the first picture to the last?

Samples of one recording are compared as one probe, so who shows their own live face for the challenge, and somebody else's
picture for the rest, would bring both into it. The samples are therefore held against each other: every stretch of them in
time against all others, by the same comparator and calibration that compare them with references. The worst stretch counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from countersign.core.biometrics import FaceProbe, FaceReference, FaceSample
from countersign.core.evidence import LLR, Assessment, CheckResult, NotAssessed, Score

LEAST = 2
"""Samples on either side: one alone may be a blink or a blur."""


class Compares(Protocol):
    """What is asked of a face comparator."""

    def compare(self, probe: FaceProbe, reference: FaceReference) -> Score:
        """The score of one against the other."""


class Calibrates(Protocol):
    """Scores to log-likelihood ratios."""

    def llr(self, score: Score) -> LLR:
        """The log-likelihood ratio of `score`."""


def check_one_face(samples: Sequence[FaceSample], *, comparator: Compares, calibrations: Calibrates) -> CheckResult:
    """The ratio of the stretch that is least like the rest: the same face over another one.

    Args:
        samples: of one recording, in order of time.
        comparator: of faces.
        calibrations: for its scores.

    Raises:
        ConfigurationError: CALIBRATION_MISSING for this comparator and model.
    """
    if len(samples) < 2 * LEAST:
        return NotAssessed(reason=f"{len(samples)} face samples are too few to hold against each other")
    worst: tuple[float, float, str] | None = None
    for stretch, rest in _cut(samples):
        score = comparator.compare(FaceProbe(samples=stretch), FaceReference(samples=rest))
        llr = calibrations.llr(score)
        if worst is None or llr.value < worst[0]:
            worst = llr.value, score.value, llr.calibration
    assert worst is not None  # noqa: S101 - enough samples leave at least one cut
    value, score_value, calibration = worst
    return Assessment(
        llr=LLR(value=value, calibration=calibration), score=score_value, measures={"samples": len(samples)}
    )


def _cut(samples: Sequence[FaceSample]) -> Iterator[tuple[tuple[FaceSample, ...], tuple[FaceSample, ...]]]:
    """Every stretch of at least `LEAST` samples that leaves as many, with those that it leaves."""
    count = len(samples)
    for start in range(count):
        for end in range(start + LEAST, count + 1):
            if count - (end - start) >= LEAST:
                yield tuple(samples[start:end]), (*samples[:start], *samples[end:])
