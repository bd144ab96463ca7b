"""The command: everybody enrols, everybody tries to be everybody, one table."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import track
from rich.table import Table

from countersign.cli.demo.people import KINDS, DemoPerson, demo_people, samples_folder
from countersign.cli.models import pull_missing
from countersign.cli.serve import start
from countersign.core.acquisition import FailureToAcquire
from countersign.core.biometrics import Enrolment
from countersign.core.decisions import Accepted, Decision, Rejected, Retry
from countersign.core.evidence import LLR, Comparison, Evidence, Features, ModalityResult, NotAssessed
from countersign.media.decode import decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.pipeline import Engine
from countersign.policy.decide import decide
from countersign.policy.profiles import STANDARD

WIDTH = 120
"""Columns that the table takes when it is written to a file or a pipe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One person's presentation against one person's references."""

    claimed: str
    presenter: str
    evidence: Evidence
    decision: Decision

    @property
    def is_right(self) -> bool:
        """Whether a mated attempt was accepted, or a non-mated one refused."""
        return isinstance(self.decision, Accepted) == (self.claimed == self.presenter)


@click.command()
@click.option("--serve/--no-serve", default=True, show_default=True, help="Serve pages and API afterwards.")
@click.option(
    "--pack", type=click.Choice([Pack.CORE.value, Pack.PLUS.value]), help="Default: the best that is installed."
)
@click.option("--synthetic", is_flag=True, help="Use the synthetic people even where there is sample data.")
def demo(*, serve: bool, pack: str | None, synthetic: bool) -> None:
    """Enrol sample people and let each try to log in as each; then serve, for you to try it with your own face.

    With --no-serve it exits 0 only if every mated attempt is accepted and every non-mated one refused.
    """
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH
    store = ModelStore.default()
    best = pull_missing(store)
    chosen = Pack(pack) if pack else best
    engine = Engine.load(Runtime(store), pack=chosen)
    engine.warm_up()

    folder = None if synthetic else samples_folder()
    if folder is None:
        console.print(
            "[bold]Synthetic people[/]: portraits put in motion, with synthesised voices. Nobody real is shown."
        )
    people = list(track(demo_people(folder), "Meeting the people", console=console, transient=True))
    attempts = _everybody_as_everybody(engine, people, console)
    console.print(_table(attempts, chosen))
    wrong = [attempt for attempt in attempts if not attempt.is_right]
    mated = [attempt for attempt in attempts if attempt.claimed == attempt.presenter]
    for kind in dict.fromkeys(person.kind for person in people):
        names = ", ".join(person.name for person in people if person.kind == kind)
        console.print(f"{names}: {KINDS[kind]}")
    console.print(
        f"{len(people)} people, {len(mated)} mated and {len(attempts) - len(mated)} non-mated attempts, "
        f"profile {STANDARD.name}: {len(wrong)} judged wrongly."
    )
    if wrong or not serve:
        raise SystemExit(1 if wrong else 0)
    console.print("\n[bold]Your turn.[/] Sign up, enrol and log in with the camera and microphone of this machine:")
    start(None, migrate=True)


def _everybody_as_everybody(engine: Engine, people: Sequence[DemoPerson], console: Console) -> list[Attempt]:
    enrolments: dict[str, Enrolment] = {}
    probes: dict[str, Features] = {}
    for person in track(people, "Enrolling", console=console, transient=True):
        enrolments[person.name] = engine.enrol([engine.extract(decode(capture)) for capture in person.enrol])
        probes[person.name] = _probe(engine, person)
    attempts = []
    for presenter, features in probes.items():
        for claimed, enrolment in enrolments.items():
            evidence = engine.compare(features, enrolment)
            decision = decide(evidence, STANDARD.comparison_only())
            attempts.append(Attempt(claimed=claimed, presenter=presenter, evidence=evidence, decision=decision))
    return attempts


def _probe(engine: Engine, person: DemoPerson) -> Features:
    started = time.perf_counter()
    recordings = [decode(capture) for capture in person.probe]
    decoded_ms = 1000 * (time.perf_counter() - started)
    features = engine.gather([engine.extract(recording) for recording in recordings])
    return replace(features, timings_ms={"decode": decoded_ms, **features.timings_ms})


def _table(attempts: Sequence[Attempt], pack: Pack) -> Table:
    table = Table(
        title=f"Who is let in (pack {pack.value})",
        caption="face, voice: score and log-likelihood ratio in nats; ms: decode, face, voice, compare",
        title_justify="left",
        caption_justify="left",
        box=SIMPLE,
        padding=(0, 1, 0, 0),
    )
    for column in ("presents", "claims to be"):
        table.add_column(column, no_wrap=True)
    for column in ("face", "voice", "both"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("ms", justify="right", no_wrap=True)
    for attempt in attempts:
        mated = attempt.claimed == attempt.presenter
        evidence = attempt.evidence
        table.add_row(
            attempt.presenter,
            "themselves" if mated else attempt.claimed,
            _modality(evidence.face),
            _modality(evidence.voice),
            _llr(evidence.fused),
            _verdict(attempt),
            " ".join(f"{evidence.timings_ms.get(stage, 0.0):.0f}" for stage in ("decode", "face", "voice", "compare")),
            style="bold" if mated else "",
        )
    return table


def _modality(result: ModalityResult) -> str:
    match result:
        case Comparison():
            return f"{result.score.value:+.2f} {_llr(result.llr):>5}"
        case FailureToAcquire():
            return result.reason.value
        case NotAssessed():
            return "not assessed"


def _llr(llr: LLR | NotAssessed) -> str:
    return f"{llr.value:+.1f}" if isinstance(llr, LLR) else "-"


def _verdict(attempt: Attempt) -> str:
    match attempt.decision:
        case Accepted():
            words = "accepted"
        case Retry(failures=failures):
            words = "retry: " + ", ".join(failure.reason.value for failure in failures)
        case Rejected(reasons=reasons):
            words = "refused: " + ", ".join(reason.value.removesuffix("_too_low") for reason in reasons)
        case _:
            assert_never(attempt.decision)
    return f"[green]{words}[/]" if attempt.is_right else f"[red]{words} (wrong)[/]"
