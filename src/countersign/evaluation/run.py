"""Runs an evaluation: acquire every file, put presentations together, compare, judge. Over several cores, and resuming."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

from countersign.core.biometrics import Modality, ModelRef
from countersign.evaluation.acquire import Acquired, FileOutcome, acquire, extract_file
from countersign.evaluation.compare import EnrolledSubject, blocks, compare_block, enrol
from countersign.evaluation.judging import JudgedLogin, Spread, judged_logins
from countersign.evaluation.scores import ScoreTable, joined
from countersign.evaluation.system import SystemSource, opened
from countersign.evaluation.trials import MediaFile, Trials

Watch: TypeAlias = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and how much there is."""
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def unwatched(_stage: str, _done: int, _total: int) -> None:
    """Nobody looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All that an evaluation found, before any rate is computed.

    Attributes:
        tests: probes and attacks.
        references: enrolled subjects.
        table: comparisons between the two; its indices lead into `tests` and `references`.
        enrolments: enrolment presentations, all subjects'.
        models: that made the embeddings.
        profile: name of the profile that judged.
        judged: logins, by index of the test.
        files: how many files there were.
        cached: how many of them the cache had.
    """

    tests: tuple[Acquired, ...]
    references: tuple[EnrolledSubject, ...]
    table: ScoreTable
    enrolments: tuple[Acquired, ...]
    models: Mapping[Modality, ModelRef]
    profile: str
    files: int
    cached: int
    judged: Mapping[int, JudgedLogin] = field(default_factory=dict)


def evaluate(
    trials: Trials,
    source: SystemSource,
    *,
    profile: str,
    cache: Path,
    jobs: int = 1,
    watch: Watch = unwatched,
) -> Evaluation:
    """Run all of `trials`.

    Args:
        trials: what to compare.
        source: the system under evaluation.
        profile: name of the profile that judges; see `countersign.policy.profiles`.
        cache: folder of features already extracted; used, and added to.
        jobs: worker processes; 1 works in this process.
        watch: progress.

    Raises:
        ModelError: a model is missing or altered.
        ConfigurationError: a calibration is missing or malformed, or there is no such profile.
    """
    system = opened(source)
    files = list(dict.fromkeys(file for shown in trials.presentations for file in shown.files))
    with _workers(jobs) as spread:
        outcomes, cached = _extracted(spread, source, files, cache=cache, watch=watch)
        enrolments = [[acquire(system, shown, outcomes) for shown in group] for group in trials.enrolments.values()]
        references = tuple(enrol(system, group) for group in enrolments)
        tests = tuple(acquire(system, shown, outcomes) for shown in trials.tests)
        outcomes.clear()
        tables: list[ScoreTable] = []
        done = 0
        for table in spread(partial(compare_block, source), blocks(tests, references, profile)):
            tables.append(table)
            done += len(table)
            watch("compare", done, trials.comparisons)
        judged = judged_logins(trials, tests, references, source, profile=profile, spread=spread, watch=watch)
    return Evaluation(
        tests=tests,
        references=references,
        table=joined(tables),
        enrolments=tuple(shown for group in enrolments for shown in group),
        models=system.engine.models,
        profile=profile,
        files=len(files),
        cached=cached,
        judged=judged,
    )


def _extracted(
    spread: Spread, source: SystemSource, files: Sequence[MediaFile], *, cache: Path, watch: Watch
) -> tuple[dict[MediaFile, FileOutcome], int]:
    """What each file gave, and how many of them the cache knew."""
    outcomes: dict[MediaFile, FileOutcome] = {}
    cached = 0
    for file, (outcome, hit) in zip(
        files, spread(partial(extract_file, source, cache_folder=cache), files), strict=True
    ):
        outcomes[file] = outcome
        cached += hit
        watch("extract", len(outcomes), len(files))
    return outcomes, cached


@contextmanager
def _workers(jobs: int) -> Iterator[Spread]:
    if jobs == 1:
        yield _in_turn
        return
    # Started anew, not forked: threads of the inference runtime do not survive a fork.
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield partial(_in_flight, pool, 4 * jobs)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _in_turn(work: Callable[[_Item], _Result], items: Iterable[_Item]) -> Iterator[_Result]:
    return map(work, items)


def _in_flight(
    pool: ProcessPoolExecutor, limit: int, work: Callable[[_Item], _Result], items: Iterable[_Item]
) -> Iterator[_Result]:
    """Like `pool.map`, but holding no more than `limit` parcels at a time."""
    waiting: deque[Future[_Result]] = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) >= limit:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
