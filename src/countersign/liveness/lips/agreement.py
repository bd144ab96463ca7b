"""Pictures of a mouth against sound, at every shift between the two.

Both are projected onto a few directions in which they go together when people speak (canonical correlation: Hotelling, 1936;
for lips and voices: Slaney and Covell, "FaceSync", 2000), then correlated over the words, with the sound shifted by up to
0.8 seconds against the picture. Lips that say what is heard agree with it at hardly any shift, and nowhere else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Self

import numpy as np
from numpy.typing import NDArray

from countersign.core.arrays import Float64Array
from countersign.core.biometrics import ModelRef
from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.liveness.lips.sound import Sound

STEP_S = 0.02
LAGS = 40
"""Steps to either side."""
NEAR_S = 0.1
"""Microphone and camera of one device are this near to each other in time; a recorder's clocks may add some 80 ms."""
FAR_S = 0.16
AROUND_S = 0.3
"""Before and after the words: how a mouth opens and closes."""
TAPS_S = (-0.06, 0.0, 0.06)
"""The lips are ahead of the sound and behind it at once."""
LEAST_OVERLAP = 0.6
LONGEST_GAP_S = 0.16
"""Between two pictures; what lies further from one was not seen."""
LEAST_SPREAD = 0.5
"""Of a projection, where people who speak have 1: a mouth that hardly moves agrees with nothing."""
FORMAT = "countersign-projection/1"
_MOST = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """What is seen, as numbers over time.

    Attributes:
        times_s: `float64[n]`, ascending.
        measures: `float64[n, m]`.
    """

    times_s: Float64Array = field(repr=False)
    measures: Float64Array = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """The directions, fitted by scripts/fit_lips.py.

    Attributes:
        ref: names the exact numbers.
        seen: `float64[2 m, k]`, of measures and their rates of change.
        heard: `float64[3 * 2 * 17, k]`, likewise, at three times.
        weights: `float64[k]`, summing to 1.
        floor: `float64[m]`: deviations below which a mouth counts as still.
        data: what it was fitted on, in words.
    """

    ref: ModelRef
    seen: Float64Array = field(repr=False)
    heard: Float64Array = field(repr=False)
    weights: Float64Array = field(repr=False)
    floor: Float64Array = field(repr=False)
    data: str

    @classmethod
    def shipped(cls, name: str) -> Self:
        """One that comes with Countersign.

        Raises:
            ConfigurationError: CALIBRATION_INVALID.
        """
        return cls.from_json((files("countersign.liveness.lips") / f"{name}.json").read_text("utf-8"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read one.

        Raises:
            ConfigurationError: CALIBRATION_INVALID.
        """
        try:
            content = json.loads(text)
            _check_format(content["format"])
            return cls(
                ref=ModelRef(name=content["name"], sha256=hashlib.sha256(text.encode()).hexdigest()),
                seen=np.array(content["seen"], np.float64),
                heard=np.array(content["heard"], np.float64),
                weights=np.array(content["weights"], np.float64),
                floor=np.array(content["floor"], np.float64),
                data=content["data"],
            )
        except (ValueError, TypeError, KeyError) as error:
            raise ConfigurationError(ErrorCode.CALIBRATION_INVALID, f"not a projection: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How well lips and sound go together.

    Attributes:
        near: best correlation at shifts within `NEAR_S`.
        far: best correlation at shifts of `FAR_S` and more.
        far_mean, far_deviation: of all these.
        offset_s: the shift of the best correlation of all; positive when the sound comes later than the lips.
        seen_s: seconds of words, and a little around, in which the mouth was seen.
    """

    near: float
    far: float
    far_mean: float
    far_deviation: float
    offset_s: float
    seen_s: float

    @property
    def standout(self) -> float:
        """How far `near` stands out of what other shifts give, in deviations of these."""
        return (self.near - self.far_mean) / (self.far_deviation + 0.05)

    def as_side(self, prefix: str = "") -> Mapping[str, float]:
        """What calibrations may use beside `near`."""
        return {
            f"{prefix}standout": self.standout,
            f"{prefix}far": self.far,
            f"{prefix}far_mean": self.far_mean,
            f"{prefix}far_deviation": self.far_deviation,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Both on one grid of times.

    Attributes:
        seen: `float64[t, 2 m]`; standardised over the words.
        known: `bool[t]`, where there are pictures.
        heard: `float64[t, 3 * 2 * 17]`; likewise.
        words: `bool[t]`.
    """

    seen: Float64Array = field(repr=False)
    known: NDArray[np.bool_] = field(repr=False)
    heard: Float64Array = field(repr=False)
    words: NDArray[np.bool_] = field(repr=False)


def on_grid(pictures: Pictures, sound: Sound, *, from_s: float, to_s: float, floor: Float64Array) -> Grid | None:
    """Put pictures and sound on a grid around the words; None where there is next to nothing of either."""
    reach = AROUND_S + LAGS * STEP_S
    times = np.arange(from_s - reach, to_s + reach, STEP_S)
    if len(pictures.times_s) < 2 or len(sound.times_s) < 2:
        return None
    known = _distance(pictures.times_s, times) <= LONGEST_GAP_S / 2
    inside = (times >= sound.times_s[0]) & (times <= sound.times_s[-1])
    words = (times >= from_s - AROUND_S) & (times <= to_s + AROUND_S) & inside
    both = words & known
    if both.sum() < LEAST_OVERLAP * max(int(words.sum()), 1):
        return None
    smooth = _smoothed(_at(times, pictures.times_s, pictures.measures))
    moving = np.concatenate([smooth, np.gradient(smooth, STEP_S, axis=0)], axis=1)
    seen = _standard(moving, both, np.concatenate([floor, floor / 0.1]))
    parts = []
    for tap in TAPS_S:
        level = _at(times + tap, sound.times_s, sound.measures)
        parts += [level, np.gradient(level, STEP_S, axis=0)]
    heard = _standard(np.concatenate(parts, axis=1), words, np.zeros(1))
    return Grid(seen=seen, known=known, heard=heard, words=words)


def agreement(grid: Grid, projection: Projection) -> Agreement:
    """Compare at every shift."""
    curve = lag_curve(grid.seen @ projection.seen, grid.heard @ projection.heard, grid) @ projection.weights
    lags = STEP_S * np.arange(-LAGS, LAGS + 1)
    near = np.where(np.abs(lags) <= NEAR_S + 1e-9, curve, np.nan)
    far = curve[np.abs(lags) >= FAR_S - 1e-9]
    far = far[np.isfinite(far)]
    if not np.isfinite(near).any() or not len(far):
        return Agreement(near=0.0, far=0.0, far_mean=0.0, far_deviation=0.0, offset_s=0.0, seen_s=0.0)
    return Agreement(
        near=float(np.nanmax(near)),
        far=float(far.max()),
        far_mean=float(far.mean()),
        far_deviation=float(far.std()),
        offset_s=float(lags[int(np.nanargmax(curve))]),
        seen_s=float((grid.words & grid.known).sum()) * STEP_S,
    )


def lag_curve(seen: Float64Array, heard: Float64Array, grid: Grid) -> Float64Array:
    """`float64[2 LAGS + 1, k]`: correlations of `float64[t, k]` each; NaN where too little overlaps."""
    at = np.flatnonzero(grid.words)
    there = at[None] - np.arange(-LAGS, LAGS + 1)[:, None]
    fits = (there >= 0) & (there < len(seen))
    there = np.where(fits, there, 0)
    fits &= grid.known[there]
    count, weight = fits.sum(axis=1), fits / np.maximum(fits.sum(axis=1), 1)[:, None]
    x, y = seen[there], heard[at]
    mean_x, mean_y = np.einsum("ln,lnk->lk", weight, x), weight @ y
    spread_x = np.sqrt(np.maximum(np.einsum("ln,lnk->lk", weight, x * x) - mean_x**2, 0.0))
    spread_y = np.sqrt(np.maximum(weight @ (y * y) - mean_y**2, 0.0))
    together = np.einsum("ln,lnk,nk->lk", weight, x, y) - mean_x * mean_y
    curve = together / (np.maximum(spread_x, LEAST_SPREAD) * np.maximum(spread_y, LEAST_SPREAD))
    return np.where((count >= LEAST_OVERLAP * len(at))[:, None], curve, np.nan)


def _check_format(found: object) -> None:
    if found != FORMAT:
        raise ValueError(f"the format is {found!r}, not {FORMAT!r}")


def _distance(times_s: Float64Array, grid_s: Float64Array) -> Float64Array:
    """From each grid time to the nearest time, or 0 between two that are not far apart."""
    after = np.clip(np.searchsorted(times_s, grid_s), 1, len(times_s) - 1)
    near = np.minimum(np.abs(grid_s - times_s[after - 1]), np.abs(times_s[after] - grid_s))
    between = (grid_s >= times_s[after - 1]) & (grid_s <= times_s[after])
    close = times_s[after] - times_s[after - 1] <= LONGEST_GAP_S
    return np.where(between & close, 0.0, near)


def _at(grid_s: Float64Array, times_s: Float64Array, measures: Float64Array) -> Float64Array:
    return np.stack([np.interp(grid_s, times_s, column) for column in measures.T], axis=1)


def _smoothed(values: Float64Array) -> Float64Array:
    padded = np.concatenate([values[:1], values, values[-1:]])
    return 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]


def _standard(values: Float64Array, where: NDArray[np.bool_], floor: Float64Array) -> Float64Array:
    mean, spread = values[where].mean(axis=0), values[where].std(axis=0)
    scale = np.sqrt(spread**2 + floor**2)
    return np.asarray(np.clip((values - mean) / np.maximum(scale, 1e-9), -_MOST, _MOST), np.float64)
