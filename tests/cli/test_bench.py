"""``countersign bench``: a login's stages, and what the checks add to it."""

from __future__ import annotations

from countersign.cli.bench import run_benchmark
from countersign.cli.demo.synthetic import SYNTHETIC_PEOPLE, synthetic_film
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime


def test_every_stage_is_timed_and_the_checks_are_seen_to_cost_something(runtime: Runtime) -> None:
    assert runtime.has("facemesh")
    found = run_benchmark(synthetic_film(SYNTHETIC_PEOPLE[0], 0), pack=Pack.CORE, runs=1)
    stages = {stage.stage for stage in found.stages}
    assert stages >= {"decode", "face", "voice", "phrase", "checks", "fingerprint", "replay", "total", "without checks"}
    whole, bare = found.processor_s
    assert whole > bare > 0
