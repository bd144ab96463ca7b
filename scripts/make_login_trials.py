"""Whole logins for want of recordings of any: GRID sentences with a rendered turn of the same face, and attacks on them.

    python scripts/make_login_trials.py SAMPLES FOLDER --side report [--logins 20] [--attacked 15] [--fresh]

*Composed* logins (`countersign.evaluation.attacks.composed`), and every figure from them must say so. A login is one sentence or
two, and a turn drawn by the seed. A person with enough clips is enrolled with four of them; one more is for films that
the system has seen; logins are made of the rest, each clip in several logins: these are NOT independent, and the manifest
of people and films is printed. Who has a clip or two attacks in person (`other-person`). All other attacks are those of the
suite, made from the logins; the challenge they are asked is the one that their source answers, as if it had been known
beforehand, or with --fresh another one, of which their source says no word. Half of them are played in measured rooms.

A run that was stopped goes on where it was, if it is asked for the same again.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import permutations
from pathlib import Path

import cv2
import numpy as np

from countersign.cli.demo.espeak import speak
from countersign.core.acquisition import FailureToAcquire
from countersign.core.arrays import Float32Array
from countersign.core.samples import Capture
from countersign.evaluation.attacks.clip import Clip
from countersign.evaluation.attacks.composed import Turned, composed
from countersign.evaluation.attacks.species import Species
from countersign.evaluation.attacks.suite import MANIFEST, Suite
from countersign.evaluation.people import side_of
from countersign.face.path import FacePath
from countersign.media.decode import decode
from countersign.models.entry import Pack
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore

HEADER = ("subject", "attempt", "role", "kind", "path", "text", "species", "words", "turn")
ENROLLED, SEEN = 4, 1
FEWEST = ENROLLED + SEEN + 2
OTHER_PERSON = "other-person"
SEED = 19795

Row = tuple[str, ...]
Asked = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One composed login.

    Attributes:
        file: what it is written to.
        sentences: the clips that it is made of.
        turned: how the head turns.
        asked: words and turn, as in the file of trials.
    """

    file: Path
    sentences: tuple[Path, ...]
    turned: Turned
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Attacked:
    """One login that attacks are made from.

    Attributes:
        login: the source.
        asked: the challenge that they are asked.
        others: further films of the person, whose sounds are dubbed and spliced in.
        species: which.
        folder: what they are written to.
        room: file of a measured room's response; None for a made one.
        seed: of what is drawn.
    """

    login: Login
    asked: Asked
    others: tuple[Path, ...]
    species: tuple[Species, ...]
    folder: Path
    room: Path | None
    seed: int


def main() -> None:
    """Write clips and ``trials.csv``."""
    options = arguments()
    options.folder.mkdir(parents=True, exist_ok=True)
    clips = clips_of(options.samples / "av" / "grid", options.side)
    people = [person for person, own in clips.items() if len(own) >= FEWEST]
    strangers = [own[0] for person, own in clips.items() if person not in people]
    with ProcessPoolExecutor(options.processes, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        rows = [row for person in people for row in of_person(person, clips[person], strangers, options, pool.map)]
    with (options.folder / "trials.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows)
    for role in ("enrol", "probe", "seen", "attack"):
        print(f"{sum(row[2] == role for row in rows)} {role}")
    print(f"people with logins {people}, other people {[clip.stem for clip in strangers]}")


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("samples", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--side", choices=("develop", "report"), required=True)
    parser.add_argument("--logins", type=int, default=20, help="of each person, a quarter of them of one sentence")
    parser.add_argument("--attacked", type=int, default=15, help="how many of these are attacked")
    parser.add_argument("--fresh", action="store_true", help="attacks are asked another challenge")
    names = [*(str(each) for each in Species), OTHER_PERSON]
    parser.add_argument("--species", nargs="+", choices=names, default=names)
    parser.add_argument("--processes", type=int, default=1)
    return parser.parse_args()


def clips_of(folder: Path, side: str) -> dict[str, list[Path]]:
    """Clips by person. The folder `rizkiarm` has people of one clip each, named after it; one letter z is not understood."""
    found: dict[str, list[Path]] = {}
    said = texts(folder)
    for clip in sorted(folder.glob("*/*.mpg")):
        person = clip.stem if clip.parent.name == "rizkiarm" else clip.parent.name
        if side_of(person) == side and clip.stem in said and " z " not in said[clip.stem]:
            found.setdefault(person, []).append(clip)
    return found


def texts(folder: Path) -> dict[str, str]:
    """What is said, by the name of the clip."""
    rows = [line.split("\t") for line in (folder / "transcripts.tsv").read_text("utf-8").splitlines()]
    return {Path(cells[0]).stem: cells[-1].lower() for cells in rows if len(cells) > 1}


def of_person(
    person: str,
    clips: Sequence[Path],
    strangers: Sequence[Path],
    options: argparse.Namespace,
    spread: Callable[..., Iterable[bool]],
) -> Iterator[Row]:
    """All rows of one person."""
    enrolled, seen, used = clips[:ENROLLED], clips[ENROLLED : ENROLLED + SEEN], clips[ENROLLED + SEEN :]
    random = np.random.default_rng(SEED)
    said = texts(options.samples / "av" / "grid")
    draw = partial(drawn, person=person, folder=options.folder, said=said, random=random)
    logins = [draw("login", sentences) for sentences in chosen(used, options.logins, random)]
    wanted = options.species
    earlier = [draw("seen", (clip,)) for clip in seen * options.attacked][: options.attacked]
    earlier = earlier if Species.REPLAYED in wanted else []
    foreign = [draw("other", (strangers[at % len(strangers)],)) for at in range(options.attacked if strangers else 0)]
    foreign = foreign if OTHER_PERSON in wanted else []
    made = dict(zip([*logins, *earlier, *foreign], spread(compose, [*logins, *earlier, *foreign]), strict=True))
    logins, earlier, foreign = ([login for login in each if made[login]] for each in (logins, earlier, foreign))
    for clip in enrolled:
        yield person, "enrolment", "enrol", "av", str(clip.resolve()), "", "", "", ""
    for login in logins:
        yield person, login.file.name, "probe", "av", login.file.name, "", "", *login.asked
    for login in earlier:
        yield person, login.file.name, "seen", "av", login.file.name, "", "", "", ""
    for login in foreign:
        yield person, login.file.name, "attack", "av", login.file.name, "", OTHER_PERSON, *login.asked
    from_logins = tuple(each for each in Species if each in wanted and each is not Species.REPLAYED)
    plans = [
        *planned(logins[-options.attacked :], logins, from_logins, options),
        *planned(earlier, logins, (Species.REPLAYED,), options),
    ]
    for plan, _ in zip(plans, spread(attack, plans), strict=True):
        yield from rows_of(person, plan, options.folder)


def chosen(clips: Sequence[Path], count: int, random: np.random.Generator) -> list[tuple[Path, ...]]:
    """A quarter single sentences, the rest two of them in a row; every pair once in each order at most."""
    singles = [(clip,) for clip in clips[: count // 4]]
    pairs = list(permutations(clips, 2))
    drawn_pairs = [pairs[at] for at in random.permutation(len(pairs))[: count - len(singles)]]
    return [*singles, *drawn_pairs]


def drawn(
    kind: str,
    sentences: tuple[Path, ...],
    *,
    person: str,
    folder: Path,
    said: dict[str, str],
    random: np.random.Generator,
) -> Login:
    """A login with any turn."""
    turned = Turned.drawn(random)
    turn = f"{turned.turn.first}:{turned.turn.extent_deg}:{turned.turn.order}"
    words = " ".join(said[clip.stem] for clip in sentences)
    name = "-".join([person, kind, *(clip.stem for clip in sentences), f"{turned.seed:08x}"])
    return Login(file=folder / f"{name}.webm", sentences=sentences, turned=turned, asked=(words, turn))


@cache
def face_path() -> FacePath:
    """Loaded once in each process."""
    return FacePath.load(Runtime(ModelStore.default(), threads=1), pack=Pack.CORE)


def compose(login: Login) -> bool:
    """Write the film; False where the face is not found."""
    if login.file.exists():
        return True
    film = composed([Clip.read(clip) for clip in login.sentences], login.turned, face_path())
    if isinstance(film, FailureToAcquire):
        return False
    unfinished = login.file.with_suffix(".part")
    film.write(unfinished)
    unfinished.rename(login.file)
    return True


def planned(
    sources: Sequence[Login], logins: Sequence[Login], species: tuple[Species, ...], options: argparse.Namespace
) -> Iterator[Attacked]:
    """What is made of each source; every other one is played in a measured room."""
    rooms = sorted((options.samples / "voice" / "noise-rir" / "speechbrain-RIRs").glob("*.opus"))
    rooms = [room for room in rooms if side_of(room.stem) == options.side]
    for index, source in enumerate(sources if species else ()):
        apart = [login for login in logins if not set(login.sentences) & set(source.sentences)]
        other = apart[index % len(apart)]
        yield Attacked(
            login=source,
            asked=other.asked if options.fresh else source.asked,
            others=(other.file, apart[(index + 1) % len(apart)].file),
            species=species,
            folder=options.folder / f"attacks-{'fresh' if options.fresh else 'known'}" / source.file.stem,
            room=rooms[index // 2 % len(rooms)] if index % 2 and rooms else None,
            seed=index,
        )


def attack(plan: Attacked) -> bool:
    """Write the attacks, all or none of them."""
    if plan.folder.exists():
        return True
    suite = Suite(
        species=plan.species,
        speak=partial(speak, plan.asked[0], voice="en", pitch=40) if Species.CLONED in plan.species else None,
        path=face_path(),
        seed=plan.seed,
        response=None if plan.room is None else room_of(plan.room),
        turn=plan.login.turned.turn,
    )
    unfinished = plan.folder.with_name(f"{plan.folder.name}.part")
    list(suite.write([plan.login.file], unfinished, sounds_of=plan.others))
    unfinished.rename(plan.folder)
    return True


def room_of(file: Path) -> Float32Array:
    """A measured response from its first arrival on, so that sound and picture stay together."""
    audio = decode(Capture(data=file.read_bytes(), name=file.name)).audio
    assert audio is not None  # noqa: S101 - a file of sound
    return audio.samples[max(0, int(np.argmax(np.abs(audio.samples))) - 32) :]


def rows_of(person: str, plan: Attacked, folder: Path) -> Iterator[Row]:
    """From the manifest of the suite."""
    for line in (plan.folder / MANIFEST).read_text("utf-8").splitlines():
        entry = json.loads(line)
        file = str((plan.folder / entry["file"]).relative_to(folder))
        yield person, entry["file"], "attack", "av", file, "", entry["species"], *plan.asked


if __name__ == "__main__":
    main()
