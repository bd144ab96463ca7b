"""The score of what was measured: `weights.json`, fitted by scripts/fit_loudspeaker.py.

A phone's loudspeaker leaves other traces than a laptop's, so each kind has a line of its own between it and people; an attacker
may use any of them, so their likelihoods are averaged.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Self

import numpy as np
from scipy.special import logsumexp

from countersign.core.arrays import Float64Array
from countersign.core.biometrics import Modality, ModelRef
from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.core.evidence import Score
from countersign.liveness.loudspeaker.acoustics import NAMES

FORMAT = "countersign-lines/1"
COMPARATOR = "loudspeaker/1"
FARTHEST = 3.0
"""Standard deviations; what lies further out counts as if it lay there, so that no one measure decides alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """For each kind of loudspeaker, a weight for each of `NAMES`.

    Attributes:
        ref: names the exact numbers.
        means, spreads: `float64[8]`, that measures are standardised by.
        offsets: `float64[kinds]`, nats.
        weights: `float64[kinds, 8]`, nats for a standard deviation.
        data: what they were fitted on, in words.
    """

    ref: ModelRef
    means: Float64Array = field(repr=False)
    spreads: Float64Array = field(repr=False)
    offsets: Float64Array = field(repr=False)
    weights: Float64Array = field(repr=False)
    data: str

    @classmethod
    def shipped(cls) -> Self:
        """Those that come with Countersign.

        Raises:
            ConfigurationError: CALIBRATION_INVALID.
        """
        return cls.from_json((files("countersign.liveness.loudspeaker") / "weights.json").read_text("utf-8"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read them.

        Raises:
            ConfigurationError: CALIBRATION_INVALID.
        """
        try:
            content = json.loads(text)
            _check_head(content["format"], content["names"])
            count, kinds = len(NAMES), len(content["kinds"])
            return cls(
                ref=ModelRef(name=content["name"], sha256=hashlib.sha256(text.encode()).hexdigest()),
                means=_numbers(content["means"], (count,)),
                spreads=_numbers(content["spreads"], (count,)),
                offsets=_numbers(content["offsets"], (kinds,)),
                weights=_numbers(content["weights"], (kinds, count)),
                data=content["data"],
            )
        except (ValueError, TypeError, KeyError) as error:
            raise ConfigurationError(ErrorCode.CALIBRATION_INVALID, f"not the weights: {error}") from error

    def score(self, measured: Float64Array) -> Score:
        """The score that the calibration is fitted on; higher for a mouth.

        Args:
            measured: `float64[8]`, by `acoustics.measure`.
        """
        value = float(self.scores(measured[np.newaxis])[0])
        return Score(value=value, modality=Modality.VOICE, model=self.ref, comparator=COMPARATOR)

    def scores(self, measured: Float64Array) -> Float64Array:
        """The values of many scores: of `float64[n, 8]`, `float64[n]`."""
        standard = np.clip((measured - self.means) / self.spreads, -FARTHEST, FARTHEST)
        lines = self.offsets + standard @ self.weights.T
        values: Float64Array = np.log(lines.shape[1]) - logsumexp(-lines, axis=1)
        return values


def _check_head(found: object, names: list[str]) -> None:
    if found != FORMAT or tuple(names) != NAMES:
        raise ValueError(f"the format is not {FORMAT!r}, or the names are other ones")


def _numbers(values: object, shape: tuple[int, ...]) -> Float64Array:
    found = np.array(values, np.float64)
    if found.shape != shape or not np.isfinite(found).all():
        raise ValueError(f"not finite numbers of shape {shape}")
    return found
