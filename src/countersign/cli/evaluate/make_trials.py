"""``countersign evaluate make-trials``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from countersign.cli.evaluate import options
from countersign.evaluation.folders import Sample, people_in
from countersign.evaluation.make_trials import Plan, chimeric, of_kind, single, write_trials
from countersign.evaluation.trials import Kind

_KINDS = {
    "faces": frozenset({Kind.FACE}),
    "voices": frozenset({Kind.VOICE}),
    "videos": frozenset({Kind.AV, Kind.VIDEO}),
    "any": frozenset(Kind),
}
_USUAL_ENROL = {"faces": 8, "voices": 5}
_HALVES = click.Choice(["develop", "report", "all"])


@click.command("make-trials")
@click.argument("folder", type=options.FOLDER, metavar="DIR")
@click.option("--out", type=options.NEW_FILE, required=True, help="The CSV file to write.")
@click.option("--kind", type=click.Choice(list(_KINDS)), default="any", show_default=True, help="Files to use.")
@click.option("--enrol", type=click.IntRange(min=1), help="Enrolment samples a person: 8 faces, 5 voices, else 3.")
@click.option("--probes", type=click.IntRange(min=1), help="Most probes a person; all that remain by default.")
@click.option(
    "--people",
    type=_HALVES,
    default="all",
    show_default=True,
    help="The half to choose and calibrate on, the half to report on, or both.",
)
@click.option("--enrol-from", default="", help="Folder inside each person's that enrolment samples come from.")
@click.option("--probe-from", default="", help="Folder inside each person's that probes come from.")
@click.option("--voices", type=options.FOLDER, help="Pair the faces in DIR with these people's voices.")
@click.option("--enrol-voices", type=click.IntRange(min=1), default=5, show_default=True, help="With --voices.")
@click.option("--min-seconds", type=float, help="Only sounds of at least this length, by index.csv.")
@click.option("--max-seconds", type=float, help="Only sounds of at most this length, by index.csv.")
@click.option("--silent", is_flag=True, help="Look at the pictures of videos alone.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the choice of samples and pairs.")
def make_trials(
    *,
    folder: Path,
    out: Path,
    kind: str,
    enrol: int | None,
    probes: int | None,
    people: str,
    enrol_from: str,
    probe_from: str,
    voices: Path | None,
    enrol_voices: int,
    min_seconds: float | None,
    max_seconds: float | None,
    silent: bool,
    seed: int,
) -> None:
    """Write a file of trials from DIR, in which each folder is a person.

    Some of each person's files become references and the others probes, chosen by the seed. What a file is, its suffix
    tells. Where DIR has an index.csv with the columns file, text and seconds, texts and lengths are taken from it.

    With --voices each person's face is paired with the voice of somebody in that folder: chimeric people, for want of
    recordings that have both. Figures from such trials must say so.
    """
    keep = _lasting(min_seconds, max_seconds)
    chimeras = voices is not None
    plan = Plan(
        enrol=enrol or _USUAL_ENROL.get("faces" if chimeras else kind, 3),
        probes=probes,
        enrol_from=enrol_from,
        probe_from=probe_from,
        seed=seed,
    )
    found = people_in(folder, people=people, video=Kind.VIDEO if silent else Kind.AV, keep=keep)
    if voices is None:
        rows = single(of_kind(found, _KINDS[kind]), plan)
    else:
        spoken = of_kind(people_in(voices, people=people, keep=keep), _KINDS["voices"])
        voice_plan = Plan(enrol=enrol_voices, probes=probes, seed=seed)
        rows = chimeric(of_kind(found, _KINDS["faces"]), spoken, plan, voice_plan)
    write_trials(out, rows)
    click.echo(f"{len({row.subject for row in rows})} people, {len(rows)} files.")


def _lasting(least: float | None, most: float | None) -> Callable[[Sample], bool]:
    def keep(sample: Sample) -> bool:
        if sample.kind is not Kind.VOICE or sample.seconds is None:
            return sample.kind is not Kind.VOICE or (least is None and most is None)
        return (least is None or sample.seconds >= least) and (most is None or sample.seconds <= most)

    return keep
