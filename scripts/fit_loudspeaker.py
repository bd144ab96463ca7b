"""Fit the loudspeaker check on develop people, or say how it does on report people.

    python scripts/fit_loudspeaker.py hear develop HEARD.pkl     speech through microphones and loudspeakers, some minutes
    python scripts/fit_loudspeaker.py choose HEARD.pkl           ridges and features, one corpus held out in turn
    python scripts/fit_loudspeaker.py fit HEARD.pkl              writes src/countersign/liveness
    python scripts/fit_loudspeaker.py hear report OTHER.pkl 5    one speech in five
    python scripts/fit_loudspeaker.py report OTHER.pkl           prints the tables of docs/liveness.md

Speech: AN4 (utterances joined to 4 s or more), LibriSpeech (cut to 3 to 7 s), GRID (two sentences joined) and the real speech of
spoof-yourtts (VCTK, two joined). Each is recorded as people are who sit before a camera, several times, and played by five
kinds of loudspeakers (scripts/loudspeaker_channels.py); the attack suite's own loudspeaker is used for nothing but reporting.
"""

from __future__ import annotations

import json
import pickle
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from loudspeaker_channels import KINDS
from loudspeaker_trials import AS_IT_IS, PERSON, SUITE, Heard, hear
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from countersign.core.biometrics import Modality
from countersign.evaluation.intervals import clopper_pearson
from countersign.evaluation.metrics import cllr
from countersign.evaluation.people import Side
from countersign.liveness.loudspeaker.acoustics import NAMES, measure
from countersign.liveness.loudspeaker.weights import COMPARATOR, FARTHEST, FORMAT, Weights
from countersign.scoring.calibrate import Calibration, Calibrations
from countersign.scoring.curves import Logistic
from countersign.scoring.fit import LabelledScores, fit_logistic

ROOT = Path(__file__).parent.parent
RIDGE = 0.03
DATA = "AN4, LibriSpeech, GRID and VCTK, develop people, through drawn microphones, rooms and loudspeakers"
FOLDER = ROOT / "src" / "countersign" / "liveness"
FLOOR, TAKES_AT_MOST = -1.2, float(np.log(100))
"""As in policy/profiles.py."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What was measured.

    Attributes:
        measured: `float64[n, 8]`.
        data, people, kinds: `str[n]` each.
        failed: of all, how many could not be measured, by kind.
    """

    measured: NDArray[np.float64]
    data: NDArray[np.str_]
    people: NDArray[np.str_]
    kinds: NDArray[np.str_]
    failed: Mapping[str, int]

    @property
    def live(self) -> NDArray[np.bool_]:
        """Which are bona fide."""
        return np.isin(self.kinds, (PERSON, AS_IT_IS))

    def importances(self, wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
        """`float64[n]`: corpora count alike, so do people and loudspeakers, and so do the kinds of the latter; all sum to 1."""
        found = np.zeros(len(self.kinds))
        for data in set(self.data[wanted]):
            for kind, share in ((PERSON, 1.0), (AS_IT_IS, 0.4), *((kind, 0.35) for kind in KINDS)):
                cell = wanted & (self.data == data) & (self.kinds == kind)
                found[cell] = share / max(int(cell.sum()), 1)
        for side in (self.live, ~self.live):
            found[side] /= 2 * found[side].sum()
        return found


def table(heard: Sequence[Heard]) -> Table:
    """Measure all."""
    failed, kept, rows = defaultdict[str, int](int), list[Heard](), list[NDArray[np.float64]]()
    for each in heard:
        found = measure(each.pcm.astype(np.float32) / 32768, each.speech)
        if found is None:
            failed[each.kind] += 1
        else:
            kept.append(each)
            rows.append(found)
    names = (np.array([getattr(each, name) for each in kept]) for name in ("data", "person", "kind"))
    data, people, kinds = names
    return Table(measured=np.array(rows), data=data, people=people, kinds=kinds, failed=failed)


def weigh(found: Table, wanted: NDArray[np.bool_], ridge: float) -> Weights:
    """For each kind of loudspeaker a line between it and people."""
    importance = found.importances(wanted)
    means = importance @ found.measured
    spreads = np.sqrt(importance @ (found.measured - means) ** 2)
    columns = np.clip((found.measured - means) / spreads, -FARTHEST, FARTHEST)
    lines = np.array([_line(columns, found, importance, kind, ridge) for kind in KINDS])
    numbers = {"means": means, "spreads": spreads, "offsets": lines[:, 0], "weights": lines[:, 1:]}
    return Weights.from_json(weights_text(numbers))


def _line(
    columns: NDArray[np.float64], found: Table, importance: NDArray[np.float64], kind: str, ridge: float
) -> NDArray[np.float64]:
    """Offset and weights: ridge-penalised logistic regression, people and `kind` counting alike."""
    weights = importance * (found.live | (found.kinds == kind))
    for side in (found.live, ~found.live):
        weights[side] /= 2 * weights[side].sum()
    sign = np.where(found.live, 1.0, -1.0)

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = sign * (columns @ values[1:] + values[0])
        slopes = -weights * sign * expit(-margins)
        cost = weights @ np.logaddexp(0, -margins) + 0.5 * ridge * values[1:] @ values[1:]
        return float(cost), np.r_[slopes.sum(), columns.T @ slopes + ridge * values[1:]]

    solved: NDArray[np.float64] = minimize(loss, np.zeros(len(NAMES) + 1), jac=True, method="L-BFGS-B").x
    return solved


def weights_text(numbers: Mapping[str, NDArray[np.float64]]) -> str:
    """The file's content."""
    rounded = {name: np.round(values, 5).tolist() for name, values in numbers.items()}
    content = {
        "format": FORMAT,
        "name": "loudspeaker",
        "data": DATA,
        "names": NAMES,
        "kinds": list(KINDS),
        **rounded,
    }
    return json.dumps(content, indent=2) + "\n"


def held_out(found: Table, groups: NDArray[np.str_], ridge: float) -> NDArray[np.float64]:
    """`float64[n]` scores, each by weights and offset that its group had no part in."""
    scores = np.empty(len(found.kinds))
    for group in sorted(set(groups)):
        out = groups == group
        raw = weigh(found, ~out, ridge).scores(found.measured)
        used = ~out & (found.kinds != SUITE)
        line = fit_logistic(LabelledScores(values=raw[used], mated=found.live[used]))
        scores[out] = line(raw[out], {})
    return scores


def folds(people: NDArray[np.str_]) -> NDArray[np.str_]:
    """Eight groups of people."""
    order = {who: str(index % 8) for index, who in enumerate(sorted(set(people)))}
    return np.array([order[who] for who in people])


def choose(found: Table) -> None:
    """What each ridge gives where 2 % of the bona fide are refused."""
    attacks = ~found.live & (found.kinds != SUITE)
    for ridge in (0.003, 0.01, 0.03, 0.1):
        for name, groups in (("corpora", found.data), ("people", folds(found.people))):
            scores = held_out(found, groups, ridge)
            threshold = np.quantile(scores[found.live], 0.02)
            refused = {kind: float((scores[found.kinds == kind] < threshold).mean()) for kind in (*KINDS, SUITE)}
            print(ridge, name, f"Cllr {cllr(scores[found.live], scores[attacks]):.3f}, from {threshold:.2f}", refused)


def fit(found: Table) -> None:
    """Write weights and calibration; the latter's slope is that of scores whose corpus had no part in them."""
    weights = weigh(found, np.ones(len(found.kinds), np.bool_), RIDGE)
    numbers = {name: getattr(weights, name) for name in ("means", "spreads", "offsets", "weights")}
    (FOLDER / "loudspeaker" / "weights.json").write_text(weights_text(numbers), "utf-8")
    shipped = Weights.shipped()
    used = found.kinds != SUITE
    live, apart = found.live[used], held_out(found, found.data, RIDGE)[used]
    values = shipped.scores(found.measured[used])
    line = fit_logistic(LabelledScores(values=values, mated=live))
    # How much less a score is worth on a corpus that was not seen.
    shrunk = min(1.0, fit_logistic(LabelledScores(values=apart, mated=live)).slope)
    calibration = Calibration(
        name="loudspeaker",
        modality=Modality.VOICE,
        comparator=COMPARATOR,
        model=shipped.ref,
        data=shipped.data,
        date=datetime.now(UTC).date().isoformat(),
        people=len(set(found.people)),
        mated=int(live.sum()),
        nonmated=int((~live).sum()),
        prior=0.5,
        cllr=round(cllr(apart[live], apart[~live]), 4),
        form=Logistic(intercept=shrunk * line.intercept, slope=shrunk * line.slope),
    )
    target = FOLDER / "calibrations" / "loudspeaker.json"
    target.write_text(json.dumps(calibration.as_json(), indent=2, sort_keys=True) + "\n", "utf-8")
    print(target.read_text("utf-8"), np.round(shipped.weights, 2))


def report(found: Table) -> None:
    """What passes, by corpus and by loudspeaker."""
    weights, calibrations = Weights.shipped(), Calibrations.load(FOLDER / "calibrations")
    llrs = np.array([calibrations.llr(weights.score(row)).value for row in found.measured])
    print(f"not measured: {dict(found.failed)}")
    for kind in (PERSON, AS_IT_IS, *KINDS, SUITE):
        mine = found.kinds == kind
        rows = {data: mine & (found.data == data) for data in sorted(set(found.data))} if kind == PERSON else {}
        for name, rows_of in {**rows, "all": mine}.items():
            below = [int((llrs[rows_of] < floor).sum()) for floor in (FLOOR, 0.0)]
            count = int(rows_of.sum())
            low, high = (100 * end for end in clopper_pearson(below[0], count))
            taken = np.clip(-llrs[rows_of], 0.0, TAKES_AT_MOST)
            print(
                f"| {kind} | {name} | {len(set(found.people[rows_of]))} | {count} | {below[0]} ({below[0] / count:.0%}) "
                f"[{low:.1f}, {high:.1f}] | {below[1]} | {taken.mean():.2f} | {np.median(llrs[rows_of]):.1f} |"
            )


def main(arguments: Sequence[str]) -> None:
    """See the module."""
    match arguments:
        case ["hear", side, target, *every]:
            hear(Side(side), Path(target), every=int(every[0]) if every else 1)
        case [("choose" | "fit" | "report") as what, source]:
            heard = pickle.loads(Path(source).read_bytes())  # noqa: S301 - our own file
            {"choose": choose, "fit": fit, "report": report}[what](table(heard))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
