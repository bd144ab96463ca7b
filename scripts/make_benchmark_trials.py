"""Write the benchmark's files of trials from the sample data, for the people of one side.

    python scripts/make_benchmark_trials.py SAMPLES OUT --side develop

makes, in a folder of OUT for each draw of references and probes:

- ``lfw.csv``: 8 photos as reference, one as probe; ``cfp.csv``: 8 frontal photos, one profile; ``cfp-frontal.csv``: 8
  frontal photos, one frontal;
- ``an4.csv``: 5 short phrases, one of 2 to 4 s; ``an4-joined.csv``: 5 short phrases, 6 s of others; ``librispeech.csv``: 5 x
  6 s of read sentences, one of 6 s;
- ``chimeric.csv``: LFW faces with LibriSpeech and AN4 voices, one photo and one sample of 6 s;

and ``clones.csv``: cloned voices against their owners.
"""

from __future__ import annotations

import argparse
import csv
import random
import wave
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from countersign.core.arrays import Float32Array
from countersign.core.samples import SAMPLE_RATE_HZ, Capture
from countersign.evaluation.folders import Person, Sample, people_in
from countersign.evaluation.make_trials import Plan, TrialRow, chimeric, single, write_trials
from countersign.evaluation.people import side_of
from countersign.evaluation.trials import COLUMNS, Kind, Role
from countersign.media.decode import decode

SAMPLE_S = 6.0
ENROL, PROBE = "enrol", "probe"


def main() -> None:
    """Write all files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("samples", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--side", choices=["develop", "report"], required=True)
    parser.add_argument("--draws", type=int, default=1)
    arguments = parser.parse_args()
    for draw in range(arguments.draws):
        _write_draw(arguments.samples, arguments.out / f"draw{draw}", arguments.side, draw)
    _write_clones(arguments.samples / "voice/spoof-yourtts", arguments.out / "clones.csv", arguments.side)
    for path in sorted(arguments.out.rglob("*.csv")):
        print(path.relative_to(arguments.out), sum(1 for _ in path.open(encoding="utf-8")) - 1, "files")


def _write_draw(samples: Path, out: Path, side: str, seed: int) -> None:
    lfw = people_in(samples / "faces/lfw", people=side)
    cfp = people_in(samples / "faces/cfp", people=side)
    phrases = people_in(samples / "voice/an4", people=side)
    sentences = people_in(samples / "voice/librispeech-resemblyzer/test-other", people=side)
    read = [_reader(person, out / "media/librispeech", seed) for person in sentences]
    spoken = [_speaker(person, out / "media/an4", seed) for person in phrases]
    photos = Plan(enrol=8, seed=seed)
    samples_of_6_s = Plan(enrol=5, enrol_from=ENROL, probe_from=PROBE, seed=seed)

    write_trials(out / "lfw.csv", single(lfw, photos))
    write_trials(out / "cfp.csv", single(cfp, replace(photos, enrol_from="frontal", probe_from="profile")))
    write_trials(out / "cfp-frontal.csv", single(cfp, replace(photos, enrol_from="frontal", probe_from="frontal")))
    write_trials(out / "an4.csv", [row for row in single(phrases, Plan(enrol=5, seed=seed)) if _is_short(row)])
    write_trials(out / "an4-joined.csv", single(spoken, samples_of_6_s))
    write_trials(out / "librispeech.csv", single(read, samples_of_6_s))
    write_trials(out / "chimeric.csv", chimeric(lfw, [*read, *spoken], photos, samples_of_6_s))


def _is_short(row: TrialRow) -> bool:
    return row.role is Role.ENROL or (row.sample.seconds is not None and 2.0 <= row.sample.seconds <= 4.0)


def _reader(person: Person, folder: Path, seed: int) -> Person:
    """Samples of 6 s, those for enrolment from other sentences than the probes."""
    sounds = _sounds(person, seed)
    return _written(person.name, folder, enrol=_cut(sounds[::2]), probe=_cut(sounds[1::2]))


def _speaker(person: Person, folder: Path, seed: int) -> Person:
    """Five phrases as they are, for enrolment, and the others joined to samples of 6 s."""
    sounds = _sounds(person, seed)
    return _written(person.name, folder, enrol=sounds[:5], probe=_cut(sounds[5:]))


def _cut(sounds: Sequence[Float32Array]) -> list[Float32Array]:
    whole, length = np.concatenate(sounds), int(SAMPLE_S * SAMPLE_RATE_HZ)
    return [whole[start : start + length] for start in range(0, len(whole) - length + 1, length)]


def _sounds(person: Person, seed: int) -> list[Float32Array]:
    """All of a person's, shuffled."""
    sounds = [_sound(sample.path) for sample in person.samples]
    random.Random(f"{seed}:{person.name}").shuffle(sounds)  # noqa: S311 - reproducible, not secret
    return sounds


def _sound(path: Path) -> Float32Array:
    audio = decode(Capture(data=path.read_bytes())).audio
    if audio is None:
        raise SystemExit(f"{path.name} has no sound")
    return audio.samples


def _written(name: str, folder: Path, **parts: Sequence[Float32Array]) -> Person:
    samples = []
    for part, sounds in parts.items():
        for number, sound in enumerate(sounds):
            path = folder / name / part / f"{number:03}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, SAMPLE_RATE_HZ, 0, "NONE", "not compressed"))
                file.writeframes((np.clip(sound, -1.0, 1.0) * 32767.0).astype("<i2").tobytes())
            samples.append(Sample(path=path, kind=Kind.VOICE, seconds=len(sound) / SAMPLE_RATE_HZ))
    return Person(name=name, samples=tuple(samples))


def _write_clones(folder: Path, path: Path, side: str) -> None:
    """Five real samples of each person as reference, the others as probes, and every clone as an attack."""
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if side_of(row["target"]) == side]
    written: list[tuple[str, ...]] = []
    for target in sorted({row["target"] for row in rows}):
        for number, row in enumerate(row for row in rows if row["target"] == target):
            real = row["label"] == "bonafide"
            role = Role.ATTACK if not real else Role.ENROL if number < 5 else Role.PROBE
            place = (folder / row["file"]).resolve()
            species = "" if real else f"clone {row['system']}"
            written.append((target, str(number), role, Kind.VOICE, str(place), "", species, "", ""))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *written])


if __name__ == "__main__":
    main()
