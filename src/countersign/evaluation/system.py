"""The system under evaluation, as its workers open it: the very engine and decoder that a login uses."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from countersign.core.biometrics import Enrolment, Modality, ModelRef
from countersign.core.evidence import Evidence, Features
from countersign.core.ports import ReplayMemory
from countersign.core.replay import Fingerprint
from countersign.core.samples import Capture, Recording
from countersign.liveness.challenge import Challenge


class EngineLike(Protocol):
    """What evaluation asks of `countersign.pipeline.Engine`, so that tests can put a script in its place."""

    @property
    def models(self) -> Mapping[Modality, ModelRef]:
        """The models that make the embeddings."""

    def extract(self, recording: Recording) -> Features:
        """Samples of one recording."""

    def gather(self, features: Sequence[Features]) -> Features:
        """Several recordings of one presentation."""

    def enrol(self, features: Sequence[Features]) -> Enrolment:
        """References."""

    def compare(self, features: Features, enrolment: Enrolment) -> Evidence:
        """Evidence for the claim."""

    def judge(
        self,
        recording: Recording,
        enrolment: Enrolment,
        *,
        challenge: Challenge,
        memory: ReplayMemory | None = None,
    ) -> Evidence:
        """Evidence for the claim, with checks."""

    def fingerprint(self, recording: Recording, memory: ReplayMemory) -> Fingerprint:
        """What the memory is to keep of a recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """An opened system.

    Attributes:
        engine: extracts, enrols, compares.
        decode: bytes to recording, for comparisons.
        decode_login: bytes to recording with every picture that the checks look at.
        revision: of the code that extracts; part of the cache's keys.
    """

    engine: EngineLike
    decode: Callable[[Capture], Recording]
    decode_login: Callable[[Capture], Recording]
    revision: str


class SystemSource(Hashable, Protocol):
    """How to open the system in a process of its own. Small, hashable and picklable."""

    def open(self) -> System:
        """Load it."""


@lru_cache(maxsize=1)
def opened(source: SystemSource) -> System:
    """The system of `source`, loaded once in each process."""
    return source.open()
