"""Logins: presentations that answer a challenge, judged by the engine and the whole profile, with every check.

They are judged against the person they claim to be. A memory of past recordings is made first of all enrolment files and of
those rows whose role is ``seen``; nothing is added while the logins are judged, so that their order does not matter.
"""

from __future__ import annotations

import csv
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, TypeVar
from uuid import uuid4

from countersign.core.acquisition import FailureToAcquire
from countersign.core.biometrics import Enrolment
from countersign.core.decisions import Accepted
from countersign.core.errors import MediaError
from countersign.core.evidence import Assessment, CheckName, CheckResult
from countersign.core.replay import Fingerprint
from countersign.core.samples import Capture
from countersign.evaluation.acquire import Acquired, look_at
from countersign.evaluation.challenges import Asked
from countersign.evaluation.compare import EnrolledSubject
from countersign.evaluation.scores import verdict_of
from countersign.evaluation.system import SystemSource, opened
from countersign.evaluation.trials import MediaFile, Trials
from countersign.liveness.replay.keyed import KEY_BYTES
from countersign.liveness.replay.memory import SqliteReplayMemory
from countersign.policy.decide import decide
from countersign.policy.profiles import profile_by_name

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_HEADER = ("role", "species", "subject", "attempt", "decision", "reason", "check", "outcome", "score", "llr")


class Spread(Protocol):
    """Work on several items at a time."""

    def __call__(self, work: Callable[[_Item], _Result], items: Iterable[_Item]) -> Iterator[_Result]:
        """Results of `work` on each item, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a worker needs to judge one.

    Attributes:
        index: of the test.
        file: picture and sound.
        enrolment: of the person it claims to be.
        asked: the challenge.
    """

    index: int
    file: MediaFile
    enrolment: Enrolment
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedLogin:
    """What became of one.

    Attributes:
        index: of the test.
        accepted: by the whole profile.
        decision: decision and reasons, as in ``scores.csv``.
        checks: what each check said; empty where the file could not be read.
    """

    index: int
    accepted: bool
    decision: tuple[str, str]
    checks: Mapping[CheckName, CheckResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What all workers share.

    Attributes:
        source: the system.
        profile: by name.
        memory: file of the past recordings.
        key: of the memory.
    """

    source: SystemSource
    profile: str
    memory: Path
    key: bytes

    def fingerprint(self, file: MediaFile) -> Fingerprint | None:
        """Of one file that was seen before; None where it cannot be read. Runs in a worker process."""
        system, memory = opened(self.source), SqliteReplayMemory(self.key)
        try:
            recording = look_at(system.decode_login(Capture(data=file.path.read_bytes())), file.kind)
            return system.engine.fingerprint(recording, memory)
        except MediaError:
            return None
        finally:
            memory.close()

    def judge(self, login: Login) -> JudgedLogin:
        """Judge one. Runs in a worker process."""
        system, memory = opened(self.source), SqliteReplayMemory(self.key, self.memory)
        try:
            recording = look_at(system.decode_login(Capture(data=login.file.path.read_bytes())), login.file.kind)
            challenge = login.asked.challenge()
            evidence = system.engine.judge(recording, login.enrolment, challenge=challenge, memory=memory)
        except MediaError as error:
            return JudgedLogin(index=login.index, accepted=False, decision=("unreadable", str(error.code)), checks={})
        finally:
            memory.close()
        decision = decide(evidence, profile_by_name(self.profile))
        verdict, reason = verdict_of(decision, {})
        failed = " ".join(getattr(decision, "checks", ()))
        return JudgedLogin(
            index=login.index,
            accepted=isinstance(decision, Accepted),
            decision=(verdict, f"{reason} {failed}".strip()),
            checks=evidence.checks,
        )


def judged_logins(
    trials: Trials,
    tests: Sequence[Acquired],
    references: Sequence[EnrolledSubject],
    source: SystemSource,
    *,
    profile: str,
    spread: Spread,
    watch: Callable[[str, int, int], None],
) -> dict[int, JudgedLogin]:
    """All presentations that answer a challenge, by the index of the test.

    Raises:
        ModelError: a model is missing or altered.
        ConfigurationError: a calibration is missing or malformed.
    """
    known = {reference.subject: reference.enrolment for reference in references}
    logins = [
        Login(index=index, file=test.presentation.files[0], enrolment=known[test.presentation.subject], asked=asked)
        for index, test in enumerate(tests)
        if (asked := test.presentation.asked) is not None and test.presentation.subject in known
    ]
    if not logins:
        return {}
    done: dict[int, JudgedLogin] = {}
    with TemporaryDirectory() as folder:
        bench = Bench(
            source=source, profile=profile, memory=Path(folder) / "memory", key=secrets.token_bytes(KEY_BYTES)
        )
        _remember(bench, trials, spread)
        for found in spread(bench.judge, logins):
            done[found.index] = found
            watch("judge", len(done), len(logins))
    return done


def _remember(bench: Bench, trials: Trials, spread: Spread) -> None:
    enrolled = [file for group in trials.enrolments.values() for shown in group for file in shown.files]
    files = list(dict.fromkeys([*enrolled, *(file for shown in trials.seen for file in shown.files)]))
    memory = SqliteReplayMemory(bench.key, bench.memory)
    for found in spread(bench.fingerprint, files):
        if found is not None:
            memory.remember(uuid4(), found, at=datetime.now(UTC))
    memory.close()


def write_checks(path: Path, tests: Sequence[Acquired], judged: Mapping[int, JudgedLogin]) -> None:
    """Write ``checks.csv``: one row for each check of each login."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_HEADER)
        for index, login in sorted(judged.items()):
            shown = tests[index].presentation
            who = (shown.role.value, shown.species, shown.subject, shown.attempt, *login.decision)
            writer.writerows((*who, name.value, *_told(result)) for name, result in login.checks.items())


def _told(result: CheckResult) -> tuple[str, str, str]:
    if isinstance(result, Assessment):
        return "assessed", f"{result.score:.6f}", f"{result.llr.value:.6f}"
    return ("failed" if isinstance(result, FailureToAcquire) else "not assessed"), "", ""
