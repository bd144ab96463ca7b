"""``countersign bench``: how long every stage takes on this machine."""

from __future__ import annotations

import json
import os
import platform
import resource
import secrets
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from countersign.cli.demo.synthetic import SYNTHETIC_PEOPLE, synthetic_film
from countersign.core.samples import Capture
from countersign.liveness.challenge import ChallengeRules
from countersign.liveness.replay.memory import SqliteReplayMemory
from countersign.liveness.word_list import WordList
from countersign.media.decode import LOGIN_FPS, decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.pipeline import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTime:
    """Milliseconds of one stage over all runs."""

    stage: str
    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """One benchmark.

    Attributes:
        clip: what was timed.
        runs: how often, after one run that does not count.
        stages: in the order they end; "total" is decode to the evidence of a login, all checks included. Many stages run
            side by side, so they add up to more than the total.
            "without checks" is the comparison alone, from bytes on, as an evaluation of comparisons does it.
        processor_s: processor time of a login, all threads, and of one without checks; medians. Wall time tells how long
            one person waits on an idle machine, this how many can log in at once on a busy one.
        cores_used: processor time over wall time, of the totals.
        peak_memory_mb: largest resident size of the process so far, mebibytes.
    """

    clip: str
    pack: str
    runs: int
    stages: tuple[StageTime, ...]
    processor_s: tuple[float, float]
    cores_used: float
    peak_memory_mb: float
    machine: str


@click.command()
@click.argument("clip", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option(
    "--pack", type=click.Choice([Pack.CORE.value, Pack.PLUS.value]), default=Pack.CORE.value, show_default=True
)
@click.option("--runs", type=click.IntRange(min=1), default=10, show_default=True, help="Timed runs.")
@click.option("--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def bench(clip: Path | None, pack: str, runs: int, json_path: Path | None) -> None:
    """Time every stage on CLIP, or on a synthetic film of six seconds, 640x480, 30 frames a second."""
    capture = Capture(data=clip.read_bytes(), name=clip.name) if clip else _synthetic_clip()
    result = run_benchmark(capture, pack=Pack(pack), runs=runs)
    _show(result)
    if json_path:
        json_path.write_text(json.dumps(asdict(result), indent=2) + "\n", encoding="utf-8")


def run_benchmark(capture: Capture, *, pack: Pack, runs: int) -> Benchmark:
    """Time one login, from bytes to evidence with all checks, with the clip itself as reference."""
    engine = Engine.load(Runtime(ModelStore.default()), pack=pack)
    engine.warm_up()
    enrolment = engine.enrol([engine.extract(decode(capture))])
    challenge = ChallengeRules().draw(WordList.words(), source=secrets, now=datetime.now(UTC))
    memory = SqliteReplayMemory(secrets.token_bytes(32))
    timings: list[Mapping[str, float]] = []
    processor: list[float] = []
    bare: list[float] = []
    wall = 0.0
    for _ in range(runs):
        wall_started, processor_started = time.perf_counter(), time.process_time()
        recording = decode(capture, keep_fps=LOGIN_FPS)
        decoded = time.perf_counter()
        evidence = engine.judge(recording, enrolment, challenge=challenge, memory=memory)
        ended = time.perf_counter()
        wall += ended - wall_started
        processor_ended = time.process_time()
        engine.compare(engine.extract(decode(capture)), enrolment)
        processor.append(processor_ended - processor_started)
        bare.append(time.process_time() - processor_ended)
        total = {"total": 1000 * (ended - wall_started), "without checks": 1000 * (time.perf_counter() - ended)}
        timings.append({"decode": 1000 * (decoded - wall_started)} | dict(evidence.timings_ms) | total)
    memory.close()
    return Benchmark(
        clip=capture.name or "unnamed",
        pack=pack.value,
        runs=runs,
        stages=_summarise(timings),
        processor_s=(float(np.median(processor)), float(np.median(bare))),
        cores_used=sum(processor) / wall,
        peak_memory_mb=_peak_memory_mb(),
        machine=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    )


def _summarise(timings: Sequence[Mapping[str, float]]) -> tuple[StageTime, ...]:
    stages = []
    for stage in timings[0]:
        values = [timing[stage] for timing in timings if stage in timing]
        median, p95 = np.percentile(values, [50, 95])
        stages.append(StageTime(stage=stage, median_ms=float(median), p95_ms=float(p95)))
    return tuple(stages)


def _synthetic_clip() -> Capture:
    # In a process of its own, so that its memory does not count as the engine's.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(synthetic_film, SYNTHETIC_PEOPLE[0], 0).result()


def _peak_memory_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _show(result: Benchmark) -> None:
    table = Table("stage", title=f"{result.clip}, pack {result.pack}, {result.runs} runs", title_justify="left")
    table.add_column("median", justify="right")
    table.add_column("95th percentile", justify="right")
    for stage in result.stages:
        table.add_row(stage.stage, f"{stage.median_ms:.1f} ms", f"{stage.p95_ms:.1f} ms")
    console = Console()
    console.print(table)
    whole, bare = result.processor_s
    console.print(f"{whole:.2f} s of processor time, without checks {bare:.2f} s; {result.cores_used:.2f} cores used")
    console.print(f"peak memory {result.peak_memory_mb:.0f} MB ({result.machine})")
