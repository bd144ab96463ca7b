"""Sound as a constellation of spectral peaks (Wang, "An industrial-strength audio search algorithm", ISMIR 2003).

Loud, lonely places of the spectrogram survive codecs, levels and telephone lines, and where they stand to each other is
as good as unique. Two peaks make a landmark for counting how much of two recordings agrees; three make one that is rare
enough to find a recording among many. Somebody who says the same words once more hits neither: pitch, pace and
formants never fall on the same bins in the same frames again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from countersign.core.arrays import Float32Array
from countersign.core.samples import SAMPLE_RATE_HZ

RATE_HZ = 8_000
"""What is left of a sound after a telephone."""
WINDOW, HOP = 512, 128
"""Samples: 64 ms, which parts the harmonics of a voice, every 16 ms."""
TICKS_PER_S = RATE_HZ / HOP
_LOW, _HIGH = 16, 218
"""Bins kept: 250 to 3,400 Hz, the band of a telephone, above the hum of mains."""
_AROUND = (11, 13)
"""Frames and bins of which a peak is the loudest."""
_PEAKS_PER_S = 30
_ABOVE_BIN = 1.2
"""Nats by which a peak stands above the middle level of its own bin, so that a steady tone or a fan has none."""
_FAINTEST = 9.0
"""Nats below the loudest."""
_NEAREST = 5
"""Later peaks that a peak is joined with."""
_SOONEST, _LATEST, _FARTHEST = 2, 48, 48
"""Frames and bins between two peaks that are joined."""
_SEARCHED = 64
_QUIETEST = 1e-4
"""Root mean square below which there is nothing to fingerprint but the noise of a converter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constellation:
    """Landmarks of one sound.

    Attributes:
        pairs: `int64[n]`, at least 0.
        pair_ticks: `int64[n]`, frame of each pair's first peak, `TICKS_PER_S` a second.
        triples: `int64[m]`, at least 0.
    """

    pairs: NDArray[np.int64]
    pair_ticks: NDArray[np.int64]
    triples: NDArray[np.int64]


def constellation(samples: Float32Array, *, speed: float = 1.0) -> Constellation:
    """The landmarks of a sound.

    Args:
        samples: `float32[n]`, 16 kHz.
        speed: how much faster than it was made the sound is thought to be played; it is slowed down by that first.
    """
    times, bins = _peaks(samples, speed)
    near = _neighbours(times, bins)
    one, which = np.nonzero(near >= 0)
    other = near[one, which]
    pairs = _joined(times, bins, one, other)
    triples = [np.zeros(0, np.int64)]
    for second, third in combinations(range(_NEAREST), 2):
        first = np.flatnonzero(near[:, third] >= 0)
        last = near[first, third]
        triples.append((_joined(times, bins, first, near[first, second]) << 12) | _step(times, bins, first, last))
    return Constellation(pairs=pairs, pair_ticks=times[one], triples=np.unique(np.concatenate(triples)))


def _peaks(samples: Float32Array, speed: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Frames and bins, in order of time."""
    nothing = np.zeros(0, np.int64)
    if not len(samples) or float(np.sqrt(np.mean(np.square(samples)))) < _QUIETEST:
        return nothing, nothing
    sound = soxr.resample(samples, SAMPLE_RATE_HZ / speed, RATE_HZ, quality="MQ")
    if len(sound) < WINDOW:
        return nothing, nothing
    window = np.hanning(WINDOW).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::HOP] * window
    level = np.log(np.abs(np.fft.rfft(frames, axis=1))[:, _LOW:_HIGH] + 1e-7)
    stands_out = (level > level.max() - _FAINTEST) & (level > np.median(level, axis=0) + _ABOVE_BIN)
    times, bins = np.nonzero((level == maximum_filter(level, size=_AROUND)) & stands_out)
    most = int(_PEAKS_PER_S * len(sound) / RATE_HZ)
    if len(times) > most:
        loudest = np.sort(np.argpartition(-level[times, bins], most)[:most])
        times, bins = times[loudest], bins[loudest]
    return times.astype(np.int64), bins.astype(np.int64)


def _neighbours(times: NDArray[np.int64], bins: NDArray[np.int64]) -> NDArray[np.int64]:
    """`int64[n, _NEAREST]`: the next peaks that each is joined with, -1 where there are fewer."""
    count = len(times)
    later = np.arange(count)[:, None] + np.arange(1, _SEARCHED + 1)
    exists = later < count
    later = np.where(exists, later, 0)
    apart = times[later] - times[:, None]
    joined = exists & (apart >= _SOONEST) & (apart <= _LATEST) & (np.abs(bins[later] - bins[:, None]) <= _FARTHEST)
    rank = np.cumsum(joined, axis=1) - 1
    near = np.full((count, _NEAREST), -1, np.int64)
    one, place = np.nonzero(joined & (rank < _NEAREST))
    near[one, rank[one, place]] = later[one, place]
    return near


def _joined(
    times: NDArray[np.int64], bins: NDArray[np.int64], one: NDArray[np.int64], other: NDArray[np.int64]
) -> NDArray[np.int64]:
    """20 bits: where the first peak is, and the step to the second."""
    landmarks: NDArray[np.int64] = (bins[one] << 12) | _step(times, bins, one, other)
    return landmarks


def _step(
    times: NDArray[np.int64], bins: NDArray[np.int64], one: NDArray[np.int64], other: NDArray[np.int64]
) -> NDArray[np.int64]:
    """12 bits: bins up or down, and frames on, two of which count as one: cutting a sound moves the frames by half."""
    step: NDArray[np.int64] = ((bins[other] - bins[one] + 64) << 5) | ((times[other] - times[one]) >> 1)
    return step
