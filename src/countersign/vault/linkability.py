"""How well templates of one database can be linked to those of another: Gomez-Barrero et al. 2018.

"General framework to evaluate unlinkability in biometric template protection systems", IEEE Transactions on Information
Forensics and Security 13(6), section IV. Who holds two leaked databases compares every template of one with every template
of the other. Scores of the same person are mated, all others non-mated; the better the two can be told apart, the more
linkable the templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float64Array
from countersign.core.biometrics import Reference

_PERMUTATIONS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkability:
    """Measured linkability.

    Attributes:
        d_sys: global linkability, in [0, 1]: 0 when no score tells mated from non-mated, 1 when every mated score does.
        chance: what the estimate gives on average when the labels are shuffled. Small samples never give 0, so a `d_sys`
            near this value means that nothing was found.
        edges: `float64[bins + 1]`, of the histogram, in units of the score.
        local: `float64[bins]`, linkability of a score in each bin, in [0, 1].
        mated, nonmated: how many scores there were.
    """

    d_sys: float
    chance: float
    edges: Float64Array = field(repr=False)
    local: Float64Array = field(repr=False)
    mated: int
    nonmated: int


def linkability(
    mated: Float64Array, nonmated: Float64Array, *, prior_ratio: float = 1.0, bins: int | None = None
) -> Linkability:
    """The measure D_sys, from histograms as in the paper.

    Args:
        mated: `float64[m]`, at least 10 scores, finite.
        nonmated: `float64[n]`, at least 10 scores, finite.
        prior_ratio: the paper's omega, how much more likely than not a pair is mated before its score is seen.
        bins: of the histogram, at least 2; when not given, one for ten mated scores, but 10 at least (with a single bin
            everything would seem unlinkable) and 100 at most.

    Raises:
        ValueError: too few scores or bins, or scores that are not finite.
    """
    if min(len(mated), len(nonmated)) < 10:
        raise ValueError("linkability needs at least ten scores of each kind")
    if not (np.isfinite(mated).all() and np.isfinite(nonmated).all()):
        raise ValueError("linkage scores must be finite")
    if bins is not None and bins < 2:
        raise ValueError("a histogram of one bin says nothing")
    count = min(max(len(mated) // 10, 10), 100) if bins is None else bins
    scores = np.concatenate([mated, nonmated])
    edges = np.linspace(scores.min(), scores.max(), count + 1, dtype=np.float64)
    places = np.clip(np.searchsorted(edges, scores, side="right") - 1, 0, count - 1)
    is_mated = np.arange(len(scores)) < len(mated)
    d_sys, local = _global(places, is_mated, count, prior_ratio)
    shuffle = np.random.default_rng(0)
    shuffled = [_global(places, shuffle.permutation(is_mated), count, prior_ratio)[0] for _ in range(_PERMUTATIONS)]
    return Linkability(
        d_sys=d_sys,
        chance=float(np.mean(shuffled)),
        edges=edges,
        local=local,
        mated=len(mated),
        nonmated=len(nonmated),
    )


def linkage_scores(first: Sequence[Reference], second: Sequence[Reference]) -> tuple[Float64Array, Float64Array]:
    """What a linker without any key can do: the best cosine between two people's samples.

    Args:
        first: references in one database, all of one model.
        second: references of the same people, in the same order, in another.

    Returns:
        Mated scores `float64[n]` and non-mated scores `float64[n * (n - 1)]`, in [-1, 1].

    Raises:
        ValueError: the two are not equally long.
    """
    if len(first) != len(second):
        raise ValueError("both databases must hold the same people, in the same order")
    rows = [_vectors(reference) for reference in first]
    columns = [_vectors(reference) for reference in second]
    scores = np.array([[(row @ column.T).max() for column in columns] for row in rows])
    same = np.eye(len(scores), dtype=bool)
    return scores[same], scores[~same]


def _vectors(reference: Reference) -> Float64Array:
    return np.stack([sample.embedding.vector for sample in reference.samples]).astype(np.float64)


def _global(
    places: NDArray[np.intp], is_mated: NDArray[np.bool_], count: int, prior_ratio: float
) -> tuple[float, Float64Array]:
    mated = np.bincount(places[is_mated], minlength=count) / is_mated.sum()
    nonmated = np.bincount(places[~is_mated], minlength=count) / (~is_mated).sum()
    odds = np.divide(mated * prior_ratio, nonmated, out=np.full(count, np.inf), where=nonmated > 0)
    # D(s) = 2 * odds / (1 + odds) - 1 where the score speaks for mated, otherwise 0.
    local = np.where(mated > 0, np.maximum(1.0 - 2.0 / (1.0 + odds), 0.0), 0.0)
    return float(local @ mated), local
