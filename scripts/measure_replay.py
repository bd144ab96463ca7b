"""How well the replay memory knows recordings again: fit its calibrations on develop people, or report on the others.

    python scripts/measure_replay.py watch FILMS.pkl      follows the faces of all films and their copies; slow
    python scripts/measure_replay.py fit FILMS.pkl        writes two files in src/countersign/liveness/calibrations
    python scripts/measure_replay.py report FILMS.pkl     prints the tables of docs/liveness.md
    python scripts/measure_replay.py time                 a look-up among 100,000 recordings, made up by mixing real ones

The file is made and read on one machine, and is never shipped.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import uuid4

import numpy as np
from replay_copies import films, sound_copies, sounds
from replay_turns import differences

from countersign.core.evidence import Assessment, Score
from countersign.evaluation.intervals import Proportion
from countersign.evaluation.metrics import cllr
from countersign.evaluation.people import side_of
from countersign.liveness.replay.check import (
    Likeness,
    ReplayCheck,
    agreeing_landmarks,
    picture_difference,
    picture_score,
    search,
    sound_score,
)
from countersign.liveness.replay.keyed import TokenKey
from countersign.liveness.replay.memory import SqliteReplayMemory
from countersign.liveness.replay.prints import KeptPrint, RecordingPrint, fingerprint_of
from countersign.scoring.calibrate import Calibration, Calibrations
from countersign.scoring.fit import LabelledScores, fit_logistic

ROOT = Path(__file__).parent.parent
SAMPLES = Path(os.environ.get("COUNTERSIGN_SAMPLES", ROOT / ".." / "shared" / "data"))
TARGET = ROOT / "src" / "countersign" / "liveness" / "calibrations"
KEY = TokenKey(bytes(range(32)))
NOTHING = np.zeros(0, np.float32)
RIDGE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A recording and its copies by name, as fingerprints.

    Attributes:
        person: whose.
        text: what is said, or "".
    """

    person: str
    text: str
    original: RecordingPrint
    copies: dict[str, RecordingPrint]


def sound_items(side: str, *, at_most: int | None = None) -> list[Item]:
    """Utterances of one side's people."""
    copies = sound_copies(np.random.default_rng(19795))
    return [
        Item(
            person=sound.person,
            text=sound.text,
            original=fingerprint_of(sound.samples, None, KEY),
            copies={name: fingerprint_of(copy(sound.samples), None, KEY) for name, copy in copies.items()},
        )
        for sound in islice(sounds(SAMPLES, side), at_most)
    ]


def film_items(side: str, cache: Path) -> list[Item]:
    """Films of one side's people, without their sound."""
    return [
        Item(
            person=film.person,
            text="",
            original=fingerprint_of(NOTHING, film.face, KEY),
            copies={name: fingerprint_of(NOTHING, face, KEY) for name, face in film.copies.items()},
        )
        for film in films(SAMPLES, cache)
        if side_of(film.person) == side
    ]


def likenesses(items: Sequence[Item]) -> Iterator[tuple[Item, str, bool, Likeness]]:
    """Each copy, and each original, looked up among all others, and each copy once more with its original among them."""
    memory = SqliteReplayMemory(bytes(range(32)))
    ids = {id(item): uuid4() for item in items}
    for item in items:
        memory.remember(ids[id(item)], item.original.kept, at=datetime.now(UTC))
    for item in items:
        copies = {name: copy for name, copy in item.copies.items() if copy.has_sound or copy.has_pictures}
        for name, copy in copies.items():
            yield item, name, True, search(copy, memory)
        memory.forget([ids[id(item)]])
        for name, copy in {"itself": item.original, **copies}.items():
            yield item, name, False, search(copy, memory)
        memory.remember(ids[id(item)], item.original.kept, at=datetime.now(UTC))


def fit(cache: Path) -> None:
    """Write both calibrations."""
    heard = list(likenesses(sound_items("develop")))
    people = len({item.person for item, *_ in heard})
    rows = [(sound_score(found), not again) for _, _, again, found in heard]
    _write("replay-sound", rows, people, "AN4 and LibriSpeech, develop people, and eleven kinds of copies")
    seen = list(likenesses([item for item in film_items("develop", cache) if item.original.has_pictures]))
    people = len({item.person for item, *_ in seen})
    rows = [(picture_score(found), not again) for _, _, again, found in seen]
    talks = [film.face for film in films(SAMPLES, cache) if film.person == "s1"][:6]
    for difference in differences(SAMPLES / "av" / "grid" / "s1" / "bbaf2n.mpg", talks, KEY):
        alike = Likeness(sound_landmarks=0, sound_at=None, picture_difference=difference, picture_at=None)
        rows.append((picture_score(alike), True))
    data = "talking and turning faces, develop people, five kinds of copies, and rendered turns of one head"
    _write("replay-picture", rows, people, data)


def _write(name: str, rows: Sequence[tuple[Score, bool]], people: int, data: str) -> None:
    values, new = np.array([score.value for score, _ in rows]), np.array([is_new for _, is_new in rows])
    scores = LabelledScores(values=values, mated=new)
    form = fit_logistic(scores, ridge=RIDGE)
    llrs = form(values, {})
    first = rows[0][0]
    calibration = Calibration(
        name=name,
        modality=first.modality,
        comparator=first.comparator,
        model=first.model,
        data=data,
        date=datetime.now(UTC).date().isoformat(),
        people=people,
        mated=int(new.sum()),
        nonmated=int((~new).sum()),
        prior=0.5,
        cllr=round(cllr(llrs[new], llrs[~new]), 4),
        form=form,
    )
    (TARGET / f"{name}.json").write_text(json.dumps(calibration.as_json(), indent=2, sort_keys=True) + "\n", "utf-8")
    print(name, "new", np.sort(values[new])[:12].round(3), "again", np.sort(values[~new])[-12:].round(3))
    print("  zero at", -form.intercept / form.slope, form, "people", people, "new", new.sum(), "again", (~new).sum())


def report(cache: Path) -> None:
    """Print how many copies are found, and how often something is found that is not there."""
    for title, items in (("sound", sound_items("report")), ("pictures", film_items("report", cache))):
        known = [item for item in items if item.original.has_sound or item.original.has_pictures]
        print(f"\n{title}: {len(known)} recordings of {len({item.person for item in known})} people")
        _print(_copies_found(known))
        _print(_false_alarms(known))


def _copies_found(items: Sequence[Item]) -> dict[str, list[bool]]:
    """By kind of copy: whether the memory of all originals knows it."""
    check, memory = ReplayCheck.load(), SqliteReplayMemory(bytes(range(32)))
    for item in items:
        memory.remember(uuid4(), item.original.kept, at=datetime.now(UTC))
    found: dict[str, list[bool]] = defaultdict(list)
    for item in items:
        for name, copy in item.copies.items():
            result = check.check(copy, memory)
            found[name].append(isinstance(result, Assessment) and result.llr.value < 0)
    return found


def _false_alarms(items: Sequence[Item]) -> dict[str, list[bool]]:
    """By what the two have in common: whether a recording, or a copy of it, is taken for another one."""
    calibrations = Calibrations.load(TARGET)
    kept = [KeptPrint.of(item.original.kept.data) for item in items]
    alarms: dict[str, list[bool]] = defaultdict(list)
    for item in items:
        for other, remembered in zip(items, kept, strict=True):
            if item is not other:
                kind = "other people"
                if item.person == other.person:
                    kind = "same person, same words" if item.text and item.text == other.text else "same person"
                for probe in (item.original, *list(item.copies.values())[:4]):
                    alarms[kind].append(_alarm(probe, remembered, calibrations))
    return alarms


def _print(outcomes: dict[str, list[bool]]) -> None:
    for name, each in outcomes.items():
        print(f"| {name} | {_share(Proportion(count=sum(each), of=len(each)))} |")


def _alarm(probe: RecordingPrint, kept: KeptPrint, calibrations: Calibrations) -> bool:
    likeness = Likeness(
        sound_landmarks=agreeing_landmarks(probe, kept),
        sound_at=None,
        picture_difference=picture_difference(probe, kept),
        picture_at=None,
    )
    scores = [sound_score(likeness)] if probe.has_sound else [picture_score(likeness)]
    return any(calibrations.llr(score).value < 0 for score in scores)


def _share(share: Proportion) -> str:
    low, high = share.interval or (0.0, 1.0)
    return f"{share.count:,} of {share.of:,} ({100 * (share.rate or 0):.2f} %) [{100 * low:.4f}, {100 * high:.4f}]"


def take_time(count: int = 100_000) -> None:
    """Fill a memory with made-up fingerprints, and look copies of real recordings up among them.

    Two recordings of six seconds share 0.1 of their 1,100 triples on average (develop people), as if triples were drawn evenly from
    11.4 million; one in four is kept.
    """
    items = sound_items("develop", at_most=12)
    size = int(np.mean([len(item.original.kept.tokens) for item in items]))
    memory = SqliteReplayMemory(bytes(range(32)))
    for item in items:
        memory.remember(uuid4(), item.original.kept, at=datetime.now(UTC))
    connection = memory._connection  # noqa: SLF001 - remembering so many one by one takes minutes
    connection.execute("DROP INDEX token_fingerprint")  # serves forgetting alone
    connection.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 999 + ?)"
        " INSERT INTO fingerprint SELECT i, randomblob(16), 0, ? FROM n",
        (count, items[0].original.kept.data),
    )
    connection.execute(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1)"
        " INSERT OR IGNORE INTO token SELECT abs(random() % 2850000) * 4 AS t, 1000 + i % ? FROM n ORDER BY t",
        (count * size, count),
    )
    connection.commit()
    print(f"{count:,} fingerprints of {size} tokens", flush=True)
    check, took = ReplayCheck.load(), []
    for item in items:
        for copy in item.copies.values():
            started = time.process_time()
            check.check(copy, memory)
            took.append(1000 * (time.process_time() - started))
    print(f"look-up and judgement: median {np.median(took):.1f} ms, 95th percentile {np.percentile(took, 95):.1f} ms")
    print(f"{len(took)} look-ups, processor time of one core")


def main() -> None:
    """Do what is asked."""
    verb = sys.argv[1]
    if verb == "time":
        take_time(int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
        return
    cache = Path(sys.argv[2])
    {"watch": lambda path: films(SAMPLES, path), "fit": fit, "report": report}[verb](cache)


if __name__ == "__main__":
    main()
