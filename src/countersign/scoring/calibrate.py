"""Calibration: a comparison score becomes a log-likelihood ratio.

A score is made by one comparator from one model, so a calibration belongs to exactly that pair and refuses any other.
It says for which data, when and on how many comparisons it was fitted, and carries no more weight than these counts can:
the logarithm of the number of non-mated comparisons is the most that any of them can speak for, and of the mated ones
the most that any can speak against (the "ELUB" bound of Vergeer et al., 2016, in its simplest form).

`countersign.scoring.curves` has the curves, `countersign.scoring.fit` fits them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np

from countersign.core.arrays import Float64Array
from countersign.core.biometrics import Modality, ModelRef
from countersign.core.errors import ConfigurationError, ErrorCode
from countersign.core.evidence import LLR, Score
from countersign.scoring.curves import Form, Isotonic, Logistic, SideTerm, soft_limit

FORMAT = "countersign-calibration/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """One fitted calibration and where it comes from.

    Attributes:
        name: for messages and reports, for example "face-core".
        modality, comparator, model: whose scores it may be given.
        data: which data, in words.
        date: of the fit, ISO 8601.
        people, mated, nonmated: counts behind it.
        prior: effective prior of a mated comparison the fit was weighted for, in (0, 1).
        cllr: bits, on the data it was fitted on, people held out in turn.
        form: the curve.
    """

    name: str
    modality: Modality
    comparator: str
    model: ModelRef
    data: str
    date: str
    people: int
    mated: int
    nonmated: int
    prior: float
    cllr: float
    form: Form
    identity: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()
        object.__setattr__(self, "identity", f"{self.name}@{digest[:12]}")

    def accepts(self, score: Score) -> bool:
        """Whether `score` comes from the comparator and the model this was fitted for."""
        return (score.modality, score.comparator, score.model) == (self.modality, self.comparator, self.model)

    def llr(self, score: Score) -> LLR:
        """The log-likelihood ratio of `score`, finite.

        Raises:
            ConfigurationError: CALIBRATION_MISSING for a score of another model or comparator; CALIBRATION_INVALID
                when the score lacks side information that the fit had.
        """
        if not self.accepts(score):
            raise _missing(score)
        try:
            side = {name: np.array([value]) for name, value in score.side.items()}
            value = float(self.llrs(np.array([score.value]), side)[0])
        except KeyError as error:
            raise _invalid(f"calibration {self.identity} needs side information {error} that the score lacks") from None
        if not math.isfinite(value):
            raise _invalid(f"calibration {self.identity} was given a score or side information that is not finite")
        return LLR(value=value, calibration=self.identity)

    def llrs(self, scores: Float64Array, side: Mapping[str, Float64Array]) -> Float64Array:
        """`float64[n]` log-likelihood ratios of `float64[n]` scores, within what the counts can carry."""
        return soft_limit(self.form(scores, side), -math.log(self.mated + 1), math.log(self.nonmated + 1))

    def as_json(self) -> dict[str, object]:
        """The content of a calibration file."""
        kind = "logistic" if isinstance(self.form, Logistic) else "isotonic"
        return {
            "format": FORMAT,
            "name": self.name,
            "modality": str(self.modality),
            "comparator": self.comparator,
            "model": {"name": self.model.name, "sha256": self.model.sha256},
            "data": self.data,
            "date": self.date,
            "people": self.people,
            "mated": self.mated,
            "nonmated": self.nonmated,
            "prior": self.prior,
            "cllr": self.cllr,
            "form": {"kind": kind, **asdict(self.form)},
        }

    @classmethod
    def from_json(cls, text: str, *, origin: str) -> Calibration:
        """Read a calibration file.

        Args:
            text: its content.
            origin: its name, for the message.

        Raises:
            ConfigurationError: CALIBRATION_INVALID.
        """
        try:
            content = json.loads(text)
            _check_format(content.pop("format"))
            content["modality"] = Modality(content["modality"])
            content["model"] = ModelRef(**content["model"])
            content["form"] = _form(content["form"])
            return cls(**content)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise _invalid(f"{origin} is not a calibration: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrations:
    """All calibrations at hand, found by the score they fit."""

    members: tuple[Calibration, ...]

    @classmethod
    def load(cls, folder: Traversable) -> Calibrations:
        """All `*.json` in `folder`.

        Raises:
            ConfigurationError: CALIBRATION_INVALID.
        """
        found = sorted((item for item in folder.iterdir() if item.name.endswith(".json")), key=lambda item: item.name)
        return cls(members=tuple(Calibration.from_json(item.read_text("utf-8"), origin=item.name) for item in found))

    @classmethod
    def shipped(cls) -> Calibrations:
        """Those that come with Countersign."""
        return cls.load(files("countersign.scoring") / "calibrations")

    def find(self, score: Score) -> Calibration:
        """The calibration for `score`.

        Raises:
            ConfigurationError: CALIBRATION_MISSING.
        """
        for member in self.members:
            if member.accepts(score):
                return member
        raise _missing(score)

    def llr(self, score: Score) -> LLR:
        """The log-likelihood ratio of `score`.

        Raises:
            ConfigurationError: CALIBRATION_MISSING or CALIBRATION_INVALID.
        """
        return self.find(score).llr(score)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncalibrated:
    """Passes scores through as if they were log-likelihood ratios: for fitting calibrations, and for nothing else."""

    def llr(self, score: Score) -> LLR:
        """The score's own value."""
        return LLR(value=score.value, calibration="uncalibrated")


def _check_format(found: object) -> None:
    if found != FORMAT:
        raise ValueError(f"the format is {found!r}, not {FORMAT!r}")


def _form(content: dict[str, Any]) -> Form:
    kind = content.pop("kind")
    if kind == "logistic":
        side = tuple(SideTerm(**term) for term in content.pop("side"))
        return Logistic(side=side, **content)
    if kind == "isotonic":
        return Isotonic(scores=tuple(content["scores"]), llrs=tuple(content["llrs"]))
    raise ValueError(f"unknown form {kind!r}")


def _missing(score: Score) -> ConfigurationError:
    return ConfigurationError(
        ErrorCode.CALIBRATION_MISSING,
        f"there is no calibration for comparator {score.comparator} with model {score.model}",
    )


def _invalid(message: str) -> ConfigurationError:
    return ConfigurationError(ErrorCode.CALIBRATION_INVALID, message)
