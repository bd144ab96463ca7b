"""Countersign with one of its packs, as the system under evaluation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from countersign.evaluation.feature_cache import code_revision
from countersign.evaluation.system import System
from countersign.media.decode import LOGIN_FPS, decode
from countersign.media.limits import DEFAULT_LIMITS
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.pipeline import Engine
from countersign.scoring.calibrate import Uncalibrated

LIMITS = replace(DEFAULT_LIMITS, seconds=60.0, wall_s=60.0)
"""Collections hold longer recordings than a login needs, and a busy machine must not become a failure to acquire."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSource:
    """Countersign itself with one pack of models.

    Attributes:
        pack: which.
        store: folder of the installed models, or None for the user's own.
        calibrated: False passes raw scores through, for fitting calibrations.
    """

    pack: Pack
    store: Path | None = None
    calibrated: bool = True

    def open(self) -> System:
        """Load the engine on one thread a model: evaluation uses its cores by working on several files at once.

        Raises:
            ModelError: a model of the pack is missing or altered.
            ConfigurationError: a calibration is malformed.
        """
        store = ModelStore.default() if self.store is None else ModelStore(self.store)
        calibrations = None if self.calibrated else Uncalibrated()
        engine = Engine.load(Runtime(store, threads=1), pack=self.pack, calibrations=calibrations)
        return System(
            engine=engine,
            decode=partial(decode, limits=LIMITS, threads=1),
            decode_login=partial(decode, limits=LIMITS, threads=1, keep_fps=LOGIN_FPS),
            revision=f"{self.pack}:{code_revision()}",
        )
