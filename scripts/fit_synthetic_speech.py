"""Fit the calibration of the synthetic speech check on develop people, or say how it does on report people.

    python scripts/fit_synthetic_speech.py listen develop HEARD.pkl     what the detector and the encoder say, minutes
    python scripts/fit_synthetic_speech.py fit HEARD.pkl                writes src/countersign/liveness/calibrations
    python scripts/fit_synthetic_speech.py listen report OTHER.pkl
    python scripts/fit_synthetic_speech.py report OTHER.pkl             prints the tables of docs/liveness.md
    python scripts/fit_synthetic_speech.py dubbed                       one GRID sentence, dubbed by six other systems

Bona fide: AN4 (utterances joined to 4 s or more), LibriSpeech (cut to 3 to 7 s), GRID, and the real speech of spoof-yourtts (VCTK),
alone and joined two by two. Attacks: spoof-yourtts, voices of VCTK speakers cloned by eleven versions of YourTTS and SC-GlowTTS. There
are four cloned people, two on either side. Files are made and read on one machine, and are never shipped.
"""

from __future__ import annotations

import csv
import json
import os
import pickle
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from phrase_trials import GRID_PEOPLE
from sample_sounds import read_sound

from countersign.core.acquisition import FailureToAcquire
from countersign.core.biometrics import Modality, VoiceProbe, VoiceReference, VoiceSample
from countersign.core.samples import SAMPLE_RATE_HZ, AudioClip
from countersign.evaluation.intervals import clopper_pearson
from countersign.evaluation.metrics import cllr
from countersign.evaluation.people import Side, side_of
from countersign.liveness.synthetic_speech import (
    COMPARATOR,
    LEAST_SOUND_S,
    WINDOW,
    SyntheticSpeech,
    busiest,
    synthetic_score,
)
from countersign.models.runtime import Runtime
from countersign.models.store import ModelStore
from countersign.scoring.calibrate import Calibration, Calibrations
from countersign.scoring.compare_voice import VoiceComparator
from countersign.scoring.curves import Logistic
from countersign.scoring.fit import LabelledScores, fit_logistic
from countersign.voice.path import VoicePath

ROOT = Path(__file__).parent.parent
SAMPLES = Path(os.environ.get("COUNTERSIGN_SAMPLES", ROOT / ".." / "shared" / "data"))
TARGET = ROOT / "src" / "countersign" / "liveness" / "calibrations" / "synthetic-speech.json"
RIDGE = 1e-2
JOINED_S, JOINED_EACH = 4.0, 6
REFERENCES = 5
TAKES_AT_MOST = float(np.log(100))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One sound.

    Attributes:
        data: "AN4", "LibriSpeech", "GRID", "VCTK" or "VCTK, two".
        system: that synthesised it; empty for real speech.
        log_odds: the detector's.
        samples: how many the detector was given.
        voice: for the comparison, or None.
    """

    data: str
    person: str
    system: str
    log_odds: float
    samples: int
    voice: VoiceSample | None


def sounds(side: Side) -> Iterator[tuple[str, str, str, NDArray[np.float32]]]:
    """Data set, person, system and samples of every sound of one side's people."""
    yield from _joined("an4", "AN4", side)
    folder = SAMPLES / "voice" / "librispeech-resemblyzer"
    for k, row in enumerate(_rows(folder, side)):
        seconds = 3.0 + 4.0 * (k * 0.618 % 1.0)
        yield "LibriSpeech", row["speaker"], "", read_sound(folder / row["file"])[: int(SAMPLE_RATE_HZ * seconds)]
    for file in sorted((SAMPLES / "av" / "grid").glob("*/*.mpg")):
        person = GRID_PEOPLE.get(file.stem, file.stem) if file.parent.name == "rizkiarm" else file.parent.name
        if side_of(person) is side:
            yield "GRID", person, "", read_sound(file)
    folder, real = SAMPLES / "voice" / "spoof-yourtts", defaultdict[str, list[NDArray[np.float32]]](list)
    for row in _rows(folder, side):
        samples = read_sound(folder / row["file"])
        yield "VCTK", row["target"], row["system"], samples
        if row["label"] == "bonafide":
            real[row["target"]].append(samples)
    for person, pieces in real.items():
        for one, other in zip(pieces[::2], pieces[1::2], strict=False):
            yield "VCTK, two", person, "", np.concatenate([one, other])


def _rows(folder: Path, side: Side) -> list[dict[str, str]]:
    rows = csv.DictReader((folder / "index.csv").open(encoding="utf-8"))
    return [row for row in rows if side_of(row.get("target") or row["speaker"]) is side]


def _joined(name: str, data: str, side: Side) -> Iterator[tuple[str, str, str, NDArray[np.float32]]]:
    folder, made, pieces = SAMPLES / "voice" / name, defaultdict[str, int](int), dict[str, list[NDArray[np.float32]]]()
    for row in _rows(folder, side):
        person = row["speaker"]
        if made[person] < JOINED_EACH:
            pieces.setdefault(person, []).append(read_sound(folder / row["file"]))
            if sum(map(len, pieces[person])) >= JOINED_S * SAMPLE_RATE_HZ:
                made[person] += 1
                yield data, person, "", np.concatenate(pieces.pop(person))


def listen(side: Side, target: Path) -> None:
    """What the detector and the speaker encoder make of every sound."""
    runtime = Runtime(ModelStore.default())
    path, check, heard = VoicePath.load(runtime), detector(runtime), list[Heard]()
    for data, person, system, samples in sounds(side):
        audio = AudioClip(samples=np.ascontiguousarray(samples, np.float32))
        activity = path.find_speech(audio)
        start = busiest(activity)
        window, voice = audio.samples[start : start + WINDOW], path.sample(audio, activity)
        heard.append(
            Heard(
                data=data,
                person=person,
                system=system,
                log_odds=check.score(window),
                samples=len(window),
                voice=None if isinstance(voice, FailureToAcquire) else voice,
            )
        )
    target.write_bytes(pickle.dumps(heard))
    print(len(heard), "heard")


def long_enough(heard: Sequence[Heard]) -> list[Heard]:
    """Those that the check would judge."""
    return [each for each in heard if each.samples >= LEAST_SOUND_S * SAMPLE_RATE_HZ]


def detector(runtime: Runtime) -> SyntheticSpeech:
    """The check, its model installed."""
    check = SyntheticSpeech.load(runtime, Calibrations(members=()))
    if not isinstance(check, SyntheticSpeech):
        sys.exit(check.reason)
    return check


def fit(heard: Sequence[Heard]) -> None:
    """Fit the calibration, people held out in turn for its Cllr."""
    ref = detector(Runtime(ModelStore.default())).model.ref
    values = np.array([synthetic_score(each.log_odds, ref).value for each in heard])
    real, people = np.array([not each.system for each in heard]), np.array([each.person for each in heard])

    def fitted(wanted: NDArray[np.bool_]) -> Logistic:
        return fit_logistic(LabelledScores(values=values[wanted], mated=real[wanted]), ridge=RIDGE)

    held_out = np.empty(len(heard))
    for person in set(people):
        mine = people == person
        held_out[mine] = fitted(~mine)(values[mine], {})
    calibration = Calibration(
        name="synthetic-speech",
        modality=Modality.VOICE,
        comparator=COMPARATOR,
        model=ref,
        data="AN4, LibriSpeech, GRID and spoof-yourtts, develop people",
        date=datetime.now(UTC).date().isoformat(),
        people=len(set(people)),
        mated=int(real.sum()),
        nonmated=int((~real).sum()),
        prior=0.5,
        cllr=round(cllr(held_out[real], held_out[~real]), 4),
        form=fitted(np.ones(len(heard), np.bool_)),
    )
    TARGET.write_text(json.dumps(calibration.as_json(), indent=2, sort_keys=True) + "\n", "utf-8")
    print(TARGET.read_text("utf-8"))


def report(heard: Sequence[Heard]) -> None:
    """The detector alone, and the whole voice path: what it adds to the comparison."""
    calibrations = Calibrations.load(TARGET.parent)
    ref = detector(Runtime(ModelStore.default())).model.ref
    llrs = np.array([calibrations.llr(synthetic_score(each.log_odds, ref)).value for each in heard])
    taken = np.clip(-llrs, 0.0, TAKES_AT_MOST)
    rows = defaultdict[tuple[str, str], list[int]](list)
    for k, each in enumerate(heard):
        rows[each.data, "clone" if each.system else "real"].append(k)
    print(
        "| data | speech | people | n | below 0 | 95 % | nats taken: mean | 95th percentile | ratio: lowest | median | highest |"
    )
    for row, places in sorted(rows.items()):
        here, people = llrs[places], len({heard[k].person for k in places})
        low, high = (100 * end for end in clopper_pearson(int((here < 0).sum()), len(here)))
        print(
            f"| {' | '.join(row)} | {people} | {len(here)} | {int((here < 0).sum())} | {low:.1f} to {high:.1f} % "
            f"| {taken[places].mean():.2f} | {np.percentile(taken[places], 95):.2f} "
            f"| {here.min():.1f} | {np.median(here):.1f} | {here.max():.1f} |"
        )
    real = np.array([not each.system for each in heard])
    threshold = np.sort(llrs[real])[int(real.sum()) * 5 // 100]
    print(
        f"alone, where 5 % of {int(real.sum())} real sounds are refused ({threshold:.2f} nats): "
        f"{int((llrs[~real] < threshold).sum())} of {int((~real).sum())} clones refused"
    )
    voice_path(heard, taken)


def voice_path(heard: Sequence[Heard], taken: NDArray[np.float64]) -> None:
    """Clones and real probes against references of real speech: comparison alone, and less what the detector takes."""
    calibrations, comparator = Calibrations.shipped(), VoiceComparator.default()
    probes, references = defaultdict[str, list[int]](list), dict[str, VoiceReference]()
    for k, each in enumerate(heard):
        if each.voice is not None and each.data != "VCTK, two":
            probes[each.person].append(k)
    for person, places in probes.items():
        real = [k for k in places if not heard[k].system]
        used = real[:REFERENCES] if len(real) > REFERENCES else real[: max(1, len(real) - 1)]
        references[person] = VoiceReference(samples=tuple(heard[k].voice for k in used))  # type: ignore[misc]
        probes[person] = [k for k in places if k not in used]
    pairs = [(person, k) for person, places in probes.items() for k in places]
    match = np.array(
        [
            calibrations.llr(comparator.compare(VoiceProbe(samples=(heard[k].voice,)), references[person])).value  # type: ignore[arg-type]
            for person, k in pairs
        ]
    )
    clone, less = np.array([bool(heard[k].system) for _, k in pairs]), np.array([taken[k] for _, k in pairs])
    print("| voice path | threshold, nats | real probes refused | clones refused | 95 % |")
    for name, values in (("comparison alone", match), ("with synthetic speech", match - less)):
        threshold = np.sort(values[~clone])[int((~clone).sum()) * 5 // 100]
        refused, kept = int((values[clone] < threshold).sum()), int((values[~clone] < threshold).sum())
        low, high = (100 * end for end in clopper_pearson(refused, int(clone.sum())))
        print(
            f"| {name} | {threshold:.2f} | {kept} of {int((~clone).sum())} | {refused} of {int(clone.sum())} | {low:.1f} to {high:.1f} % |"
        )


def dubbed() -> None:
    """What the check says of one real sentence and of its dubs."""
    runtime = Runtime(ModelStore.default())
    path, check = VoicePath.load(runtime), SyntheticSpeech.load(runtime, Calibrations.load(TARGET.parent))
    if not isinstance(check, SyntheticSpeech):
        sys.exit(check.reason)
    files = (SAMPLES / "av" / "grid" / "emodub_gt" / "GRID_4_GT.mp4", *(SAMPLES / "av" / "fake_dub_grid").glob("*.mp4"))
    for file in files:
        audio = AudioClip(samples=read_sound(file))
        print(file.stem, check.check(audio, path.find_speech(audio)))


def main(arguments: Sequence[str]) -> None:
    """See the module."""
    match arguments:
        case ["listen", side, target]:
            listen(Side(side), Path(target))
        case ["fit", source]:
            fit(long_enough(pickle.loads(Path(source).read_bytes())))  # noqa: S301 - our own file
        case ["report", source]:
            report(long_enough(pickle.loads(Path(source).read_bytes())))  # noqa: S301
        case ["dubbed"]:
            dubbed()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
