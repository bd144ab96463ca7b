"""``countersign fingerprint``: what the replay memory would keep of files, and whether two are one recording."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from uuid import uuid4

import click
from rich.console import Console
from rich.table import Table

from countersign.core.evidence import Assessment, NotAssessed
from countersign.core.samples import Capture
from countersign.face.dense import DENSE_FPS
from countersign.face.path import FacePath
from countersign.liveness.observation import Observation
from countersign.liveness.replay.check import ReplayCheck, agreeing_landmarks, picture_difference
from countersign.liveness.replay.keyed import KEY_BYTES, TokenKey
from countersign.liveness.replay.memory import SqliteReplayMemory
from countersign.liveness.replay.prints import KeptPrint, RecordingPrint
from countersign.liveness.replay.prints import fingerprint as print_of
from countersign.media.decode import decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore

_SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    name: str
    found: RecordingPrint


@click.command()
@click.argument("files", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE...", nargs=-1)
def fingerprint(*, files: tuple[Path, ...]) -> None:
    """Show the fingerprints of sound and of pictures of each FILE, and compare every two.

    The key is drawn anew each time, so the figures of two calls have nothing to do with each other, nor with a server's.
    """
    if not files:
        raise click.UsageError("Name at least one file.")
    key = secrets.token_bytes(KEY_BYTES)
    path = FacePath.load(Runtime(ModelStore.default()), pack=Pack.CORE)
    known = [_File(name=file.name, found=_of(file, path, TokenKey(key))) for file in files]
    console = Console()
    _show(console, known)
    if len(known) > 1:
        _compare(console, known, key)


def _of(file: Path, path: FacePath, key: TokenKey) -> RecordingPrint:
    recording = decode(Capture(data=file.read_bytes(), name=file.name), keep_fps=DENSE_FPS)
    moving = recording.video is not None and len(recording.video.frames) > 1
    nothing = NotAssessed(reason="nobody looked")
    track = path.track(recording.video, dense=True) if recording.video is not None and moving else nothing
    return print_of(Observation(recording=recording, track=track, activity=nothing), key)


def _show(console: Console, known: list[_File]) -> None:
    table = Table(
        "file", "sound landmarks", "first of them", "moving face", "first codes", "kept", title="Fingerprints"
    )
    for file in known:
        kept = KeptPrint.of(file.found.kept.data)
        landmarks = sorted(zip(kept.sound.ticks.tolist(), kept.sound.tokens.tolist(), strict=True))[:_SHOWN]
        table.add_row(
            file.name,
            f"{file.found.sound_landmarks:,}",
            " ".join(f"{token:08x}" for _, token in landmarks),
            f"{file.found.motion_s:.1f} s",
            " ".join(f"{int(code):016x}" for code in kept.codes[kept.moving][:2]),
            f"{len(file.found.kept.data) + 4 * len(file.found.kept.tokens):,} bytes",
        )
    console.print(table)


def _compare(console: Console, known: list[_File], key: bytes) -> None:
    check = ReplayCheck.load()
    table = Table("file", "and", "agreeing sound landmarks", "differing picture bits", "verdict", title="Comparison")
    for one, other in combinations(known, 2):
        memory = SqliteReplayMemory(key)
        memory.remember(uuid4(), other.found.kept, at=datetime.now(UTC))
        result, kept = check.check(one.found, memory), KeptPrint.of(other.found.kept.data)
        memory.close()
        verdict = "too little to tell"
        if isinstance(result, Assessment):
            verdict = f"{'another' if result.llr.value >= 0 else 'the same'} recording ({result.llr.value:+.1f} nats)"
        heard, seen = agreeing_landmarks(one.found, kept), picture_difference(one.found, kept)
        table.add_row(one.name, other.name, f"{heard:,}", f"{100 * seen:.0f} %", verdict)
    console.print(table)
