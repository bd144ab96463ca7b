"""How much the checks of the lips compute on six seconds of film, beside what a login does anyway, all in one run.

Processor time of all threads, which other programs on the machine change little.

python scripts/time_lips.py
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from countersign.core.samples import Capture
from countersign.liveness.injection import check_injection
from countersign.media.decode import LOGIN_FPS, decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.pipeline import Engine

SAMPLES = Path(os.environ.get("COUNTERSIGN_SAMPLES", Path(__file__).parent.parent / ".." / "shared" / "data"))
SECONDS, TIMES = 6.0, 5


def milliseconds(work: Callable[[], object]) -> float:
    """Processor time of all threads, the median of a few runs."""
    taken = []
    for _ in range(TIMES):
        started = time.process_time()
        work()
        taken.append(1000 * (time.process_time() - started))
    return float(np.median(taken))


def main() -> None:
    """See the module."""
    whole = decode(Capture(data=(SAMPLES / "av/sync_pairs/example.avi").read_bytes()), keep_fps=LOGIN_FPS)
    if whole.video is None or whole.audio is None:
        raise ValueError("the clip has lost its picture or its sound")
    frames = tuple(frame for frame in whole.video.frames if frame.time_s < SECONDS)
    audio = replace(whole.audio, samples=whole.audio.samples[: round(16_000 * SECONDS)])
    recording = replace(whole, video=replace(whole.video, frames=frames), audio=audio)
    print(f"{len(frames)} pictures, {audio.duration_s:.1f} s of sound")
    for pack in Pack.CORE, Pack.PLUS:
        engine = Engine.load(Runtime(ModelStore.default()), pack=pack)
        engine.warm_up()
        observation = engine.observe(recording)[1]
        usual = milliseconds(lambda: engine.observe(recording))  # noqa: B023 - called at once
        lips = milliseconds(lambda: engine.liveness.lips.assess(observation))  # noqa: B023
        file = milliseconds(lambda: check_injection(recording))
        print(
            f"{pack}: face and voice {usual:.0f} ms; lips {lips:.0f} ms, {lips / usual:.2f} of it; file {file:.0f} ms"
        )


if __name__ == "__main__":
    main()
