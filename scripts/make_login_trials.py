"""Whole logins for want of recordings of any: a GRID sentence with a rendered turn of the same face, and attacks on them.

    python scripts/make_login_trials.py SAMPLES FOLDER --side report [--logins 5] [--fresh]

No data set has the same people reading a phrase and turning the head in one take. So a clip of GRID is a login's words, and the turn
is rendered from its last picture (`countersign.evaluation.attacks.rendered_head`): *composed* logins, and every figure
from them must say so. Attacks are those of the attack suite, made from the logins; the challenge they are asked is the one
that their source answers, as if it had been known beforehand, or with --fresh another one.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from countersign.cli.demo.espeak import speak
from countersign.core.acquisition import FailureToAcquire
from countersign.evaluation.attacks.clip import FPS, Clip
from countersign.evaluation.attacks.head_motion import Manner
from countersign.evaluation.attacks.rendered_head import Proportions, render_turn, surface_of
from countersign.evaluation.attacks.species import Species
from countersign.evaluation.attacks.suite import MANIFEST, Suite
from countersign.evaluation.people import side_of
from countersign.face.path import FacePath
from countersign.liveness.challenge import Side, TurnOrder, TurnPath
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore

HEADER = ("subject", "attempt", "role", "kind", "path", "text", "species", "words", "turn")
ENROLLED = 4

Row = tuple[str, ...]


def main() -> None:
    """Write clips and ``trials.csv``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("samples", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--side", choices=("develop", "report"), required=True)
    parser.add_argument("--logins", type=int, default=5)
    parser.add_argument("--fresh", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    path = FacePath.load(Runtime(ModelStore.default()), pack=Pack.CORE)
    said = texts(options.samples / "av" / "grid" / "transcripts.tsv")
    rows: list[Row] = []
    for person in ("s1", "s31"):
        if side_of(person) == options.side:
            rows += of_person(person, options, path, said)
    with (options.folder / "trials.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows)
    print(f"{len(rows)} rows")


def texts(transcripts: Path) -> dict[str, str]:
    """What is said, by the name of the clip."""
    rows = [line.split("\t") for line in transcripts.read_text("utf-8").splitlines()]
    return {Path(cells[0]).stem: cells[-1].lower() for cells in rows if len(cells) > 1}


def of_person(person: str, options: argparse.Namespace, path: FacePath, said: dict[str, str]) -> list[Row]:
    """All rows of one person."""
    clips = sorted((options.samples / "av" / "grid" / person).glob("*.mpg"))
    clips = [clip for clip in clips if clip.stem in said and " z " not in said[clip.stem]]
    enrolled, used = clips[:ENROLLED], clips[ENROLLED : ENROLLED + options.logins + 1]
    rows: list[Row] = [(person, "enrolment", "enrol", "av", str(clip.resolve()), "", "", "", "") for clip in enrolled]
    random = np.random.default_rng(19795)
    logins: dict[str, tuple[str, str]] = {}
    for clip in used:
        side, extent = Side(str(random.choice(list(Side)))), int(random.choice((20, 25, 30)))
        turn = TurnPath(first=side, extent_deg=extent, order=TurnOrder.AFTER_WORDS)
        target = options.folder / f"{person}-{clip.stem}.webm"
        if compose(clip, turn, path, random, target):
            logins[target.name] = (said[clip.stem], f"{side}:{extent}:{turn.order}")
    *probes, earlier = logins
    rows += [(person, name, "probe", "av", name, "", "", *logins[name]) for name in probes]
    rows.append((person, earlier, "seen", "av", earlier, "", "", "", ""))
    rows += attacks(person, probes, logins, options, path, species=tuple(set(Species) - {Species.REPLAYED}))
    rows += attacks(person, [earlier], logins, options, path, species=(Species.REPLAYED,))
    return rows


def compose(clip: Path, turn: TurnPath, path: FacePath, random: np.random.Generator, target: Path) -> bool:
    """Words, then the turn; False where the face is not found."""
    words = Clip.read(clip)
    face = surface_of(path, words.pictures[-1])
    if isinstance(face, FailureToAcquire):
        return False
    turned = render_turn(
        words.pictures[-1], face, turn, fps=FPS, manner=Manner.drawn(random), proportions=Proportions.drawn(random)
    )
    pictures = (*words.pictures, *turned)
    noise = random.normal(0, 2.0, (4, *pictures[0].shape))
    noisy = tuple(
        np.clip(picture + noise[index % 4], 0, 255).astype(np.uint8) for index, picture in enumerate(pictures)
    )
    hiss = random.normal(0, 3e-4, round(len(pictures) / FPS * 16_000)).astype(np.float32)
    made = Clip(pictures=noisy, sound=hiss)
    made = made.with_sound(hiss + np.pad(words.sound, (0, len(hiss) - len(words.sound))))
    made.write(target)
    return True


def attacks(
    person: str,
    names: Sequence[str],
    logins: dict[str, tuple[str, str]],
    options: argparse.Namespace,
    path: FacePath,
    *,
    species: tuple[Species, ...],
) -> list[Row]:
    """One of each species from each of the logins `names`."""
    rows: list[Row] = []
    for index, name in enumerate(names):
        source, others = options.folder / name, [other for other in sorted(logins) if other != name]
        asked = logins[others[index % len(others)]] if options.fresh else logins[name]
        out = options.folder / f"{person}-attacks" / source.stem
        suite = Suite(
            species=tuple(sorted(species)), speak=partial(speak, asked[0], voice="en", pitch=40), path=path, seed=index
        )
        list(suite.write([source], out, sounds_of=[options.folder / other for other in others[:2]]))
        for line in (out / MANIFEST).read_text("utf-8").splitlines():
            entry = json.loads(line)
            file = str((out / entry["file"]).relative_to(options.folder))
            rows.append((person, entry["file"], "attack", "av", file, "", entry["species"], *asked))
    return rows


if __name__ == "__main__":
    main()
