"""What both packs say about the lips of single clips: log-likelihood ratio, offset, agreement; and about the active speaker.

python scripts/judge_lips.py CLIP...
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from countersign.core.evidence import Assessment, CheckName, CheckResult
from countersign.core.samples import Capture
from countersign.media.decode import LOGIN_FPS, decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.pipeline import Engine


def said(found: CheckResult) -> str:
    """One check's answer in a few words."""
    if not isinstance(found, Assessment):
        return type(found).__name__
    measures = ", ".join(f"{name} {value:.2f}" for name, value in found.measures.items())
    return f"{found.llr.value:+.1f} ({measures})"


def main(files: Sequence[Path]) -> None:
    """See the module."""
    runtime = Runtime(ModelStore.default())
    engines = {pack: Engine.load(runtime, pack=pack) for pack in (Pack.CORE, Pack.PLUS)}
    for file in files:
        recording = decode(Capture(data=file.read_bytes()), keep_fps=LOGIN_FPS)
        for pack, engine in engines.items():
            found = engine.liveness.lips.assess(engine.observe(recording)[1])
            print(f"{file.parent.name}/{file.name} {pack}: {said(found[CheckName.LIPS])}")
        print(f"  active speaker: {said(found[CheckName.ACTIVE_SPEAKER])}", flush=True)


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
